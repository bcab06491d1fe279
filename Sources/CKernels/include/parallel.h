// Parallel regions on libgomp, so that one pool of threads serves this package and oneDNN.
#ifndef CKERNELS_PARALLEL_H
#define CKERNELS_PARALLEL_H

/// Calls `body(context, thread, threads)` once on each of `threads` threads and waits for all.
void ckernels_parallel(int threads, void (*body)(void *context, int thread, int threads),
                       void *context);

/// The number of threads that a parallel region gets by default (OMP_NUM_THREADS or the cores).
int ckernels_max_threads(void);

/// Sets the default of this thread's later regions, oneDNN's included.
void ckernels_set_threads(int threads);

#endif
