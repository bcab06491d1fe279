# make demo | test | lint | bench | peers | docs — each works alone, first, on a fresh clone.
