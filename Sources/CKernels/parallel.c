#include "parallel.h"

#include "sanitizer.h"

// libgomp's entry points, callable without -fopenmp.
extern void GOMP_parallel(void (*fn)(void *), void *data, unsigned threads, unsigned flags);
extern int omp_get_thread_num(void);
extern int omp_get_num_threads(void);
extern int omp_get_max_threads(void);
extern void omp_set_num_threads(int);

// libgomp is not built with the thread sanitizer, which therefore cannot see that the threads of a region
// begin after its caller has written what they read, and end before it reads what they wrote.
#ifdef CKERNELS_WATCHED
extern void __tsan_acquire(void *address);
extern void __tsan_release(void *address);
#define ACQUIRE(address) __tsan_acquire(address)
#define RELEASE(address) __tsan_release(address)
#else
#define ACQUIRE(address)
#define RELEASE(address)
#endif

struct region {
  void (*body)(void *, int, int);
  void *context;
};

static void enter(void *data) {
  ACQUIRE(data);
  const struct region *region = data;
  region->body(region->context, omp_get_thread_num(), omp_get_num_threads());
  RELEASE(data);
}

void ckernels_parallel(int threads, void (*body)(void *, int, int), void *context) {
  if (threads <= 1) {
    body(context, 0, 1);
    return;
  }
  struct region region = {body, context};
  RELEASE(&region);
  GOMP_parallel(enter, &region, (unsigned)threads, 0);
  ACQUIRE(&region);
}

int ckernels_max_threads(void) { return omp_get_max_threads(); }

void ckernels_set_threads(int threads) { omp_set_num_threads(threads); }
