// Integer programs: GLPK's branch and cut.
#include <math.h>
#include <stddef.h>

#include "relaxation.h"

struct search {
  const struct cglpk_program *program;
  const struct cglpk_search *settings;
  struct cglpk_found *found;
  struct watch watch;
  double told;
};

// The least that a node still open can have, or the incumbent where none is.
static void read_bound(glp_tree *tree, struct cglpk_found *found) {
  int best = glp_ios_best_node(tree);
  if (best == 0) {
    if (found->has_incumbent) found->bound = found->objective;
    return;
  }
  double bound = glp_ios_node_bound(tree, best);
  // The root is open before its program is solved.
  if (fabs(bound) < 1e300) found->bound = bound;
}

// GLPK says so when a node's own solution is a better one, but not when a heuristic finds it.
static void tell(struct search *search) {
  const struct cglpk_search *settings = search->settings;
  struct cglpk_found *found = search->found;
  if (!settings->tell || !found->has_incumbent || found->objective == search->told) return;
  search->told = found->objective;
  settings->tell(settings->relaxation.context, found->objective, found->bound, found->nodes);
}

static void look(glp_tree *tree, void *context) {
  struct search *search = context;
  const struct cglpk_search *settings = search->settings;
  struct cglpk_found *found = search->found;
  int total;
  glp_ios_tree_size(tree, NULL, NULL, &total);
  found->nodes = total;
  glp_prob *p = glp_ios_get_prob(tree);
  if (glp_mip_status(p) == GLP_FEAS || glp_mip_status(p) == GLP_OPT) {
    found->has_incumbent = 1;
    found->objective = glp_mip_obj_val(p);
  }
  read_bound(tree, found);
  tell(search);
  int stop = watch_code(&search->watch);
  if (stop) {
    found->stopped = stop;
  } else if (found->has_incumbent &&
             fabs(found->objective - found->bound) <= settings->absolute_gap) {
    found->stopped = GLP_EMIPGAP;
  } else if (total >= settings->node_limit) {
    found->stopped = CGLPK_NODE_LIMIT;
  }
  if (found->stopped) glp_ios_terminate(tree);
}

static void branch_and_cut(glp_prob *p, struct search *search) {
  const struct cglpk_search *settings = search->settings;
  struct cglpk_found *found = search->found;
  glp_iocp parameters;
  glp_init_iocp(&parameters);
  parameters.msg_lev = GLP_MSG_OFF;
  parameters.br_tech = GLP_BR_DTH;
  parameters.bt_tech = GLP_BT_BLB;
  parameters.tol_int = settings->integrality;
  parameters.mip_gap = settings->relative_gap;
  parameters.tm_lim = milliseconds_left(&search->watch);
  parameters.presolve = settings->relaxation.presolve ? GLP_ON : GLP_OFF;
  parameters.gmi_cuts = settings->gomory_cuts ? GLP_ON : GLP_OFF;
  parameters.mir_cuts = settings->rounding_cuts ? GLP_ON : GLP_OFF;
  parameters.cov_cuts = settings->cover_cuts ? GLP_ON : GLP_OFF;
  parameters.clq_cuts = settings->clique_cuts ? GLP_ON : GLP_OFF;
  parameters.sr_heur = GLP_ON;
  parameters.cb_func = look;
  parameters.cb_info = search;
  int code = glp_intopt(p, &parameters);
  found->searched = 1;
  found->relaxation.code = code == GLP_ESTOP && found->stopped ? found->stopped : code;
  found->relaxation.status = glp_mip_status(p);
  found->has_incumbent =
      found->relaxation.status == GLP_FEAS || found->relaxation.status == GLP_OPT;
  if (!found->has_incumbent) return;
  found->objective = glp_mip_obj_val(p);
  if (found->relaxation.status == GLP_OPT) found->bound = found->objective;
  for (int j = 1; j <= glp_get_num_cols(p); j++)
    found->relaxation.primal[j - 1] = glp_mip_col_val(p, j);
  tell(search);
}

static void search(void *context) {
  struct search *call = context;
  struct cglpk_settings first = call->settings->relaxation;
  first.presolve = 0;  // The search needs a basis, and a proof where there is no solution.
  call->watch = watch_from(first.time_limit, first.is_cancelled, first.context);
  glp_prob *p = build(call->program);
  int code = simplex(p, &first, &call->watch);
  read_simplex(p, code, &call->found->relaxation);
  if (code != 0 || glp_get_status(p) != GLP_OPT) return;
  call->found->bound = glp_get_obj_val(p);
  branch_and_cut(p, call);
}

int cglpk_search(const struct cglpk_program *program, const struct cglpk_search *settings,
                 struct cglpk_found *found) {
  clear(program, &found->relaxation);
  found->searched = found->has_incumbent = found->stopped = found->nodes = 0;
  found->objective = NAN;
  found->bound = program->maximize ? INFINITY : -INFINITY;
  struct search call = {.program = program, .settings = settings, .found = found, .told = NAN};
  return guarded(&found->relaxation.words, search, &call);
}
