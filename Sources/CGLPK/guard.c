#include "guard.h"

#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

struct guard {
  jmp_buf escape;
  struct cglpk_words *words;
  const struct watch *watch;
  int *code;
};

// The guard of the call that is on this thread's stack.
static _Thread_local struct guard *current;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

struct watch watch_from(double time_limit, int (*is_cancelled)(void *), void *context) {
  double deadline = isinf(time_limit) ? INFINITY : now() + time_limit;
  return (struct watch){.is_cancelled = is_cancelled, .context = context, .deadline = deadline};
}

int milliseconds_left(const struct watch *watch) {
  if (isinf(watch->deadline)) return INT_MAX;
  double left = 1e3 * (watch->deadline - now());
  return left <= 0 ? 0 : left < INT_MAX ? (int)left : INT_MAX;
}

int watch_code(const struct watch *watch) {
  if (watch->is_cancelled && watch->is_cancelled(watch->context)) return GLP_ESTOP;
  return !isinf(watch->deadline) && now() >= watch->deadline ? GLP_ETMLIM : 0;
}

void interruptible(const struct watch *watch, int *code) {
  current->watch = watch;
  current->code = code;
  glp_term_out(watch ? GLP_ON : GLP_OFF);
}

// GLPK prints its words before it calls the error hook. Collect their end, print nothing.
static int collect(void *info, const char *text) {
  struct guard *guard = info;
  struct cglpk_words *words = guard->words;
  int size = (int)strlen(text), capacity = sizeof words->text - 1;
  if (size > capacity) text += size - capacity, size = capacity;
  int excess = words->length + size - capacity;
  if (excess > 0) {
    memmove(words->text, words->text + excess, (size_t)(words->length - excess));
    words->length -= excess;
  }
  memcpy(words->text + words->length, text, (size_t)size);
  words->length += size;
  words->text[words->length] = '\0';
  // Not after an error, whose words must reach the hook below.
  if (guard->watch && !glp_at_error() && (*guard->code = watch_code(guard->watch)) != 0)
    longjmp(guard->escape, 2);
  return 1;
}

static void escape(void *info) { longjmp(((struct guard *)info)->escape, 1); }

int guarded(struct cglpk_words *words, void (*body)(void *), void *context) {
  words->length = 0;
  words->text[0] = '\0';
  if (current) {
    static const char nested[] = "a call from within a callback of another call";
    memcpy(words->text, nested, sizeof nested);
    words->length = sizeof nested - 1;
    return 1;
  }
  struct guard guard = {.words = words};
  current = &guard;
  int failed = 0;
  switch (setjmp(guard.escape)) {
    case 0:
      glp_error_hook(escape, &guard);
      glp_term_hook(collect, &guard);
      glp_term_out(GLP_OFF);
      body(context);
      break;
    case 2: break;  // Stopped while it printed.
    default: failed = 1;
  }
  glp_error_hook(NULL, NULL);
  glp_term_hook(NULL, NULL);
  glp_free_env();  // Everything that GLPK allocated on this thread.
  current = NULL;
  return failed;
}
