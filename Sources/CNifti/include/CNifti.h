// libnifti's meaning of a NIfTI-1 header, and a guarded way to the bytes.
//
// libnifti's own file functions print to standard error, replace non-finite voxels by 0 and trust
// the sizes a header promises. So the bytes come through zlib (which reads plain files as they
// are) and libnifti says what they mean: byte order, sizes of types, quaternions.
#ifndef CNIFTI_H
#define CNIFTI_H
#include "znzlib.h"
#include <nifti/nifti1_io.h>
#include <stdint.h>

/// What became of a call; `CNIFTI_CORRUPT` is a broken gzip stream.
enum cnifti_status {
  CNIFTI_OK = 0,
  CNIFTI_CANNOT_OPEN,
  CNIFTI_CANNOT_READ,
  CNIFTI_TRUNCATED,
  CNIFTI_CORRUPT,
  CNIFTI_NOT_NIFTI,
  CNIFTI_NO_MEMORY,
};

/// A header in this machine's byte order, and the file it came from.
struct cnifti_header {
  nifti_1_header fields;
  /// 1 if the file has the other byte order.
  int swapped;
  /// 1 if the file is gzip-compressed.
  int compressed;
  /// Size of the file as it lies on disk.
  int64_t file_bytes;
  /// The first 4 bytes as an integer (348 for NIfTI-1, 540 for NIfTI-2), and bytes read.
  int32_t size_field;
  int64_t found_bytes;
};

/// Reads the 348 bytes of a header. `CNIFTI_NOT_NIFTI` if the size field is not 348.
int cnifti_read_header(const char *path, struct cnifti_header *header);

/// Reads `count` bytes from `offset` of the uncompressed contents. `found` receives what was there.
/// With `check_end` the rest of the stream is read too, so that gzip's checksum is verified.
int cnifti_read_bytes(const char *path, int64_t offset, int64_t count, int check_end, void *bytes,
                      int64_t *found);

/// Converts `count` voxels to `value * slope + intercept`.
///
/// Returns the number of results that are not finite, and the first one's index in
/// `first_not_finite`; -1 if the datatype is not a real number of at most 8 bytes.
int64_t cnifti_decode(const void *bytes, int64_t count, int datatype, int swapped, double slope,
                      double intercept, float *values, int64_t *first_not_finite);

/// The qform of a header as the first three rows of a matrix (12 numbers).
void cnifti_qform(const nifti_1_header *header, double rows[12]);

/// Fills in the quaternion of a rotation (rows as above); libnifti makes it orthogonal first.
void cnifti_set_qform(nifti_1_header *header, const double rows[12]);

/// An upper bound for the size of `count` bytes once compressed.
int64_t cnifti_gzip_bound(int64_t count);

/// Compresses into `output` (of `capacity` bytes) as one gzip member without name or time, so
/// that equal bytes give equal files. Returns the size, or -1.
int64_t cnifti_gzip(const void *bytes, int64_t count, int level, void *output, int64_t capacity);

/// Tells libnifti to print nothing.
void cnifti_quiet(void);

#endif
