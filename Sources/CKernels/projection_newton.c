#include "projection_newton.h"
#include "clones.h"
#include "logarithms.h"

#include <math.h>
#include <string.h>

typedef double double8 __attribute__((vector_size(64), aligned(8)));
typedef int64_t long8 __attribute__((vector_size(64), aligned(8)));

#define LOAD8(pointer) (*(const double8 *)(pointer))
#define STORE8(pointer, value) (*(double8 *)(pointer) = (value))

// exp x = 2^k exp r with k = round(x / log 2) and |r| <= log(2) / 2; the Taylor series of degree
// 13 is then exact to a unit in the last place. Adding 1.5 * 2^52 leaves k in the low bits.
CKERNELS_FUSED_CLONES
void ckernels_exp(int64_t count, double *values) {
  const double magic = 0x1.8p52, least = -708.0;
  for (int64_t i = 0; i < count; i += 8) {
    double8 x = {least, least, least, least, least, least, least, least};
    const int64_t left = count - i;
    if (left >= 8) x = LOAD8(values + i);
    else memcpy(&x, values + i, (size_t)left * sizeof(double));
    const long8 representable = x >= least;
    double8 k = x * 0x1.71547652b82fep0 + magic;
    const long8 power = ((long8)k + 1023) << 52;
    k -= magic;
    const double8 r = (x - k * 0x1.62e42fefa3800p-1) - k * 0x1.ef35793c76730p-45;
    double8 p = r * (1.0 / 6227020800.0) + 1.0 / 479001600.0;
    p = p * r + 1.0 / 39916800.0;
    p = p * r + 1.0 / 3628800.0;
    p = p * r + 1.0 / 362880.0;
    p = p * r + 1.0 / 40320.0;
    p = p * r + 1.0 / 5040.0;
    p = p * r + 1.0 / 720.0;
    p = p * r + 1.0 / 120.0;
    p = p * r + 1.0 / 24.0;
    p = p * r + 1.0 / 6.0;
    p = p * r + 0.5;
    p = p * r + 1.0;
    p = p * r + 1.0;
    const double8 result = (double8)((long8)(p * (double8)power) & representable);
    if (left >= 8) STORE8(values + i, result);
    else memcpy(values + i, &result, (size_t)left * sizeof(double));
  }
}

CKERNELS_CLONES
void ckernels_extremes(int64_t count, const double *values, double *least, double *most) {
  double8 low = {*least, *least, *least, *least, *least, *least, *least, *least};
  double8 high = {*most, *most, *most, *most, *most, *most, *most, *most};
  int64_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const double8 v = LOAD8(values + i);
    low = __builtin_elementwise_min(low, v);
    high = __builtin_elementwise_max(high, v);
  }
  for (; i < count; i++) {
    low[0] = values[i] < low[0] ? values[i] : low[0];
    high[0] = values[i] > high[0] ? values[i] : high[0];
  }
  for (int lane = 0; lane < 8; lane++) {
    *least = low[lane] < *least ? low[lane] : *least;
    *most = high[lane] > *most ? high[lane] : *most;
  }
}

CKERNELS_FUSED_CLONES
void ckernels_tilt(int64_t columns, const int32_t *restrict starts, const int32_t *restrict rows,
                   const double *restrict values, const double *restrict prior,
                   const double *restrict witness, double scale, double *restrict tilted) {
  for (int64_t j = 0; j < columns; j++) {
    double sum = 0;
    for (int32_t e = starts[j]; e < starts[j + 1]; e++) sum += values[e] * witness[rows[e]];
    tilted[j] = prior[j] - scale * sum;
  }
}

CKERNELS_FUSED_CLONES
void ckernels_masses(int64_t rows, const int32_t *restrict starts,
                     const int32_t *restrict columns, const double *restrict values,
                     int64_t columnCount, const double *restrict tilted, double largest,
                     double *restrict masses, double *restrict sums,
                     double *restrict logMarginal) {
  for (int64_t j = 0; j < columnCount; j++) masses[j] = tilted[j] - largest;
  ckernels_exp(columnCount, masses);
  for (int64_t i = 0; i < rows; i++) {
    double sum = 0;
    for (int32_t e = starts[i]; e < starts[i + 1]; e++) sum += values[e] * masses[columns[e]];
    sums[i] = sum;
  }
  ckernels_log_doubles(rows, sums, logMarginal);
  for (int64_t i = 0; i < rows; i++) logMarginal[i] += largest;
}

CKERNELS_FUSED_CLONES
void ckernels_marginal(int64_t rows, const int32_t *restrict starts,
                       const int32_t *restrict columns, const double *restrict logValues,
                       const double *restrict tilted, double *restrict shares,
                       double *restrict logMarginal) {
  const int32_t entries = starts[rows];
  for (int32_t e = 0; e < entries; e++) shares[e] = logValues[e] + tilted[columns[e]];
  for (int64_t i = 0; i < rows; i++) {
    double largest = shares[starts[i]];
    for (int32_t e = starts[i] + 1; e < starts[i + 1]; e++)
      largest = shares[e] > largest ? shares[e] : largest;
    for (int32_t e = starts[i]; e < starts[i + 1]; e++) shares[e] -= largest;
    logMarginal[i] = largest;
  }
  ckernels_exp(entries, shares);
  for (int64_t i = 0; i < rows; i++) {
    double sum = 0;
    for (int32_t e = starts[i]; e < starts[i + 1]; e++) sum += shares[e];
    const double reciprocal = 1 / sum;
    for (int32_t e = starts[i]; e < starts[i + 1]; e++) shares[e] *= reciprocal;
    logMarginal[i] += log(sum);
  }
}

// Row i of a band holds column k at k - base(i): columns start at multiples of 8 in every row, so
// that what one elimination step stores the next ones load in the same pieces.
#define BAND_BASE(i, bandwidth) (((i) - (bandwidth)) & ~(int64_t)7)

int64_t ckernels_band_stride(int64_t bandwidth) { return (2 * bandwidth + 23) & ~(int64_t)7; }

CKERNELS_FUSED_CLONES
void ckernels_assemble(int64_t rows, const int32_t *restrict rowStarts,
                       const int32_t *restrict columns, const double *restrict shares,
                       const int32_t *restrict columnStarts, const int32_t *restrict columnRows,
                       const double *restrict columnValues, double diagonal, double scale,
                       int64_t bandwidth, double *restrict band) {
  const int64_t stride = ckernels_band_stride(bandwidth);
  memset(band, 0, (size_t)(rows * stride) * sizeof(double));
  for (int64_t i = 0; i < rows; i++) {
    double *restrict row = band + i * stride - BAND_BASE(i, bandwidth);
    row[i] = diagonal;
    for (int32_t e = rowStarts[i]; e < rowStarts[i + 1]; e++) {
      const int32_t j = columns[e];
      const double share = scale * shares[e];
      for (int32_t f = columnStarts[j]; f < columnStarts[j + 1]; f++)
        row[columnRows[f]] += share * columnValues[f];
    }
  }
}

CKERNELS_FUSED_CLONES
void ckernels_band_solve(int64_t rows, int64_t bandwidth, double *restrict band, int64_t count,
                         int64_t spacing, double *restrict x, double *restrict pivots) {
  const int64_t stride = ckernels_band_stride(bandwidth);
  // Two columns at a time, so that every other row is loaded and stored half as often.
  for (int64_t k = 0; k < rows; k += 2) {
    double *upper = band + k * stride - BAND_BASE(k, bandwidth);
    const double first = 1 / upper[k];
    pivots[k] = first;
    // What lies left of a diagonal is done with, and must not be subtracted again.
    for (int64_t c = (k + 1) & ~(int64_t)7; c <= k; c++) upper[c] = 0;
    if (k + 1 == rows) break;

    const int64_t last = rows - 1 < k + 1 + bandwidth ? rows - 1 : k + 1 + bandwidth;
    const int64_t start = (k + 2) & ~(int64_t)7;
    double *lower = band + (k + 1) * stride - BAND_BASE(k + 1, bandwidth);
    const double between = lower[k] * first;
    const double second = 1 / (lower[k + 1] - between * upper[k + 1]);
    pivots[k + 1] = second;
    for (int64_t c = start; c <= last; c += 8)
      STORE8(lower + c, LOAD8(lower + c) - between * LOAD8(upper + c));
    for (int64_t c = start; c <= k + 1; c++) lower[c] = 0;
    for (int64_t r = 0; r < count; r++) x[r * spacing + k + 1] -= between * x[r * spacing + k];

    for (int64_t i = k + 2; i <= last; i++) {
      // The last row does not reach to column k, where its piece of 8 holds a 0.
      double *row = band + i * stride - BAND_BASE(i, bandwidth);
      const double f = row[k] * first, g = (row[k + 1] - f * upper[k + 1]) * second;
      if (f == 0 && g == 0) continue;
      for (int64_t r = 0; r < count; r++)
        x[r * spacing + i] -= f * x[r * spacing + k] + g * x[r * spacing + k + 1];
      for (int64_t c = start; c <= last; c += 8)
        STORE8(row + c, LOAD8(row + c) - f * LOAD8(upper + c) - g * LOAD8(lower + c));
    }
  }
  for (int64_t r = 0; r < count; r++) {
    double *restrict solution = x + r * spacing;
    for (int64_t i = rows - 1; i >= 0; i--) {
      const double *row = band + i * stride - BAND_BASE(i, bandwidth);
      const int64_t last = rows - 1 < i + bandwidth ? rows - 1 : i + bandwidth;
      double8 sum = {0};
      for (int64_t c = (i + 1) & ~(int64_t)7; c <= last; c += 8)
        sum += LOAD8(row + c) * LOAD8(solution + c);
      const double total = ((sum[0] + sum[4]) + (sum[1] + sum[5])) +
                           ((sum[2] + sum[6]) + (sum[3] + sum[7]));
      solution[i] = (solution[i] - total) * pivots[i];
    }
  }
}

typedef double double4 __attribute__((vector_size(32), aligned(8)));

#define LOAD4(pointer) (*(const double4 *)(pointer))
#define STORE4(pointer, value) (*(double4 *)(pointer) = (value))
#define SUM4(a) (((a)[0] + (a)[2]) + ((a)[1] + (a)[3]))

// Row i of the upper half of a symmetric band holds column c at c - (i rounded down to 4). What lies
// left of the diagonal there is computed along, and not looked at.
#define UPPER_ROW(i) (band + (i) * stride - ((i) & ~(int64_t)3))

int64_t ckernels_upper_band_stride(int64_t bandwidth) {
  return (bandwidth + 10) & ~(int64_t)3;
}

int64_t ckernels_upper_band_rows(int64_t rows) { return (rows + 3) & ~(int64_t)3; }

CKERNELS_FUSED_CLONES
void ckernels_assemble_upper(int64_t rows, int64_t columnCount, const int32_t *restrict starts,
                             const int32_t *restrict columnRows, const double *restrict values,
                             const double *restrict masses, const double *restrict roots,
                             double diagonal, double scale, int64_t bandwidth,
                             double *restrict band) {
  const int64_t stride = ckernels_upper_band_stride(bandwidth);
  const int64_t padded = ckernels_upper_band_rows(rows);
  memset(band, 0, (size_t)(padded * stride) * sizeof(double));
  for (int64_t i = 0; i < padded; i++) UPPER_ROW(i)[i] = i < rows ? diagonal : 1;
  for (int64_t j = 0; j < columnCount; j++) {
    const double mass = scale * masses[j];
    for (int32_t e = starts[j]; e < starts[j + 1]; e++) {
      double *row = UPPER_ROW((int64_t)columnRows[e]);
      const double factor = mass * values[e] * roots[columnRows[e]];
      for (int32_t f = e; f < starts[j + 1]; f++)
        row[columnRows[f]] += factor * (values[f] * roots[columnRows[f]]);
    }
  }
}

CKERNELS_FUSED_CLONES
void ckernels_upper_band_solve(int64_t rows, int64_t bandwidth, double *restrict band,
                               int64_t count, int64_t spacing, double *restrict x,
                               double *restrict pivots) {
  const int64_t stride = ckernels_upper_band_stride(bandwidth);
  const int64_t n = ckernels_upper_band_rows(rows);
  // Four rows at a time, so that every other row is loaded and stored a quarter as often. They are
  // left as D U, but for the block on the diagonal, which is left as U; `pivots` as 1 / D.
  for (int64_t k = 0; k < n; k += 4) {
    double *r0 = UPPER_ROW(k), *r1 = r0 + stride, *r2 = r1 + stride, *r3 = r2 + stride;
    const int64_t last = n - 1 < k + 3 + bandwidth ? n - 1 : k + 3 + bandwidth;
    const double p0 = 1 / r0[k];
    const double f01 = r0[k + 1] * p0, f02 = r0[k + 2] * p0, f03 = r0[k + 3] * p0;
    const double p1 = 1 / (r1[k + 1] - f01 * r0[k + 1]);
    const double u12 = r1[k + 2] - f01 * r0[k + 2], u13 = r1[k + 3] - f01 * r0[k + 3];
    const double f12 = u12 * p1, f13 = u13 * p1;
    const double p2 = 1 / (r2[k + 2] - f02 * r0[k + 2] - f12 * u12);
    const double u23 = r2[k + 3] - f02 * r0[k + 3] - f12 * u13, f23 = u23 * p2;
    const double p3 = 1 / (r3[k + 3] - f03 * r0[k + 3] - f13 * u13 - f23 * u23);
    pivots[k] = p0, pivots[k + 1] = p1, pivots[k + 2] = p2, pivots[k + 3] = p3;
    r0[k + 1] = f01, r0[k + 2] = f02, r0[k + 3] = f03;
    r1[k + 2] = f12, r1[k + 3] = f13, r2[k + 3] = f23;
    for (int64_t c = k + 4; c <= last; c += 4) {
      const double4 u0 = LOAD4(r0 + c), u1 = LOAD4(r1 + c) - f01 * u0;
      const double4 u2 = LOAD4(r2 + c) - f02 * u0 - f12 * u1;
      STORE4(r3 + c, LOAD4(r3 + c) - f03 * u0 - f13 * u1 - f23 * u2);
      STORE4(r1 + c, u1);
      STORE4(r2 + c, u2);
    }
    for (int64_t i = k + 4; i <= last; i++) {
      double *row = UPPER_ROW(i);
      const double g0 = r0[i] * p0, g1 = r1[i] * p1, g2 = r2[i] * p2, g3 = r3[i] * p3;
      for (int64_t c = i & ~(int64_t)3; c <= last; c += 4)
        STORE4(row + c, LOAD4(row + c) - g0 * LOAD4(r0 + c) - g1 * LOAD4(r1 + c) -
                            g2 * LOAD4(r2 + c) - g3 * LOAD4(r3 + c));
    }
  }
  for (int64_t r = 0; r < count; r++) {
    double *restrict y = x + r * spacing;
    for (int64_t k = 0; k < n; k += 4) {
      const double *r0 = UPPER_ROW(k), *r1 = r0 + stride, *r2 = r1 + stride, *r3 = r2 + stride;
      const int64_t last = n - 1 < k + 3 + bandwidth ? n - 1 : k + 3 + bandwidth;
      const double y0 = y[k], y1 = y[k + 1] - r0[k + 1] * y0;
      const double y2 = y[k + 2] - r0[k + 2] * y0 - r1[k + 2] * y1;
      const double y3 = y[k + 3] - r0[k + 3] * y0 - r1[k + 3] * y1 - r2[k + 3] * y2;
      const double z0 = y0 * pivots[k], z1 = y1 * pivots[k + 1];
      const double z2 = y2 * pivots[k + 2], z3 = y3 * pivots[k + 3];
      y[k] = z0, y[k + 1] = z1, y[k + 2] = z2, y[k + 3] = z3;
      for (int64_t c = k + 4; c <= last; c += 4)
        STORE4(y + c, LOAD4(y + c) - z0 * LOAD4(r0 + c) - z1 * LOAD4(r1 + c) -
                          z2 * LOAD4(r2 + c) - z3 * LOAD4(r3 + c));
    }
    for (int64_t k = n - 4; k >= 0; k -= 4) {
      const double *r0 = UPPER_ROW(k), *r1 = r0 + stride, *r2 = r1 + stride, *r3 = r2 + stride;
      const int64_t last = n - 1 < k + 3 + bandwidth ? n - 1 : k + 3 + bandwidth;
      double4 s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
      for (int64_t c = k + 4; c <= last; c += 4) {
        const double4 v = LOAD4(y + c);
        s0 += LOAD4(r0 + c) * v;
        s1 += LOAD4(r1 + c) * v;
        s2 += LOAD4(r2 + c) * v;
        s3 += LOAD4(r3 + c) * v;
      }
      const double y3 = y[k + 3] - SUM4(s3) * pivots[k + 3];
      const double y2 = y[k + 2] - SUM4(s2) * pivots[k + 2] - r2[k + 3] * y3;
      const double y1 = y[k + 1] - SUM4(s1) * pivots[k + 1] - r1[k + 2] * y2 - r1[k + 3] * y3;
      const double y0 =
          y[k] - SUM4(s0) * pivots[k] - r0[k + 1] * y1 - r0[k + 2] * y2 - r0[k + 3] * y3;
      y[k] = y0, y[k + 1] = y1, y[k + 2] = y2, y[k + 3] = y3;
    }
  }
}
