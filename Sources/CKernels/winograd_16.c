#define LANES 16
#define BLOCKS ckernels_winograd_16
#include "winograd_blocks.h"
