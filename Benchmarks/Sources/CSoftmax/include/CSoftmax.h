// oneDNN's own softmax over the last axis of an array of floats, to measure against.
#ifndef CSOFTMAX_H
#define CSOFTMAX_H

struct csoftmax;

/// A softmax over each of `rows` rows of `columns` floats on `threads` threads; NULL if oneDNN has
/// none.
struct csoftmax *_Nullable csoftmax_create(long rows, long columns, int threads);

/// y = softmax(x), row by row: 0, or oneDNN's status.
int csoftmax_run(struct csoftmax *_Nonnull softmax, const float *_Nonnull x, float *_Nonnull y);

void csoftmax_destroy(struct csoftmax *_Nullable softmax);

#endif
