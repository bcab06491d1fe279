// Whether the thread sanitizer watches: CKERNELS_WATCHED is defined then.
#ifndef CKERNELS_SANITIZER_H
#define CKERNELS_SANITIZER_H

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CKERNELS_WATCHED
#endif
#endif

#endif
