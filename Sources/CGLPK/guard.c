#include "CGLPK.h"

#include <glpk.h>
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

struct guard {
  jmp_buf escape;
  char *message;
  size_t length, capacity;
};

// GLPK prints its words before it calls the error hook. Collect them, print nothing.
static int collect(void *info, const char *text) {
  struct guard *guard = info;
  size_t size = strlen(text), room = guard->capacity - 1 - guard->length;
  if (size > room) size = room;
  memcpy(guard->message + guard->length, text, size);
  guard->length += size;
  guard->message[guard->length] = '\0';
  return 1;
}

static void escape(void *info) { longjmp(((struct guard *)info)->escape, 1); }

static int bound_type(double lower, double upper) {
  if (isinf(lower)) return isinf(upper) ? GLP_FR : GLP_UP;
  if (isinf(upper)) return GLP_LO;
  return lower == upper ? GLP_FX : GLP_DB;
}

static void build(glp_prob *p, const struct cglpk_program *program, int *indices,
                  double *values) {
  glp_set_obj_dir(p, program->maximize ? GLP_MAX : GLP_MIN);
  if (program->rows > 0) glp_add_rows(p, program->rows);
  if (program->columns > 0) glp_add_cols(p, program->columns);
  for (int j = 0; j < program->columns; j++) {
    double lower = program->column_lower[j], upper = program->column_upper[j];
    glp_set_col_bnds(p, j + 1, bound_type(lower, upper), lower, upper);
    glp_set_obj_coef(p, j + 1, program->objective[j]);
  }
  for (int i = 0; i < program->rows; i++) {
    double lower = program->row_lower[i], upper = program->row_upper[i];
    glp_set_row_bnds(p, i + 1, bound_type(lower, upper), lower, upper);
    int start = program->row_starts[i], count = program->row_starts[i + 1] - start;
    for (int t = 0; t < count; t++) {  // GLPK counts from 1, places included.
      indices[t + 1] = program->column_indices[start + t] + 1;
      values[t + 1] = program->values[start + t];
    }
    glp_set_mat_row(p, i + 1, count, indices, values);
  }
}

static enum cglpk_outcome outcome(glp_prob *p, int code) {
  switch (code) {
    case 0: break;
    case GLP_EITLIM: return CGLPK_ITERATION_LIMIT;
    case GLP_ETMLIM: return CGLPK_TIME_LIMIT;
    default: return CGLPK_TROUBLE;
  }
  switch (glp_get_status(p)) {
    case GLP_OPT: return CGLPK_OPTIMAL;
    case GLP_NOFEAS: return CGLPK_INFEASIBLE;
    case GLP_UNBND: return CGLPK_UNBOUNDED;
    default: return CGLPK_TROUBLE;
  }
}

int cglpk_solve(const struct cglpk_program *program, struct cglpk_answer *answer) {
  answer->message[0] = '\0';
  answer->outcome = CGLPK_TROUBLE;
  answer->iterations = 0;
  size_t room = 1;
  for (int i = 0; i < program->rows; i++) {
    int count = program->row_starts[i + 1] - program->row_starts[i];
    if (count > 0 && (size_t)count >= room) room = (size_t)count + 1;
  }
  // Set before setjmp and not changed after it, hence still known after a longjmp.
  int *const indices = malloc(room * sizeof(int));
  double *const values = malloc(room * sizeof(double));
  struct guard guard = {.message = answer->message, .capacity = sizeof answer->message};
  if (!indices || !values) {
    strcpy(answer->message, "not enough memory");
    free(indices);
    free(values);
    return 1;
  }

  // Between here and longjmp there are C frames only.
  if (setjmp(guard.escape)) {
    glp_error_hook(NULL, NULL);
    glp_term_hook(NULL, NULL);
    glp_free_env();  // Everything that GLPK allocated on this thread.
    free(indices);
    free(values);
    return 1;
  }
  glp_error_hook(escape, &guard);
  glp_term_hook(collect, &guard);
  glp_term_out(GLP_OFF);

  glp_prob *p = glp_create_prob();
  build(p, program, indices, values);
  glp_scale_prob(p, GLP_SF_AUTO);
  glp_adv_basis(p, 0);
  glp_smcp settings;
  glp_init_smcp(&settings);
  settings.msg_lev = GLP_MSG_OFF;
  settings.meth = GLP_DUALP;  // The dual simplex method, the primal one where it fails.
  settings.it_lim = program->iteration_limit;
  settings.tm_lim = program->time_limit;
  answer->outcome = outcome(p, glp_simplex(p, &settings));
  answer->iterations = glp_get_it_cnt(p);
  for (int j = 0; j < program->columns; j++) {
    answer->primal[j] = glp_get_col_prim(p, j + 1);
    answer->reduced_costs[j] = glp_get_col_dual(p, j + 1);
  }
  for (int i = 0; i < program->rows; i++) answer->row_duals[i] = glp_get_row_dual(p, i + 1);
  glp_delete_prob(p);

  glp_error_hook(NULL, NULL);
  glp_term_hook(NULL, NULL);
  glp_free_env();
  free(indices);
  free(values);
  return 0;
}
