#include "parallel.h"

// libgomp's entry points, callable without -fopenmp.
extern void GOMP_parallel(void (*fn)(void *), void *data, unsigned threads, unsigned flags);
extern int omp_get_thread_num(void);
extern int omp_get_num_threads(void);
extern int omp_get_max_threads(void);
extern void omp_set_num_threads(int);

struct region {
  void (*body)(void *, int, int);
  void *context;
};

static void enter(void *data) {
  const struct region *region = data;
  region->body(region->context, omp_get_thread_num(), omp_get_num_threads());
}

void ckernels_parallel(int threads, void (*body)(void *, int, int), void *context) {
  if (threads <= 1) {
    body(context, 0, 1);
    return;
  }
  struct region region = {body, context};
  GOMP_parallel(enter, &region, (unsigned)threads, 0);
}

int ckernels_max_threads(void) { return omp_get_max_threads(); }

void ckernels_set_threads(int threads) { omp_set_num_threads(threads); }
