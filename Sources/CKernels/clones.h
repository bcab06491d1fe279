// A function compiled for several instruction sets, of which the machine's best is called.
#ifndef CKERNELS_CLONES_H
#define CKERNELS_CLONES_H

#if defined(__x86_64__) && defined(__ELF__)
#define CKERNELS_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define CKERNELS_CLONES
#endif

#endif
