// nifti1_io.h includes <znzlib.h>, which Debian installs one folder down.
#include <nifti/znzlib.h>
