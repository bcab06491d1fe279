// Winograd's F(2×2, 3×3): with tiles d of 4×4 inputs that overlap by two, a filter g of 3×3 and
// ξ = 1 … 16 the cells of a 4×4 tile,
//
//     u = G g Gᵀ,   v = Bᵀ d B,   m_ξ = Σ_inputs u_ξ v_ξ,   y = Aᵀ m A   (2×2 outputs)          (1)
//     dg = Gᵀ [Σ_tiles (A dy Aᵀ)_ξ v_ξ] G                                                    (2)
//
// which takes 16 products where the definition takes 36. The sums over channels in (1) and over
// tiles in (2) are 16 matrix products. dx of (1) is the same convolution of dy with the filter
// turned by a half turn and the roles of inputs and outputs exchanged.
//
// Everything is added in an order that the extents fix, whatever the number of threads.
//
// - Source: Lavin & Gray, CVPR 2016.
#include "winograd.h"

#include <string.h>

#include "clones.h"
#include "parallel.h"

enum { LANES = 8, CELLS = 16, GROUP = 6, PANEL = 16 };

typedef float vector __attribute__((vector_size(4 * LANES), aligned(4)));

#define INLINE static inline __attribute__((always_inline))

// ---- Tiles

struct tiles {
  int64_t rows, columns, count;  // of tiles: in an image, in all
};

static struct tiles tiles_of(const struct ckernels_winograd *shape) {
  const int64_t rows = (shape->rows + 2 * shape->padding - 1) / 2;
  const int64_t columns = (shape->columns + 2 * shape->padding - 1) / 2;
  return (struct tiles){rows, columns, shape->images * rows * columns};
}

// v = Bᵀ d B of `count` tiles from tile `first` on, for one block of channels of images
// `[images, blocks, rows, columns, 8]`: v[ξ · stride + tile · 8 + lane].
INLINE void transform_inputs(const float *x, int64_t blocks, int64_t block, int64_t rows,
                             int64_t columns, int64_t padding, const struct tiles *tiles,
                             int64_t first, int64_t count, float *v, int64_t stride) {
  const vector zero = {0};
  for (int64_t t = 0; t < count; t++) {
    const int64_t tile = first + t, in_image = tile % (tiles->rows * tiles->columns);
    const int64_t image = tile / (tiles->rows * tiles->columns);
    const int64_t row = in_image / tiles->columns * 2 - padding;
    const int64_t column = in_image % tiles->columns * 2 - padding;
    const float *plane = x + (image * blocks + block) * rows * columns * LANES;
    vector b[4][4];
    const int inside = row >= 0 && column >= 0 && row + 4 <= rows && column + 4 <= columns;
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++) {
      vector d[4];
#pragma clang loop unroll(full)
      for (int j = 0; j < 4; j++) {
        const int64_t r = row + i, c = column + j;
        d[j] = inside || (r >= 0 && c >= 0 && r < rows && c < columns)
                   ? *(const vector *)(plane + (r * columns + c) * LANES)
                   : zero;
      }
      b[i][0] = d[0] - d[2];
      b[i][1] = d[1] + d[2];
      b[i][2] = d[2] - d[1];
      b[i][3] = d[1] - d[3];
    }
    float *out = v + t * LANES;
#pragma clang loop unroll(full)
    for (int j = 0; j < 4; j++) {
      *(vector *)(out + (0 + j) * stride) = b[0][j] - b[2][j];
      *(vector *)(out + (4 + j) * stride) = b[1][j] + b[2][j];
      *(vector *)(out + (8 + j) * stride) = b[2][j] - b[1][j];
      *(vector *)(out + (12 + j) * stride) = b[1][j] - b[3][j];
    }
  }
}

// A dy Aᵀ of `count` tiles, as above; `rows` and `columns` are those of dy.
INLINE void transform_cotangents(const float *dy, int64_t blocks, int64_t block, int64_t rows,
                                 int64_t columns, const struct tiles *tiles, int64_t first,
                                 int64_t count, float *v, int64_t stride) {
  const vector zero = {0};
  for (int64_t t = 0; t < count; t++) {
    const int64_t tile = first + t, in_image = tile % (tiles->rows * tiles->columns);
    const int64_t image = tile / (tiles->rows * tiles->columns);
    const int64_t row = in_image / tiles->columns * 2, column = in_image % tiles->columns * 2;
    const float *plane = dy + (image * blocks + block) * rows * columns * LANES;
    vector a[2][4];
#pragma clang loop unroll(full)
    for (int i = 0; i < 2; i++) {
      vector d[2];
#pragma clang loop unroll(full)
      for (int j = 0; j < 2; j++)
        d[j] = row + i < rows && column + j < columns
                   ? *(const vector *)(plane + ((row + i) * columns + column + j) * LANES)
                   : zero;
      a[i][0] = d[0];
      a[i][1] = d[0] + d[1];
      a[i][2] = d[0] - d[1];
      a[i][3] = -d[1];
    }
    float *out = v + t * LANES;
#pragma clang loop unroll(full)
    for (int j = 0; j < 4; j++) {
      *(vector *)(out + (0 + j) * stride) = a[0][j];
      *(vector *)(out + (4 + j) * stride) = a[0][j] + a[1][j];
      *(vector *)(out + (8 + j) * stride) = a[0][j] - a[1][j];
      *(vector *)(out + (12 + j) * stride) = -a[1][j];
    }
  }
}

// y = Aᵀ m A of `count` tiles, m as above; `rows` and `columns` are those of y.
INLINE void transform_outputs(const float *m, int64_t stride, const struct tiles *tiles,
                              int64_t first, int64_t count, float *y, int64_t blocks,
                              int64_t block, int64_t rows, int64_t columns) {
  for (int64_t t = 0; t < count; t++) {
    const int64_t tile = first + t, in_image = tile % (tiles->rows * tiles->columns);
    const int64_t image = tile / (tiles->rows * tiles->columns);
    const int64_t row = in_image / tiles->columns * 2, column = in_image % tiles->columns * 2;
    float *plane = y + (image * blocks + block) * rows * columns * LANES;
    const float *in = m + t * LANES;
    vector a[2][4];
#pragma clang loop unroll(full)
    for (int j = 0; j < 4; j++) {
      const vector m0 = *(const vector *)(in + (0 + j) * stride);
      const vector m1 = *(const vector *)(in + (4 + j) * stride);
      const vector m2 = *(const vector *)(in + (8 + j) * stride);
      const vector m3 = *(const vector *)(in + (12 + j) * stride);
      a[0][j] = m0 + m1 + m2;
      a[1][j] = m1 - m2 - m3;
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < 2; i++) {
      if (row + i >= rows) break;
      float *out = plane + ((row + i) * columns + column) * LANES;
      *(vector *)out = a[i][0] + a[i][1] + a[i][2];
      if (column + 1 < columns) *(vector *)(out + LANES) = a[i][1] - a[i][2] - a[i][3];
    }
  }
}

// ---- Filters

// The 8×8 filters of a pair of blocks, [3][3][8 inputs][8 outputs], with the inputs and outputs
// exchanged and turned by a half turn.
static void exchange(const float *w, float *turned) {
  for (int tap = 0; tap < 9; tap++)
    for (int i = 0; i < LANES; i++)
      for (int o = 0; o < LANES; o++)
        turned[((8 - tap) * LANES + o) * LANES + i] = w[(tap * LANES + i) * LANES + o];
}

struct product {
  struct ckernels_winograd shape;  // of the convolution that is computed
  struct tiles tiles;
  int exchanged;                   // whether w is that of the transposed convolution
  const float *x, *w;
  float *y, *u, *private;
  int64_t panels, width;           // of outputs; tiles in a portion of work
};

// u = G g Gᵀ: u[((ξ · panels + panel) · inputs + input) · 16 + output in panel]
CKERNELS_FUSED_CLONES static void filters(const struct product *work, int64_t block_out,
                                          int64_t block_in) {
  const int64_t inputs = work->shape.inputs, outputs = work->shape.outputs;
  const vector half = {0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f};
  float turned[9 * LANES * LANES];
  const float *g;
  if (work->exchanged) {
    exchange(work->w + (block_in * (outputs / LANES) + block_out) * 9 * LANES * LANES, turned);
    g = turned;
  } else {
    g = work->w + (block_out * (inputs / LANES) + block_in) * 9 * LANES * LANES;
  }
  const int64_t stride = work->panels * inputs * PANEL;
  for (int i = 0; i < LANES; i++) {
    vector rows[4][3];
    for (int c = 0; c < 3; c++) {
      const vector g0 = *(const vector *)(g + ((0 + c) * LANES + i) * LANES);
      const vector g1 = *(const vector *)(g + ((3 + c) * LANES + i) * LANES);
      const vector g2 = *(const vector *)(g + ((6 + c) * LANES + i) * LANES);
      rows[0][c] = g0;
      rows[1][c] = half * (g0 + g1 + g2);
      rows[2][c] = half * (g0 - g1 + g2);
      rows[3][c] = g2;
    }
    float *u = work->u + ((block_out / 2) * inputs + block_in * LANES + i) * PANEL +
               block_out % 2 * LANES;
    for (int r = 0; r < 4; r++) {
      const vector a = rows[r][0], b = rows[r][1], c = rows[r][2];
      *(vector *)(u + (4 * r + 0) * stride) = a;
      *(vector *)(u + (4 * r + 1) * stride) = half * (a + b + c);
      *(vector *)(u + (4 * r + 2) * stride) = half * (a - b + c);
      *(vector *)(u + (4 * r + 3) * stride) = c;
    }
  }
}

static void filters_body(void *context, int thread, int threads) {
  const struct product *work = context;
  const int64_t in = work->shape.inputs / LANES, out = work->shape.outputs / LANES;
  for (int64_t k = in * out * thread / threads; k < in * out * (thread + 1) / threads; k++)
    filters(work, k / in, k % in);
}

// ---- y = W ∗ x

// A sum of n products in a row errs by about √(n/6) roundings. Sums of b products each, which are
// then added up, err by √((b + n/b)/6): blocks of channels and tiles that make up such sums.
enum { SPAN = 4, TILES = 64 };

// m[block of outputs][tile][8] = Σ over inputs u v, for one ξ, one panel of outputs, GROUP tiles.
INLINE void multiply(const float *v, const float *u, int64_t blocks_in, int64_t width, float *m) {
  for (int64_t first = 0; first < blocks_in; first += SPAN) {
    const int64_t end = first + SPAN < blocks_in ? first + SPAN : blocks_in;
    vector sums[GROUP][2] = {0};
    for (int64_t block = first; block < end; block++) {
      const float *a = v + block * width * LANES;
#pragma clang loop unroll(full)
      for (int k = 0; k < LANES; k++, u += PANEL) {
        const vector b0 = *(const vector *)u, b1 = *(const vector *)(u + LANES);
#pragma clang loop unroll(full)
        for (int t = 0; t < GROUP; t++) {
          const float factor = a[t * LANES + k];
          sums[t][0] += factor * b0;
          sums[t][1] += factor * b1;
        }
      }
    }
#pragma clang loop unroll(full)
    for (int t = 0; t < GROUP; t++) {
      vector *m0 = (vector *)(m + t * LANES), *m1 = (vector *)(m + (width + t) * LANES);
      *m0 = first ? *m0 + sums[t][0] : sums[t][0];
      *m1 = first ? *m1 + sums[t][1] : sums[t][1];
    }
  }
}

CKERNELS_FUSED_CLONES static void portion(const struct product *work, int64_t first, float *v,
                                          float *m) {
  const struct ckernels_winograd *shape = &work->shape;
  const int64_t width = work->width, rest = work->tiles.count - first;
  const int64_t count = rest < width ? rest : width;
  const int64_t in = shape->inputs / LANES, out = shape->outputs / LANES;
  const int64_t rows = shape->rows + 2 * shape->padding - 2;
  const int64_t columns = shape->columns + 2 * shape->padding - 2;
  const int64_t v_stride = in * width * LANES, m_stride = 2 * work->panels * width * LANES;
  for (int64_t block = 0; block < in; block++)
    transform_inputs(work->x, in, block, shape->rows, shape->columns, shape->padding,
                     &work->tiles, first, count, v + block * width * LANES, v_stride);
  for (int64_t cell = 0; cell < CELLS; cell++)
    for (int64_t panel = 0; panel < work->panels; panel++)
      for (int64_t tile = 0; tile < count; tile += GROUP)
        multiply(v + cell * v_stride + tile * LANES,
                 work->u + (cell * work->panels + panel) * shape->inputs * PANEL, in, width,
                 m + cell * m_stride + (2 * panel * width + tile) * LANES);
  for (int64_t block = 0; block < out; block++)
    transform_outputs(m + block * width * LANES, m_stride, &work->tiles, first, count, work->y,
                      out, block, rows, columns);
}

static int64_t private_floats(int64_t inputs, int64_t panels, int64_t width) {
  return CELLS * width * (inputs + panels * PANEL);
}

static void portions_body(void *context, int thread, int threads) {
  const struct product *work = context;
  const int64_t width = work->width, count = (work->tiles.count + width - 1) / width;
  float *v = work->private +
             thread * private_floats(work->shape.inputs, work->panels, work->width);
  float *m = v + CELLS * width * work->shape.inputs;
  for (int64_t k = count * thread / threads; k < count * (thread + 1) / threads; k++)
    portion(work, k * width, v, m);
}

// Tiles that a thread works on at a time: what they become fits into its own cache.
static int64_t width_for(int64_t inputs, int64_t outputs) {
  const int64_t fitting = (int64_t)98304 / (CELLS * (inputs + outputs)) / GROUP * GROUP;
  return fitting < 2 * GROUP ? 2 * GROUP : fitting > 16 * GROUP ? 16 * GROUP : fitting;
}

static int64_t scratch_for(int64_t inputs, int64_t outputs, int threads) {
  const int64_t panels = (outputs + PANEL - 1) / PANEL;
  return CELLS * panels * PANEL * inputs +
         threads * private_floats(inputs, panels, width_for(inputs, outputs));
}

int64_t ckernels_winograd_scratch(struct ckernels_winograd shape, int threads) {
  const int64_t there = scratch_for(shape.inputs, shape.outputs, threads);
  const int64_t back = scratch_for(shape.outputs, shape.inputs, threads);
  return there > back ? there : back;
}

static void convolve(struct ckernels_winograd shape, int exchanged, const float *x, const float *w,
                     float *y, float *scratch, int threads) {
  const int64_t panels = (shape.outputs + PANEL - 1) / PANEL;
  const int64_t filters = CELLS * panels * PANEL * shape.inputs;
  struct product work = {shape, tiles_of(&shape), exchanged, x, w, y, scratch,
                         scratch + filters, panels, width_for(shape.inputs, shape.outputs)};
  // The half of the last panel that has no outputs.
  if (shape.outputs % PANEL != 0) memset(work.u, 0, (size_t)filters * sizeof *work.u);
  ckernels_parallel(threads, filters_body, &work);
  ckernels_parallel(threads, portions_body, &work);
}

void ckernels_winograd(struct ckernels_winograd shape, const float *x, const float *w, float *y,
                       float *scratch, int threads) {
  convolve(shape, 0, x, w, y, scratch, threads);
}

void ckernels_winograd_backward(struct ckernels_winograd shape, const float *dy, const float *w,
                                float *dx, float *scratch, int threads) {
  const struct ckernels_winograd back = {
      shape.images, shape.outputs, shape.inputs, shape.rows + 2 * shape.padding - 2,
      shape.columns + 2 * shape.padding - 2, 2 - shape.padding};
  convolve(back, 1, dy, w, dx, scratch, threads);
}

// ---- dW = dy ⋆ x

struct weights {
  struct ckernels_winograd shape;
  struct tiles tiles;
  const float *x, *dy;
  float *dw, *v, *d, *sums;
  int64_t first, count, width;  // the tiles that are being added
};

// Both transforms: of one block of channels, inputs first.
CKERNELS_FUSED_CLONES static void weights_transform(const struct weights *work, int64_t block,
                                                    int64_t begin, int64_t count) {
  const struct ckernels_winograd *shape = &work->shape;
  const int64_t in = shape->inputs / LANES, out = shape->outputs / LANES, width = work->width;
  const int64_t first = work->first + begin;
  if (block < in)
    transform_inputs(work->x, in, block, shape->rows, shape->columns, shape->padding,
                     &work->tiles, first, count, work->v + (block * width + begin) * LANES,
                     in * width * LANES);
  else
    transform_cotangents(work->dy, out, block - in, shape->rows + 2 * shape->padding - 2,
                         shape->columns + 2 * shape->padding - 2, &work->tiles, first, count,
                         work->d + ((block - in) * width + begin) * LANES, out * width * LANES);
}

static void weights_transform_body(void *context, int thread, int threads) {
  const struct weights *work = context;
  const int64_t blocks = (work->shape.inputs + work->shape.outputs) / LANES;
  const int64_t begin = work->count * thread / threads;
  const int64_t end = work->count * (thread + 1) / threads;
  for (int64_t block = 0; block < blocks; block++)
    weights_transform(work, block, begin, end - begin);
}

enum { ROWS = 4 };

// sums[input][output] += Σ over tiles v d, for ROWS inputs of one block and two blocks of outputs.
INLINE void accumulate(const float *v, const float *d0, const float *d1, int64_t count,
                       float *sums, int64_t stride) {
  for (int64_t first = 0; first < count; first += TILES) {
    const int64_t end = first + TILES < count ? first + TILES : count;
    vector partial[ROWS][2] = {0};
    for (int64_t t = first; t < end; t++) {
      const vector b0 = *(const vector *)(d0 + t * LANES), b1 = *(const vector *)(d1 + t * LANES);
#pragma clang loop unroll(full)
      for (int r = 0; r < ROWS; r++) {
        const float factor = v[t * LANES + r];
        partial[r][0] += factor * b0;
        partial[r][1] += factor * b1;
      }
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < ROWS; r++) {
      *(vector *)(sums + r * LANES) += partial[r][0];
      if (stride) *(vector *)(sums + stride + r * LANES) += partial[r][1];
    }
  }
}

// One ξ, one pair of blocks of outputs: sums[ξ][block of outputs][input][8].
CKERNELS_FUSED_CLONES static void weights_accumulate(const struct weights *work, int64_t cell,
                                                     int64_t pair) {
  const int64_t in = work->shape.inputs / LANES, out = work->shape.outputs / LANES;
  const int64_t width = work->width, stride = work->shape.inputs * LANES;
  const int has_two = 2 * pair + 1 < out;
  const float *d = work->d + (cell * out + 2 * pair) * width * LANES;
  float *sums = work->sums + (cell * out + 2 * pair) * stride;
  for (int64_t block = 0; block < in; block++)
    for (int half = 0; half < LANES / ROWS; half++)
      accumulate(work->v + (cell * in + block) * width * LANES + half * ROWS, d,
                 has_two ? d + width * LANES : d, work->count,
                 sums + (block * LANES + half * ROWS) * LANES, has_two ? stride : 0);
}

static void weights_accumulate_body(void *context, int thread, int threads) {
  const struct weights *work = context;
  const int64_t pairs = (work->shape.outputs / LANES + 1) / 2, count = CELLS * pairs;
  for (int64_t k = count * thread / threads; k < count * (thread + 1) / threads; k++)
    weights_accumulate(work, k / pairs, k % pairs);
}

// dg = Gᵀ sums G of one pair of blocks.
CKERNELS_FUSED_CLONES static void weights_finish(const struct weights *work, int64_t block_out,
                                                 int64_t block_in) {
  const int64_t in = work->shape.inputs / LANES, out = work->shape.outputs / LANES;
  const int64_t stride = out * work->shape.inputs * LANES;
  const vector half = {0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f};
  float *dw = work->dw + (block_out * in + block_in) * 9 * LANES * LANES;
  for (int i = 0; i < LANES; i++) {
    const float *s =
        work->sums + (block_out * work->shape.inputs + block_in * LANES + i) * LANES;
    vector rows[3][4];
    for (int c = 0; c < 4; c++) {
      const vector s0 = *(const vector *)(s + (0 + c) * stride);
      const vector s1 = *(const vector *)(s + (4 + c) * stride);
      const vector s2 = *(const vector *)(s + (8 + c) * stride);
      const vector s3 = *(const vector *)(s + (12 + c) * stride);
      rows[0][c] = s0 + half * (s1 + s2);
      rows[1][c] = half * (s1 - s2);
      rows[2][c] = half * (s1 + s2) + s3;
    }
    for (int r = 0; r < 3; r++) {
      const vector a = rows[r][0], b = rows[r][1], c = rows[r][2], e = rows[r][3];
      *(vector *)(dw + ((3 * r + 0) * LANES + i) * LANES) = a + half * (b + c);
      *(vector *)(dw + ((3 * r + 1) * LANES + i) * LANES) = half * (b - c);
      *(vector *)(dw + ((3 * r + 2) * LANES + i) * LANES) = half * (b + c) + e;
    }
  }
}

static void weights_finish_body(void *context, int thread, int threads) {
  const struct weights *work = context;
  const int64_t in = work->shape.inputs / LANES, out = work->shape.outputs / LANES;
  for (int64_t k = in * out * thread / threads; k < in * out * (thread + 1) / threads; k++)
    weights_finish(work, k / in, k % in);
}

// Tiles that are added at a time: what they become fits into the cache that threads share.
static int64_t weights_width(const struct ckernels_winograd *shape) {
  const int64_t fitting = (int64_t)1048576 / (CELLS * (shape->inputs + shape->outputs));
  const int64_t count = tiles_of(shape).count;
  const int64_t width = fitting < 64 ? 64 : fitting;
  return width < count ? width : count;
}

int64_t ckernels_winograd_weights_scratch(struct ckernels_winograd shape) {
  return CELLS * ((shape.inputs + shape.outputs) * weights_width(&shape) +
                  shape.inputs * shape.outputs);
}

void ckernels_winograd_weights(struct ckernels_winograd shape, const float *x, const float *dy,
                               float *dw, float *scratch, int threads) {
  const int64_t width = weights_width(&shape);
  float *d = scratch + CELLS * shape.inputs * width, *sums = d + CELLS * shape.outputs * width;
  struct weights work = {shape, tiles_of(&shape), x, dy, dw, scratch, d, sums, 0, 0, width};
  memset(sums, 0, (size_t)(CELLS * shape.inputs * shape.outputs) * sizeof *sums);
  for (work.first = 0; work.first < work.tiles.count; work.first += width) {
    const int64_t rest = work.tiles.count - work.first;
    work.count = rest < width ? rest : width;
    ckernels_parallel(threads, weights_transform_body, &work);
    ckernels_parallel(threads, weights_accumulate_body, &work);
  }
  ckernels_parallel(threads, weights_finish_body, &work);
}
