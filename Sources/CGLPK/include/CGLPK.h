// Linear and integer programs by GLPK, behind a guard: an error inside GLPK comes back as its words
// instead of ending the process.
//
// GLPK keeps its state per thread. The calling thread's is released before a function here
// returns, so that threads which come and go leave nothing behind: GLPK objects of the caller's own
// must not be alive on this thread. A call from within a callback of another call is refused.
#ifndef CGLPK_H
#define CGLPK_H

#include <glpk.h>  // For the names of its codes; its functions are not called from Swift.

/// optimize c'x + constant  subject to  row bounds on A x,  column bounds on x.
///
/// A is in compressed rows, indices from 0. Bounds are pairs (lower, upper), infinite where there
/// is none. Names are one after another, each ended by a zero byte; NULL for none.
struct cglpk_program {
  long rows, columns;
  int maximize;
  double constant;
  const double *objective;
  const long *row_starts, *column_indices;
  const double *values;
  const double *row_bounds, *column_bounds;
  /// 1 for a column that must be an integer; NULL for none.
  const unsigned char *integers;
  const char *row_names, *column_names;
};

/// What GLPK printed: the end of it, ended by a zero byte.
struct cglpk_words {
  int length;
  char text[1024];
};

/// Which of GLPK's algorithms.
enum cglpk_method {
  CGLPK_DUAL_SIMPLEX,
  CGLPK_PRIMAL_SIMPLEX,
  CGLPK_INTERIOR_POINT,
  CGLPK_EXACT,
};

struct cglpk_settings {
  enum cglpk_method method;
  int presolve;
  /// INT_MAX for none; the time is in seconds, INFINITY for none.
  int iteration_limit;
  double time_limit;
  /// Of bounds and reduced costs, relative, in GLPK's scaling.
  double tolerance;
  /// GLP_BS to GLP_NS for each row, then each column, to start from; NULL for none.
  const unsigned char *basis;
  /// Returns 1 to stop; NULL for never.
  int (*is_cancelled)(void *context);
  void *context;
};

/// What a proof in an answer is.
enum cglpk_proof {
  CGLPK_NO_PROOF,
  /// Multipliers of the rows.
  CGLPK_MULTIPLIERS,
  /// A direction of the columns.
  CGLPK_RAY,
};

/// The arrays are the caller's. x and its reduced costs have `columns` elements, the duals `rows`;
/// `basis`, `rows` + `columns`; `proof`, the larger of the two.
struct cglpk_answer {
  /// What GLPK's function returned, GLP_ESTOP where the caller stopped it; and the indicators.
  int code, status, primal_status, dual_status;
  int iterations;
  double *primal, *row_duals, *reduced_costs;
  /// NULL where it is not wanted; zeros where there is none.
  unsigned char *basis;
  double *proof;
  enum cglpk_proof proof_kind;
  struct cglpk_words words;
};

/// Solves a program, integers relaxed: 0, or 1 where GLPK refused it, with its words.
int cglpk_solve(const struct cglpk_program *program, const struct cglpk_settings *settings,
                struct cglpk_answer *answer);

/// A code of our own beside GLPK's: the node limit was reached.
#define CGLPK_NODE_LIMIT 0x100

struct cglpk_search {
  /// How the first relaxation is solved, by a simplex method; its presolver is that of the search.
  struct cglpk_settings relaxation;
  double absolute_gap, relative_gap;
  /// How far from an integer a value may be.
  double integrality;
  /// INT_MAX for none.
  int node_limit;
  int gomory_cuts, rounding_cuts, cover_cuts, clique_cuts;
  /// Told of each incumbent, with the context of `relaxation`; NULL for nobody.
  void (*tell)(void *context, double objective, double bound, int nodes);
};

struct cglpk_found {
  /// Of the first relaxation; once `searched`, its code, status and primal are the search's.
  struct cglpk_answer relaxation;
  int searched, has_incumbent, stopped, nodes;
  double objective, bound;
};

/// Solves a program with integers by branch and cut: 0, or 1 where GLPK refused it.
int cglpk_search(const struct cglpk_program *program, const struct cglpk_search *settings,
                 struct cglpk_found *found);

/// The arrays are the caller's, pairs (lower, upper): NAN for the bounds of a basic row or column.
struct cglpk_ranges {
  double *row_bounds, *column_bounds, *costs;
};

/// Solves a program by a simplex method and says how far data may move before the optimal basis
/// changes: 0, or 1 where GLPK refused it. The ranges are written only where it is optimal.
int cglpk_analyze(const struct cglpk_program *program, const struct cglpk_settings *settings,
                  struct cglpk_answer *answer, struct cglpk_ranges *ranges);

enum cglpk_format {
  CGLPK_FREE_MPS,
  CGLPK_FIXED_MPS,
  CGLPK_CPLEX_LP,
  CGLPK_GLPK,
};

/// A program from a file, as a `cglpk_program` that owns its arrays; an unnamed row's or column's
/// name is empty.
struct cglpk_model {
  long rows, columns;
  int maximize;
  double constant;
  double *objective;
  long *row_starts, *column_indices;
  double *values, *row_bounds, *column_bounds;
  unsigned char *integers;
  char *row_names, *column_names;
};

/// Reads a file: 0, or 1 with GLPK's words. The model is to be freed in either case.
int cglpk_read(const char *path, enum cglpk_format format, struct cglpk_model *model,
               struct cglpk_words *words);
/// Writes a file: 0, or 1 with GLPK's words.
int cglpk_write(const struct cglpk_program *program, const char *path, enum cglpk_format format,
                struct cglpk_words *words);
void cglpk_free(struct cglpk_model *model);

#endif
