// Exponentials and logarithms, of numbers and of softmaxes.
#ifndef CKERNELS_LOGARITHMS_H
#define CKERNELS_LOGARITHMS_H
#include <stdint.h>

/// y = eˣ
void ckernels_exponential(int64_t count, const float *x, float *y, int threads);

/// y = ln x
void ckernels_log(int64_t count, const float *x, float *y, int threads);

/// y = ln x, to 2e-16 relative, of positive and normal numbers.
void ckernels_log_doubles(int64_t count, const double *x, double *y);

/// Four logarithms as above. Numbers come one by one: a vector that was written in halves is not read in one
/// piece at once.
void ckernels_log_four(double a, double b, double c, double d, double y[4]);

/// The solutions e of e + ln(1 + e) = b for four b > 0, to the last digits of e, and ln(1 + e).
void ckernels_solve_logarithmic(double b0, double b1, double b2, double b3, double e[4],
                                double logarithm[4]);

/// y_i = x_i − ln Σ_j exp(x_j) along the middle axis of a row-major `[outer, length, inner]` array; a
/// vector with a NaN becomes NaN.
void ckernels_log_softmax(int64_t outer, int64_t length, int64_t inner, const float *x, float *y,
                          int threads);

#endif
