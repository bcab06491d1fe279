#include "tensors.h"

#include <string.h>

#include "clones.h"
#include "parallel.h"

// A box of axes, the last one fastest; odometer counts through all but the last.

struct box {
  int rank;
  int64_t extents[CKERNELS_MAX_RANK];
  int64_t strides[3][CKERNELS_MAX_RANK];
};

// Drops axes of extent 1 and merges neighbours that every operand walks through in one stride.
static struct box merged(int rank, const int64_t *extents, int operands,
                         const int64_t *const *strides) {
  struct box box = {.rank = 0};
  for (int axis = 0; axis < rank; axis++) {
    if (extents[axis] == 1) continue;
    int last = box.rank - 1, merges = box.rank > 0;
    for (int k = 0; k < operands && merges; k++)
      merges = box.strides[k][last] == strides[k][axis] * extents[axis];
    int target = merges ? last : box.rank++;
    box.extents[target] = merges ? box.extents[target] * extents[axis] : extents[axis];
    for (int k = 0; k < operands; k++) box.strides[k][target] = strides[k][axis];
  }
  if (box.rank == 0) {
    box.rank = 1;
    box.extents[0] = 1;
    for (int k = 0; k < operands; k++) box.strides[k][0] = 1;
  }
  return box;
}

static int64_t volume(const struct box *box) {
  int64_t count = 1;
  for (int axis = 0; axis < box->rank; axis++) count *= box->extents[axis];
  return count;
}

struct odometer {
  int64_t index[CKERNELS_MAX_RANK];
  int64_t offset[3];
};

// The position of element `start` of the row-major order; the last axis goes into `*inner`.
static struct odometer positioned(const struct box *box, int operands, int64_t start,
                                  int64_t *inner) {
  struct odometer odometer = {{0}, {0}};
  int last = box->rank - 1;
  *inner = start % box->extents[last];
  start /= box->extents[last];
  for (int axis = last - 1; axis >= 0; axis--) {
    odometer.index[axis] = start % box->extents[axis];
    start /= box->extents[axis];
    for (int k = 0; k < operands; k++)
      odometer.offset[k] += odometer.index[axis] * box->strides[k][axis];
  }
  return odometer;
}

static inline void advance(const struct box *box, int operands, struct odometer *odometer) {
  for (int axis = box->rank - 2; axis >= 0; axis--) {
    for (int k = 0; k < operands; k++) odometer->offset[k] += box->strides[k][axis];
    if (++odometer->index[axis] < box->extents[axis]) return;
    odometer->index[axis] = 0;
    for (int k = 0; k < operands; k++)
      odometer->offset[k] -= box->extents[axis] * box->strides[k][axis];
  }
}

// The share of `count` items that one of `threads` threads works on, in steps of 64 items so that
// no two threads write to one cache line.
static void share(int64_t count, int thread, int threads, int64_t *begin, int64_t *end) {
  int64_t blocks = (count + 63) / 64;
  *begin = blocks * thread / threads * 64;
  *end = blocks * (thread + 1) / threads * 64;
  if (*end > count) *end = count;
}

// Threads are worth waking for more work than this.
enum { SMALL = 16384 };

// ---- y = a ∘ b

#define LOOP(expression)                                      \
  for (int64_t i = 0; i < n; i++) {                           \
    const float u = a[i * sa], v = b[i * sb];                 \
    y[i] = expression;                                        \
  }                                                           \
  break;

#define RUN(name, expression)                                                                \
  CKERNELS_CLONES static void name(int64_t n, int64_t stride_a, int64_t stride_b,            \
                                   const float *a, const float *b, float *y) {               \
    switch ((stride_a == 1 ? 0 : stride_a == 0 ? 1 : 2) * 3 +                                \
            (stride_b == 1 ? 0 : stride_b == 0 ? 1 : 2)) {                                   \
      case 0: { const int64_t sa = 1, sb = 1; LOOP(expression) }                             \
      case 1: { const int64_t sa = 1, sb = 0; LOOP(expression) }                             \
      case 3: { const int64_t sa = 0, sb = 1; LOOP(expression) }                             \
      default: { const int64_t sa = stride_a, sb = stride_b; LOOP(expression) }              \
    }                                                                                        \
  }

RUN(run_add, u + v)
RUN(run_subtract, u - v)
RUN(run_multiply, u *v)
RUN(run_divide, u / v)

struct binary {
  struct box box;
  const float *a, *b;
  float *y;
  void (*run)(int64_t, int64_t, int64_t, const float *, const float *, float *);
};

static void binary_body(void *context, int thread, int threads) {
  const struct binary *work = context;
  const struct box *box = &work->box;
  const int last = box->rank - 1;
  const int64_t extent = box->extents[last];
  const int64_t sa = box->strides[0][last], sb = box->strides[1][last];
  int64_t begin, end, inner;
  share(volume(box), thread, threads, &begin, &end);
  if (begin >= end) return;
  struct odometer at = positioned(box, 2, begin, &inner);
  while (begin < end) {
    int64_t n = extent - inner < end - begin ? extent - inner : end - begin;
    work->run(n, sa, sb, work->a + at.offset[0] + inner * sa, work->b + at.offset[1] + inner * sb,
              work->y + begin);
    begin += n;
    inner = 0;
    advance(box, 2, &at);
  }
}

void ckernels_binary(int operation, int rank, const int64_t *extents, const int64_t *strides_a,
                     const int64_t *strides_b, const float *a, const float *b, float *y,
                     int threads) {
  static void (*const runs[])(int64_t, int64_t, int64_t, const float *, const float *, float *) = {
      run_add, run_subtract, run_multiply, run_divide};
  const int64_t *strides[] = {strides_a, strides_b};
  struct binary work = {merged(rank, extents, 2, strides), a, b, y, runs[operation]};
  ckernels_parallel(volume(&work.box) < SMALL ? 1 : threads, binary_body, &work);
}

// ---- y = a

struct copy {
  struct box box;
  const float *a;
  float *y;
};

static void copy_body(void *context, int thread, int threads) {
  const struct copy *work = context;
  const struct box *box = &work->box;
  const int last = box->rank - 1;
  const int64_t extent = box->extents[last];
  const int64_t sa = box->strides[0][last], sy = box->strides[1][last];
  int64_t begin, end, inner;
  share(volume(box), thread, threads, &begin, &end);
  if (begin >= end) return;
  struct odometer at = positioned(box, 2, begin, &inner);
  while (begin < end) {
    int64_t n = extent - inner < end - begin ? extent - inner : end - begin;
    const float *a = work->a + at.offset[0] + inner * sa;
    float *y = work->y + at.offset[1] + inner * sy;
    if (sa == 1 && sy == 1)
      memcpy(y, a, (size_t)n * sizeof *y);
    else
      for (int64_t i = 0; i < n; i++) y[i * sy] = a[i * sa];
    begin += n;
    inner = 0;
    advance(box, 2, &at);
  }
}

void ckernels_copy(int rank, const int64_t *extents, const int64_t *strides_a,
                   const int64_t *strides_y, const float *a, float *y, int threads) {
  const int64_t *strides[] = {strides_a, strides_y};
  struct copy work = {merged(rank, extents, 2, strides), a, y};
  ckernels_parallel(volume(&work.box) < SMALL ? 1 : threads, copy_body, &work);
}

// ---- y = Σ a b
//
// A unit of work is up to LANES neighbouring results (contiguous in a and b, or repeated in b), or
// one result where they are not neighbours. Its sum runs over the summed axes in row-major order.

enum { LANES = 64, SHORT_RUN = 128 };

// Σ a b along one axis, in 16 partial sums.
CKERNELS_CLONES static float run_dot(int64_t n, int64_t sa, int64_t sb, const float *a,
                                     const float *b) {
  float partial[16] = {0};
  int64_t i = 0;
  if (sa == 1 && b == 0) {
    for (; i + 16 <= n; i += 16)
      for (int k = 0; k < 16; k++) partial[k] += a[i + k];
  } else if (sa == 1 && sb == 1) {
    for (; i + 16 <= n; i += 16)
      for (int k = 0; k < 16; k++) partial[k] += a[i + k] * b[i + k];
  }
  for (; i < n; i++) partial[i % 16] += a[i * sa] * (b ? b[i * sb] : 1);
  float sum = 0;
  for (int k = 0; k < 16; k++) sum += partial[k];
  return sum;
}

// sums[k] += Σ_i a[i, k] b[i, k] for n rows of `lanes` neighbours.
CKERNELS_CLONES static void run_rows(int64_t n, int lanes, int64_t sa, int64_t sb, int64_t lane_b,
                                     const float *restrict a, const float *restrict b,
                                     float *restrict sums) {
  for (int64_t i = 0; i < n; i++) {
    const float *row = a + i * sa;
    if (b == 0) {
      for (int k = 0; k < lanes; k++) sums[k] += row[k];
    } else if (lane_b == 0) {
      const float factor = b[i * sb];
      for (int k = 0; k < lanes; k++) sums[k] += row[k] * factor;
    } else {
      const float *factors = b + i * sb;
      for (int k = 0; k < lanes; k++) sums[k] += row[k] * factors[k];
    }
  }
}

struct sum {
  struct box kept, summed;
  const float *a, *b;
  float scale;
  float *y;
};

static void sum_lanes(const struct sum *work, int lanes, int64_t lane_b, const float *a,
                      const float *b, float *y) {
  const struct box *box = &work->summed;
  const int last = box->rank - 1;
  const int64_t extent = box->extents[last], rows = volume(box) / extent;
  double total[LANES] = {0};
  float sums[LANES] = {0};
  int64_t inner, pending = 0;
  struct odometer at = positioned(box, 2, 0, &inner);
  for (int64_t row = 0; row < rows; row++) {
    for (int64_t start = 0; start < extent; start += SHORT_RUN) {
      const int64_t n = extent - start < SHORT_RUN ? extent - start : SHORT_RUN;
      run_rows(n, lanes, box->strides[0][last], box->strides[1][last], lane_b,
               a + at.offset[0] + start * box->strides[0][last],
               b ? b + at.offset[1] + start * box->strides[1][last] : 0, sums);
      pending += n;
      if (pending >= SHORT_RUN) {
        for (int k = 0; k < lanes; k++) total[k] += sums[k], sums[k] = 0;
        pending = 0;
      }
    }
    advance(box, 2, &at);
  }
  for (int k = 0; k < lanes; k++) y[k] = (float)((total[k] + sums[k]) * work->scale);
}

static double sum_one(const struct box *box, const float *a, const float *b, int64_t begin,
                      int64_t end) {
  const int last = box->rank - 1;
  const int64_t extent = box->extents[last];
  const int64_t sa = box->strides[0][last], sb = box->strides[1][last];
  int64_t inner;
  double total = 0;
  struct odometer at = positioned(box, 2, begin, &inner);
  while (begin < end) {
    int64_t n = extent - inner < end - begin ? extent - inner : end - begin;
    if (n > SHORT_RUN) n = SHORT_RUN;
    total += run_dot(n, sa, sb, a + at.offset[0] + inner * sa,
                     b ? b + at.offset[1] + inner * sb : 0);
    begin += n;
    inner += n;
    if (inner == extent) {
      inner = 0;
      advance(box, 2, &at);
    }
  }
  return total;
}

static void sum_body(void *context, int thread, int threads) {
  const struct sum *work = context;
  const struct box *kept = &work->kept;
  const int last = kept->rank - 1;
  const int64_t extent = kept->extents[last], lane_b = kept->strides[1][last];
  const int neighbours =
      extent > 1 && kept->strides[0][last] == 1 && (work->b == 0 || lane_b <= 1);
  int64_t begin, end, inner;
  share(volume(kept), thread, threads, &begin, &end);
  if (begin >= end) return;
  struct odometer at = positioned(kept, 2, begin, &inner);
  while (begin < end) {
    int64_t n = extent - inner < end - begin ? extent - inner : end - begin;
    if (n > LANES) n = LANES;
    const float *a = work->a + at.offset[0] + inner * kept->strides[0][last];
    const float *b = work->b ? work->b + at.offset[1] + inner * lane_b : 0;
    if (neighbours) {
      sum_lanes(work, (int)n, lane_b, a, b, work->y + begin);
    } else {
      n = 1;
      work->y[begin] =
          (float)(sum_one(&work->summed, a, b, 0, volume(&work->summed)) * work->scale);
    }
    begin += n;
    inner += n;
    if (inner == extent) {
      inner = 0;
      advance(kept, 2, &at);
    }
  }
}

// One sum over everything: pieces of fixed length, whose sums are added in order.

enum { PIECE = 65536, MAX_PIECES = 4096 };

struct total {
  const struct box *box;
  const float *a, *b;
  int64_t piece, pieces;
  double *sums;
};

static void total_body(void *context, int thread, int threads) {
  const struct total *work = context;
  const int64_t count = volume(work->box);
  for (int64_t k = work->pieces * thread / threads; k < work->pieces * (thread + 1) / threads;
       k++) {
    int64_t end = (k + 1) * work->piece < count ? (k + 1) * work->piece : count;
    work->sums[k] = sum_one(work->box, work->a, work->b, k * work->piece, end);
  }
}

void ckernels_sum(int kept_rank, const int64_t *kept_extents, const int64_t *kept_a,
                  const int64_t *kept_b, int summed_rank, const int64_t *summed_extents,
                  const int64_t *summed_a, const int64_t *summed_b, const float *a, const float *b,
                  float scale, float *y, int threads) {
  const int64_t *kept[] = {kept_a, kept_b}, *summed[] = {summed_a, summed_b};
  struct sum work = {merged(kept_rank, kept_extents, 2, kept),
                     merged(summed_rank, summed_extents, 2, summed), a, b, scale, y};
  const int64_t results = volume(&work.kept), terms = volume(&work.summed);
  if (results > 1 || terms <= PIECE) {
    ckernels_parallel(results * terms < SMALL ? 1 : threads, sum_body, &work);
    return;
  }
  int64_t piece = PIECE;
  while ((terms + piece - 1) / piece > MAX_PIECES) piece *= 2;
  double sums[MAX_PIECES];
  struct total total = {&work.summed, a, b, piece, (terms + piece - 1) / piece, sums};
  ckernels_parallel(threads, total_body, &total);
  double sum = 0;
  for (int64_t k = 0; k < total.pieces; k++) sum += sums[k];
  *y = (float)(sum * scale);
}

// ---- functions of single elements

struct flat {
  int64_t count;
  const float *a, *b;
  float scale, shift;
  float *y;
  void (*run)(const struct flat *work, int64_t begin, int64_t end);
};

CKERNELS_CLONES static void run_affine(const struct flat *work, int64_t begin, int64_t end) {
  const float *x = work->a, scale = work->scale, shift = work->shift;
  float *y = work->y;
  for (int64_t i = begin; i < end; i++) y[i] = scale * x[i] + shift;
}

// The comparison keeps NaN: a network that broke must not look sound behind a ReLU.
CKERNELS_CLONES static void run_relu(const struct flat *work, int64_t begin, int64_t end) {
  const float *x = work->a;
  float *y = work->y;
  for (int64_t i = begin; i < end; i++) y[i] = x[i] < 0 ? 0 : x[i];
}

CKERNELS_CLONES static void run_relu_backward(const struct flat *work, int64_t begin,
                                              int64_t end) {
  const float *y = work->a, *dy = work->b;
  float *dx = work->y;
  // dx may be dy, which is the same element each time.
#pragma clang loop vectorize(assume_safety)
  for (int64_t i = begin; i < end; i++) {
    const float d = dy[i];
    dx[i] = y[i] > 0 ? d : 0;
  }
}

static void flat_body(void *context, int thread, int threads) {
  const struct flat *work = context;
  int64_t begin, end;
  share(work->count, thread, threads, &begin, &end);
  if (begin < end) work->run(work, begin, end);
}

static void flat(struct flat work, int threads) {
  ckernels_parallel(work.count < SMALL ? 1 : threads, flat_body, &work);
}

void ckernels_affine(int64_t count, const float *x, float scale, float shift, float *y,
                     int threads) {
  flat((struct flat){count, x, 0, scale, shift, y, run_affine}, threads);
}

void ckernels_relu(int64_t count, const float *x, float *y, int threads) {
  flat((struct flat){count, x, 0, 0, 0, y, run_relu}, threads);
}

void ckernels_relu_backward(int64_t count, const float *y, const float *dy, float *dx,
                            int threads) {
  flat((struct flat){count, y, dy, 0, 0, dx, run_relu_backward}, threads);
}

// ---- finite?

struct finite {
  const float *x;
  int64_t count;
  int answer;
};

// x - x is 0 for finite x and NaN otherwise.
CKERNELS_CLONES static int run_finite(const float *x, int64_t n) {
  int bad = 0;
  for (int64_t i = 0; i < n; i++) bad |= !(x[i] - x[i] == 0);
  return !bad;
}

static void finite_body(void *context, int thread, int threads) {
  struct finite *work = context;
  int64_t begin, end;
  share(work->count, thread, threads, &begin, &end);
  if (begin < end && !run_finite(work->x + begin, end - begin))
    __atomic_store_n(&work->answer, 0, __ATOMIC_RELAXED);
}

int ckernels_all_finite(const float *x, int64_t count, int threads) {
  struct finite work = {x, count, 1};
  ckernels_parallel(count < SMALL ? 1 : threads, finite_body, &work);
  return work.answer;
}
