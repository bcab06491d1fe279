// What the files of this target share.
#ifndef CGLPK_GUARD_H
#define CGLPK_GUARD_H

#include "CGLPK.h"

/// When the caller wants GLPK to stop.
struct watch {
  int (*is_cancelled)(void *context);
  void *context;
  double deadline;
};

struct watch watch_from(double time_limit, int (*is_cancelled)(void *), void *context);
/// What is left until the deadline, in milliseconds, INT_MAX at most.
int milliseconds_left(const struct watch *watch);
/// GLP_ESTOP, GLP_ETMLIM, or 0 to go on.
int watch_code(const struct watch *watch);

/// Calls `body(context)`: 0, or 1 after an error of GLPK.
///
/// Only C frames may lie between this function and one that GLPK's errors leave by.
int guarded(struct cglpk_words *words, void (*body)(void *), void *context);

/// From here on, wherever GLPK prints it may be stopped; `guarded` then returns 0 and `code` is
/// GLP_ESTOP or GLP_ETMLIM. NULL: no longer.
void interruptible(const struct watch *watch, int *code);

/// The program as a GLPK object; it has scale factors and no basis.
glp_prob *build(const struct cglpk_program *program);

#endif
