// How far data may move before a basis stops being optimal.
#include <float.h>
#include <math.h>

#include "relaxation.h"

struct analysis {
  const struct cglpk_program *program;
  const struct cglpk_settings *settings;
  struct cglpk_answer *answer;
  struct cglpk_ranges *ranges;
};

static double unbounded(double value) {
  return value <= -DBL_MAX ? -INFINITY : value >= DBL_MAX ? INFINITY : value;
}

// For a basic variable the values of its bound are not asked about: it has none that acts.
static void bound_range(glp_prob *p, int k, int place, double *pair) {
  pair[0] = pair[1] = NAN;
  if (place == GLP_BS) return;
  glp_analyze_bound(p, k, &pair[0], NULL, &pair[1], NULL);
  pair[0] = unbounded(pair[0]);
  pair[1] = unbounded(pair[1]);
}

// A variable that stays at a bound keeps its place while its reduced cost keeps its sign.
static void cost_range(glp_prob *p, int j, double *pair) {
  double cost = glp_get_obj_coef(p, j), reduced = glp_get_col_dual(p, j);
  int rises = glp_get_obj_dir(p) == GLP_MIN;
  pair[0] = -INFINITY;
  pair[1] = INFINITY;
  switch (glp_get_col_stat(p, j)) {
    case GLP_BS:
      glp_analyze_coef(p, glp_get_num_rows(p) + j, &pair[0], NULL, NULL, &pair[1], NULL, NULL);
      pair[0] = unbounded(pair[0]);
      pair[1] = unbounded(pair[1]);
      break;
    case GLP_NL: pair[rises ? 0 : 1] = cost - reduced; break;
    case GLP_NU: pair[rises ? 1 : 0] = cost - reduced; break;
    case GLP_NF: pair[0] = pair[1] = cost; break;
    default: break;  // GLP_NS: it cannot move, whatever it costs.
  }
}

static void analyze(void *context) {
  struct analysis *call = context;
  struct watch watch = watch_from(call->settings->time_limit, call->settings->is_cancelled,
                                  call->settings->context);
  glp_prob *p = build(call->program);
  read_simplex(p, simplex(p, call->settings, &watch), call->answer);
  if (call->answer->code != 0 || call->answer->status != GLP_OPT) return;
  int rows = glp_get_num_rows(p), columns = glp_get_num_cols(p);
  if (!glp_bf_exists(p) && glp_factorize(p) != 0) return;
  for (int i = 1; i <= rows; i++)
    bound_range(p, i, glp_get_row_stat(p, i), call->ranges->row_bounds + 2 * (i - 1));
  for (int j = 1; j <= columns; j++) {
    bound_range(p, rows + j, glp_get_col_stat(p, j), call->ranges->column_bounds + 2 * (j - 1));
    cost_range(p, j, call->ranges->costs + 2 * (j - 1));
  }
}

int cglpk_analyze(const struct cglpk_program *program, const struct cglpk_settings *settings,
                  struct cglpk_answer *answer, struct cglpk_ranges *ranges) {
  clear(program, answer);
  struct analysis call = {program, settings, answer, ranges};
  return guarded(&answer->words, analyze, &call);
}
