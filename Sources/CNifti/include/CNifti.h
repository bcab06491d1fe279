#ifndef CNIFTI_H
#define CNIFTI_H
#include "znzlib.h"
#include <nifti/nifti1_io.h>
#endif
