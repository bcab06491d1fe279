#include "CSoftmax.h"

#include <oneapi/dnnl/dnnl.h>
#include <stdlib.h>

struct csoftmax {
  dnnl_engine_t engine;
  dnnl_stream_t stream;
  dnnl_primitive_t primitive;
  dnnl_memory_t from, to;
};

static int create(struct csoftmax *s, long rows, long columns) {
  dnnl_dims_t shape = {rows, columns};
  dnnl_memory_desc_t layout;
  dnnl_softmax_desc_t operation;
  dnnl_primitive_desc_t description = NULL;
  int status = dnnl_engine_create(&s->engine, dnnl_cpu, 0);
  if (!status) status = dnnl_stream_create(&s->stream, s->engine, dnnl_stream_default_flags);
  if (!status) status = dnnl_memory_desc_init_by_tag(&layout, 2, shape, dnnl_f32, dnnl_ab);
  if (!status)
    status = dnnl_softmax_forward_desc_init(&operation, dnnl_forward_inference, &layout, 1);
  if (!status)
    status = dnnl_primitive_desc_create(&description, &operation, NULL, s->engine, NULL);
  if (!status) status = dnnl_primitive_create(&s->primitive, description);
  if (description) dnnl_primitive_desc_destroy(description);
  if (!status) status = dnnl_memory_create(&s->from, &layout, s->engine, DNNL_MEMORY_NONE);
  if (!status) status = dnnl_memory_create(&s->to, &layout, s->engine, DNNL_MEMORY_NONE);
  return status;
}

extern int omp_get_max_threads(void);
extern void omp_set_num_threads(int);

struct csoftmax *csoftmax_create(long rows, long columns, int threads) {
  struct csoftmax *s = calloc(1, sizeof *s);
  // oneDNN takes the number of threads from OpenMP when it makes a primitive.
  const int before = omp_get_max_threads();
  omp_set_num_threads(threads);
  const int failed = s && create(s, rows, columns);
  omp_set_num_threads(before);
  if (failed) {
    csoftmax_destroy(s);
    return NULL;
  }
  return s;
}

int csoftmax_run(struct csoftmax *s, const float *x, float *y) {
  int status = dnnl_memory_set_data_handle(s->from, (void *)x);
  if (!status) status = dnnl_memory_set_data_handle(s->to, y);
  dnnl_exec_arg_t arguments[] = {{DNNL_ARG_SRC, s->from}, {DNNL_ARG_DST, s->to}};
  if (!status) status = dnnl_primitive_execute(s->primitive, s->stream, 2, arguments);
  if (!status) status = dnnl_stream_wait(s->stream);
  return status;
}

void csoftmax_destroy(struct csoftmax *s) {
  if (!s) return;
  if (s->from) dnnl_memory_destroy(s->from);
  if (s->to) dnnl_memory_destroy(s->to);
  if (s->primitive) dnnl_primitive_destroy(s->primitive);
  if (s->stream) dnnl_stream_destroy(s->stream);
  if (s->engine) dnnl_engine_destroy(s->engine);
  free(s);
}
