// A function compiled for several instruction sets, of which the machine's best is called.
//
// The fused ones multiply and add in one step wherever the machine can. By "avx512f" that is
// granted, by "avx2" it is not: "x86-64-v3" is AVX2 with it, but older resolvers do not know it.
//
// The functions that choose run before the thread sanitizer is ready to watch them, so there are no
// clones in programs that it watches.
#ifndef CKERNELS_CLONES_H
#define CKERNELS_CLONES_H

#include "sanitizer.h"

#if defined(__x86_64__) && defined(__ELF__) && !defined(CKERNELS_WATCHED)
#define CKERNELS_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#define CKERNELS_FUSED_CLONES                                                                     \
  __attribute__((target_clones("avx512f", "arch=x86-64-v3", "avx2", "default")))
#else
#define CKERNELS_CLONES
#define CKERNELS_FUSED_CLONES
#endif

#endif
