// What the integer search needs of linear programs.
#ifndef CGLPK_RELAXATION_H
#define CGLPK_RELAXATION_H

#include "guard.h"

/// Zeros and GLP_UNDEF.
void clear(const struct cglpk_program *program, struct cglpk_answer *answer);
/// Runs a simplex method: GLPK's code.
int simplex(glp_prob *p, const struct cglpk_settings *settings, const struct watch *watch);
/// Copies the basic solution out, and what it proves.
void read_simplex(glp_prob *p, int code, struct cglpk_answer *answer);
/// Where the simplex method found no solution, why not, if the last basis says so.
void prove(glp_prob *p, struct cglpk_answer *answer);

#endif
