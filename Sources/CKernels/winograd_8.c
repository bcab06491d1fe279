#define LANES 8
#define BLOCKS ckernels_winograd_8
#include "winograd_blocks.h"
