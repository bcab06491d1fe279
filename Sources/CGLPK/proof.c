// What the last basis proves. With x_R = A x the rows and B the basic columns of (I | −A), every y
// gives yᵀ(I | −A)(x_R, x) = 0; the proofs are choices of y, or of a direction in the null space.
#include <math.h>
#include <string.h>

#include "relaxation.h"

// Rows have the numbers 1 to m, columns m + 1 to m + n.
static double value_of(glp_prob *p, int k, int rows) {
  return k <= rows ? glp_get_row_prim(p, k) : glp_get_col_prim(p, k - rows);
}

// How far, in GLPK's scaling, a basic variable is below (positive) or above (negative) its bounds.
static double shortfall(glp_prob *p, int k, int rows) {
  int is_row = k <= rows, j = k - rows;
  int type = is_row ? glp_get_row_type(p, k) : glp_get_col_type(p, j);
  double scale = is_row ? glp_get_rii(p, k) : 1 / glp_get_sjj(p, j);
  double value = value_of(p, k, rows);
  double lower = is_row ? glp_get_row_lb(p, k) : glp_get_col_lb(p, j);
  double upper = is_row ? glp_get_row_ub(p, k) : glp_get_col_ub(p, j);
  if (type != GLP_FR && type != GLP_UP && value < lower) return scale * (lower - value);
  if (type != GLP_FR && type != GLP_LO && value > upper) return scale * (upper - value);
  return 0;
}

// Bᵀy = d. A row of the tableau that no step can repair: d is its unit vector. The end of the
// first phase of the primal method: d is the gradient of the sum of violations.
static void multipliers(glp_prob *p, struct cglpk_answer *answer) {
  int rows = glp_get_num_rows(p);
  double *d = glp_alloc(rows + 1, sizeof(double));
  int ray = glp_get_unbnd_ray(p), found = 0;
  for (int t = 1; t <= rows; t++) {
    int k = glp_get_bhead(p, t);
    double short_by = shortfall(p, k, rows);
    int counts = ray == 0 ? fabs(short_by) > 1e-9 : k == ray && short_by != 0;
    double scale = k <= rows ? glp_get_rii(p, k) : 1 / glp_get_sjj(p, k - rows);
    d[t] = counts ? copysign(scale, short_by) : 0;
    found |= counts;
  }
  if (found) {
    glp_btran(p, d);
    memcpy(answer->proof, d + 1, (size_t)rows * sizeof(double));
    answer->proof_kind = CGLPK_MULTIPLIERS;
  }
  glp_free(d);
}

// The nonbasic variable that can move forever, and the basic ones that move with it.
static void direction(glp_prob *p, struct cglpk_answer *answer) {
  int rows = glp_get_num_rows(p), columns = glp_get_num_cols(p);
  int k = glp_get_unbnd_ray(p);
  if (k == 0) return;
  if ((k <= rows ? glp_get_row_stat(p, k) : glp_get_col_stat(p, k - rows)) == GLP_BS) return;
  double slope = k <= rows ? glp_get_row_dual(p, k) : glp_get_col_dual(p, k - rows);
  double step = (slope < 0) == (glp_get_obj_dir(p) == GLP_MIN) ? 1 : -1;
  int *indices = glp_alloc(rows + 1, sizeof(int));
  double *values = glp_alloc(rows + 1, sizeof(double));
  int count = glp_eval_tab_col(p, k, indices, values);
  memset(answer->proof, 0, (size_t)columns * sizeof(double));
  if (k > rows) answer->proof[k - rows - 1] = step;
  for (int t = 1; t <= count; t++)
    if (indices[t] > rows) answer->proof[indices[t] - rows - 1] = step * values[t];
  answer->proof_kind = CGLPK_RAY;
  glp_free(indices);
  glp_free(values);
}

void prove(glp_prob *p, struct cglpk_answer *answer) {
  if (answer->primal_status == GLP_NOFEAS) multipliers(p, answer);
  else if (answer->dual_status == GLP_NOFEAS) direction(p, answer);
}
