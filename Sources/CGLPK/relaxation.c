// Linear programs: GLPK's simplex methods, its interior point, its exact arithmetic.
#include <limits.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "relaxation.h"

static void start(glp_prob *p, const unsigned char *basis) {
  if (!basis) {
    glp_std_basis(p);  // An advanced one takes more iterations on most programs measured.
    return;
  }
  int rows = glp_get_num_rows(p), columns = glp_get_num_cols(p);
  for (int i = 1; i <= rows; i++) glp_set_row_stat(p, i, basis[i - 1]);
  for (int j = 1; j <= columns; j++) glp_set_col_stat(p, j, basis[rows + j - 1]);
}

// GLPK's simplex method asks nobody whether to go on. So it runs for some iterations at a time, as
// many as take about the same time whatever the size, and starts again from its own basis. The
// runs grow, so that what a start costs cannot keep it from ending.
static int simplex_runs(glp_prob *p, const glp_smcp *whole, const struct watch *watch) {
  glp_smcp run = *whole;
  int left = whole->it_lim;
  int length = INT_MAX;
  if (watch->is_cancelled && !whole->presolve) {
    int size = glp_get_num_rows(p) + glp_get_num_cols(p);
    length = 20 + 50000 / (size + 1);
  }
  for (;;) {
    if (watch->is_cancelled && watch->is_cancelled(watch->context)) return GLP_ESTOP;
    run.it_lim = left < length ? left : length;
    run.tm_lim = milliseconds_left(watch);
    int before = glp_get_it_cnt(p);
    int code = glp_simplex(p, &run);
    if (left < INT_MAX) left -= glp_get_it_cnt(p) - before;
    if (code != GLP_EITLIM || left <= 0 || length == INT_MAX) return code;
    length += length / 8;
  }
}

static int is_failure(int code) {
  return code == GLP_EBADB || code == GLP_ESING || code == GLP_ECOND || code == GLP_EFAIL;
}

int simplex(glp_prob *p, const struct cglpk_settings *settings, const struct watch *watch) {
  glp_smcp whole;
  glp_init_smcp(&whole);
  whole.msg_lev = settings->presolve ? GLP_MSG_ALL : GLP_MSG_OFF;
  whole.out_frq = 20;
  // The dual simplex method, the primal one where it fails. Its long steps, past bounds that other
  // variables flip to, save a third of the iterations.
  whole.meth = settings->method == CGLPK_PRIMAL_SIMPLEX ? GLP_PRIMAL : GLP_DUALP;
  whole.r_test = GLP_RT_FLIP;
  whole.presolve = settings->presolve ? GLP_ON : GLP_OFF;
  whole.tol_bnd = whole.tol_dj = settings->tolerance;
  // GLPK can go round in circles forever where rounding is all that is left to improve.
  int size = glp_get_num_rows(p) + glp_get_num_cols(p);
  int enough = size < 1000000 ? 5000 + 50 * size : INT_MAX / 8;
  int limit = settings->iteration_limit;
  whole.it_lim = limit < enough ? limit : enough;
  glp_scale_prob(p, GLP_SF_EQ | GLP_SF_2N);
  start(p, settings->basis);
  int code = simplex_runs(p, &whole, watch);
  if (is_failure(code) || (code == GLP_EITLIM && enough < limit)) {
    // A singular basis, or bad luck: the slower, safer way.
    int left = limit < INT_MAX ? limit - glp_get_it_cnt(p) : INT_MAX;
    glp_scale_prob(p, GLP_SF_AUTO);
    glp_adv_basis(p, 0);
    whole.r_test = GLP_RT_HAR;
    if (settings->tolerance < 1e-7) whole.tol_bnd = whole.tol_dj = 1e-7;
    whole.it_lim = left < 4 * enough ? left : 4 * enough;
    code = simplex_runs(p, &whole, watch);
    if (code == GLP_EITLIM && 4 * enough < left) code = GLP_EFAIL;
  }
  // Where the dual method finds no dual feasible point, the primal one finds the ray, or that there
  // is no primal feasible point either.
  if (code == 0 && glp_get_dual_stat(p) == GLP_NOFEAS && glp_get_prim_stat(p) != GLP_NOFEAS &&
      glp_get_unbnd_ray(p) == 0) {
    whole.meth = GLP_PRIMAL;
    code = simplex_runs(p, &whole, watch);
  }
  return code;
}

static void interior_point(glp_prob *p, struct cglpk_answer *answer) {
  glp_iptcp settings;
  glp_init_iptcp(&settings);
  settings.msg_lev = GLP_MSG_ALL;  // A line per iteration, at each of which it can be stopped.
  settings.ord_alg = GLP_ORD_AMD;
  answer->code = glp_interior(p, &settings);
  answer->status = glp_ipt_status(p);
  int rows = glp_get_num_rows(p), columns = glp_get_num_cols(p);
  for (int j = 1; j <= columns; j++) {
    answer->primal[j - 1] = glp_ipt_col_prim(p, j);
    answer->reduced_costs[j - 1] = glp_ipt_col_dual(p, j);
  }
  for (int i = 1; i <= rows; i++) answer->row_duals[i - 1] = glp_ipt_row_dual(p, i);
}

static int exact(glp_prob *p, const struct cglpk_settings *settings, const struct watch *watch) {
  // Floating point finds a basis near the optimal one; rational arithmetic goes on from there.
  struct cglpk_settings floating = *settings;
  floating.tolerance = 1e-7;
  int code = simplex(p, &floating, watch);
  if (code == GLP_EITLIM || code == GLP_ETMLIM || code == GLP_ESTOP) return code;
  glp_smcp rational;
  glp_init_smcp(&rational);
  rational.msg_lev = GLP_MSG_ALL;
  rational.it_lim = settings->iteration_limit;
  rational.tm_lim = milliseconds_left(watch);
  code = glp_exact(p, &rational);
  if (is_failure(code)) {  // Singular in rational numbers.
    glp_std_basis(p);
    code = glp_exact(p, &rational);
  }
  return code;
}

void read_simplex(glp_prob *p, int code, struct cglpk_answer *answer) {
  int rows = glp_get_num_rows(p), columns = glp_get_num_cols(p);
  answer->code = code;
  answer->status = glp_get_status(p);
  answer->primal_status = glp_get_prim_stat(p);
  answer->dual_status = glp_get_dual_stat(p);
  answer->iterations = glp_get_it_cnt(p);
  for (int j = 1; j <= columns; j++) {
    answer->primal[j - 1] = glp_get_col_prim(p, j);
    answer->reduced_costs[j - 1] = glp_get_col_dual(p, j);
  }
  for (int i = 1; i <= rows; i++) answer->row_duals[i - 1] = glp_get_row_dual(p, i);
  if (answer->basis) {
    for (int i = 1; i <= rows; i++) answer->basis[i - 1] = (unsigned char)glp_get_row_stat(p, i);
    for (int j = 1; j <= columns; j++)
      answer->basis[rows + j - 1] = (unsigned char)glp_get_col_stat(p, j);
  }
  if (code == 0 && glp_bf_exists(p)) prove(p, answer);
}

struct solve {
  const struct cglpk_program *program;
  const struct cglpk_settings *settings;
  struct cglpk_answer *answer;
};

static void solve(void *context) {
  struct solve *call = context;
  const struct cglpk_settings *settings = call->settings;
  struct cglpk_answer *answer = call->answer;
  struct watch watch =
      watch_from(settings->time_limit, settings->is_cancelled, settings->context);
  glp_prob *p = build(call->program);
  // The exact arithmetic and the interior point refuse programs without rows or columns.
  int empty = call->program->rows == 0 || call->program->columns == 0;
  int is_exact = settings->method == CGLPK_EXACT && !empty;
  int is_interior = settings->method == CGLPK_INTERIOR_POINT && !empty;
  int stopping = is_exact || is_interior || settings->presolve;
  if (is_interior && (answer->code = watch_code(&watch)) != 0) return;
  if (stopping) interruptible(&watch, &answer->code);
  if (is_interior) {
    interior_point(p, answer);
    // Its verdict "no feasible solution" is of the primal or the dual program: the simplex method
    // says which.
    if (answer->code != 0 || answer->status != GLP_NOFEAS) return;
  }
  int code = is_exact ? exact(p, settings, &watch) : simplex(p, settings, &watch);
  if (stopping) interruptible(NULL, NULL);
  read_simplex(p, code, answer);
}

void clear(const struct cglpk_program *program, struct cglpk_answer *answer) {
  size_t rows = (size_t)program->rows, columns = (size_t)program->columns;
  answer->code = 0;
  answer->status = answer->primal_status = answer->dual_status = GLP_UNDEF;
  answer->iterations = 0;
  answer->proof_kind = CGLPK_NO_PROOF;
  if (columns > 0) memset(answer->primal, 0, columns * sizeof(double));
  if (columns > 0) memset(answer->reduced_costs, 0, columns * sizeof(double));
  if (rows > 0) memset(answer->row_duals, 0, rows * sizeof(double));
  if (answer->basis && rows + columns > 0) memset(answer->basis, 0, rows + columns);
}

int cglpk_solve(const struct cglpk_program *program, const struct cglpk_settings *settings,
                struct cglpk_answer *answer) {
  clear(program, answer);
  struct solve call = {program, settings, answer};
  return guarded(&answer->words, solve, &call);
}
