#include <suitesparse/amd.h>
#include <suitesparse/ldl.h>
