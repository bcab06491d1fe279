// Programs in files, by GLPK's readers and writers.
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "guard.h"

struct file {
  const char *path;
  enum cglpk_format format;
  const struct cglpk_program *program;
  struct cglpk_model *model;
  int failed;
};

static int read_file(glp_prob *p, const struct file *file) {
  switch (file->format) {
    case CGLPK_FREE_MPS: return glp_read_mps(p, GLP_MPS_FILE, NULL, file->path);
    case CGLPK_FIXED_MPS: return glp_read_mps(p, GLP_MPS_DECK, NULL, file->path);
    case CGLPK_CPLEX_LP: return glp_read_lp(p, NULL, file->path);
    default: return glp_read_prob(p, 0, file->path);
  }
}

static int write_file(glp_prob *p, const struct file *file) {
  switch (file->format) {
    case CGLPK_FREE_MPS: return glp_write_mps(p, GLP_MPS_FILE, NULL, file->path);
    case CGLPK_FIXED_MPS: return glp_write_mps(p, GLP_MPS_DECK, NULL, file->path);
    case CGLPK_CPLEX_LP: return glp_write_lp(p, NULL, file->path);
    default: return glp_write_prob(p, 0, file->path);
  }
}

// A file of a few bytes can declare more rows than there is memory for. Every row that a file
// really has takes some bytes of it, and GLPK some hundred.
static void limit_memory(const char *path) {
  struct stat status;
  double size = stat(path, &status) == 0 ? (double)status.st_size : 0;
  double megabytes = 64 + 512 * size / 1048576;
  glp_mem_limit(megabytes < 1e9 ? (int)megabytes : 1000000000);
}

static void *array(long count, size_t size) { return calloc((size_t)count + 1, size); }

static const char *name_of(glp_prob *p, int is_row, int k) {
  const char *name = is_row ? glp_get_row_name(p, k) : glp_get_col_name(p, k);
  return name ? name : "";
}

static char *names(glp_prob *p, int is_row, int count) {
  size_t size = 1;
  for (int k = 1; k <= count; k++) size += strlen(name_of(p, is_row, k)) + 1;
  char *all = malloc(size), *next = all;
  if (!all) return NULL;
  for (int k = 1; k <= count; k++) next = stpcpy(next, name_of(p, is_row, k)) + 1;
  return all;
}

static void bounds(double *pair, int type, double lower, double upper) {
  pair[0] = type == GLP_FR || type == GLP_UP ? -INFINITY : lower;
  pair[1] = type == GLP_FR || type == GLP_LO ? INFINITY : type == GLP_FX ? lower : upper;
}

static int copy(glp_prob *p, struct cglpk_model *model) {
  int m = glp_get_num_rows(p), n = glp_get_num_cols(p), entries = glp_get_num_nz(p);
  model->rows = m;
  model->columns = n;
  model->maximize = glp_get_obj_dir(p) == GLP_MAX;
  model->constant = glp_get_obj_coef(p, 0);
  model->objective = array(n, sizeof(double));
  model->integers = array(n, 1);
  model->column_bounds = array(2L * n, sizeof(double));
  model->row_bounds = array(2L * m, sizeof(double));
  model->row_starts = array(m, sizeof(long));
  model->column_indices = array(entries, sizeof(long));
  model->values = array(entries, sizeof(double));
  model->row_names = names(p, 1, m);
  model->column_names = names(p, 0, n);
  int *indices = glp_alloc(n + 1, sizeof(int));
  double *values = glp_alloc(n + 1, sizeof(double));
  if (!model->objective || !model->integers || !model->column_bounds || !model->row_bounds ||
      !model->row_starts || !model->column_indices || !model->values || !model->row_names ||
      !model->column_names)
    return 1;
  for (int j = 1; j <= n; j++) {
    model->objective[j - 1] = glp_get_obj_coef(p, j);
    model->integers[j - 1] = glp_get_col_kind(p, j) != GLP_CV;
    bounds(model->column_bounds + 2 * (j - 1), glp_get_col_type(p, j), glp_get_col_lb(p, j),
           glp_get_col_ub(p, j));
  }
  glp_sort_matrix(p);
  for (int i = 1; i <= m; i++) {
    bounds(model->row_bounds + 2 * (i - 1), glp_get_row_type(p, i), glp_get_row_lb(p, i),
           glp_get_row_ub(p, i));
    long start = model->row_starts[i - 1];
    int count = glp_get_mat_row(p, i, indices, values);
    for (int t = 0; t < count; t++) {
      model->column_indices[start + t] = indices[t + 1] - 1;
      model->values[start + t] = values[t + 1];
    }
    model->row_starts[i] = start + count;
  }
  return 0;
}

static void read_model(void *context) {
  struct file *file = context;
  limit_memory(file->path);
  glp_prob *p = glp_create_prob();
  glp_term_out(GLP_ON);  // Its words go to the guard.
  file->failed = read_file(p, file) != 0;
  glp_term_out(GLP_OFF);
  if (!file->failed) file->failed = copy(p, file->model);
}

static void name_all(glp_prob *p, const struct cglpk_program *program) {
  const char *row = program->row_names, *column = program->column_names;
  for (int i = 1; row && i <= glp_get_num_rows(p); i++, row += strlen(row) + 1)
    glp_set_row_name(p, i, row);
  for (int j = 1; column && j <= glp_get_num_cols(p); j++, column += strlen(column) + 1)
    glp_set_col_name(p, j, column);
}

static void write_model(void *context) {
  struct file *file = context;
  glp_prob *p = build(file->program);
  name_all(p, file->program);
  glp_sort_matrix(p);
  glp_term_out(GLP_ON);
  file->failed = write_file(p, file) != 0;
  glp_term_out(GLP_OFF);
}

int cglpk_read(const char *path, enum cglpk_format format, struct cglpk_model *model,
               struct cglpk_words *words) {
  memset(model, 0, sizeof *model);
  struct file file = {.path = path, .format = format, .model = model};
  return guarded(words, read_model, &file) || file.failed;
}

int cglpk_write(const struct cglpk_program *program, const char *path, enum cglpk_format format,
                struct cglpk_words *words) {
  struct file file = {.path = path, .format = format, .program = program};
  return guarded(words, write_model, &file) || file.failed;
}

void cglpk_free(struct cglpk_model *model) {
  free(model->objective);
  free(model->integers);
  free(model->column_bounds);
  free(model->row_bounds);
  free(model->row_starts);
  free(model->column_indices);
  free(model->values);
  free(model->row_names);
  free(model->column_names);
  memset(model, 0, sizeof *model);
}
