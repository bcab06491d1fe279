#include <math.h>

#include "guard.h"

static int bound_type(double lower, double upper) {
  if (isinf(lower)) return isinf(upper) ? GLP_FR : GLP_UP;
  if (isinf(upper)) return GLP_LO;
  return lower == upper ? GLP_FX : GLP_DB;
}

glp_prob *build(const struct cglpk_program *program) {
  int rows = (int)program->rows, columns = (int)program->columns;
  glp_prob *p = glp_create_prob();
  glp_set_obj_dir(p, program->maximize ? GLP_MAX : GLP_MIN);
  glp_set_obj_coef(p, 0, program->constant);
  if (rows > 0) glp_add_rows(p, rows);
  if (columns > 0) glp_add_cols(p, columns);
  for (int j = 0; j < columns; j++) {
    double lower = program->column_bounds[2 * j], upper = program->column_bounds[2 * j + 1];
    glp_set_col_bnds(p, j + 1, bound_type(lower, upper), lower, upper);
    if (program->objective[j] != 0) glp_set_obj_coef(p, j + 1, program->objective[j]);
    if (program->integers && program->integers[j]) glp_set_col_kind(p, j + 1, GLP_IV);
  }
  long longest = 0;
  for (int i = 0; i < rows; i++) {
    long count = program->row_starts[i + 1] - program->row_starts[i];
    if (count > longest) longest = count;
  }
  int *indices = glp_alloc((int)longest + 1, sizeof(int));
  double *values = glp_alloc((int)longest + 1, sizeof(double));
  for (int i = 0; i < rows; i++) {
    double lower = program->row_bounds[2 * i], upper = program->row_bounds[2 * i + 1];
    glp_set_row_bnds(p, i + 1, bound_type(lower, upper), lower, upper);
    long start = program->row_starts[i];
    int count = (int)(program->row_starts[i + 1] - start);
    for (int t = 0; t < count; t++) {  // GLPK counts from 1, places included.
      indices[t + 1] = (int)program->column_indices[start + t] + 1;
      values[t + 1] = program->values[start + t];
    }
    glp_set_mat_row(p, i + 1, count, indices, values);
  }
  glp_free(indices);
  glp_free(values);
  return p;
}
