// Linear programs by GLPK, behind a guard: an error inside GLPK comes back as a message instead of
// ending the process.
#ifndef CGLPK_H
#define CGLPK_H

/// optimize c'x  subject to  row_lower <= A x <= row_upper,  column_lower <= x <= column_upper.
/// A is in compressed rows, indices from 0; infinite bounds are +-INFINITY.
struct cglpk_program {
  int rows, columns, maximize;
  const double *objective;
  const int *row_starts, *column_indices;
  const double *values;
  const double *row_lower, *row_upper, *column_lower, *column_upper;
  /// INT_MAX for none; the time is in milliseconds.
  int iteration_limit, time_limit;
};

/// What the simplex method ended with.
enum cglpk_outcome {
  CGLPK_OPTIMAL,
  CGLPK_INFEASIBLE,
  CGLPK_UNBOUNDED,
  CGLPK_ITERATION_LIMIT,
  CGLPK_TIME_LIMIT,
  CGLPK_TROUBLE,
};

/// The arrays are the caller's: x and its reduced costs have `columns` elements, the duals `rows`.
struct cglpk_answer {
  enum cglpk_outcome outcome;
  int iterations;
  double *primal, *row_duals, *reduced_costs;
  char message[512];
};

/// Solves a program by the simplex method: 0, or 1 with GLPK's words in `answer->message`.
///
/// GLPK keeps its state per thread. The calling thread's is released before this returns, so that
/// threads which come and go leave nothing behind: GLPK objects of the caller's own must not be
/// alive on this thread.
int cglpk_solve(const struct cglpk_program *program, struct cglpk_answer *answer);

#endif
