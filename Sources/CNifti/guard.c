#include "CNifti.h"
#include <fcntl.h>
#include <math.h>
#include <sys/stat.h>
#include <zlib.h>

void cnifti_quiet(void) { nifti_set_debug_level(0); }

// Bytes per call of gzread, whose count is an int.
enum { CHUNK = 1 << 26 };

static gzFile open_file(const char *path, int64_t *bytes) {
  struct stat info;
  if (stat(path, &info) != 0 || S_ISDIR(info.st_mode)) return NULL;
  *bytes = info.st_size;
  gzFile file = gzopen(path, "rb");
  if (file) gzbuffer(file, 1 << 18);
  return file;
}

// Why a read came up short.
static int shortfall(gzFile file) {
  int code = Z_OK;
  gzerror(file, &code);
  if (code == Z_DATA_ERROR) return CNIFTI_CORRUPT;
  if (code == Z_MEM_ERROR) return CNIFTI_NO_MEMORY;
  if (code == Z_ERRNO) return CNIFTI_CANNOT_READ;
  return CNIFTI_TRUNCATED;
}

static int read_fully(gzFile file, int64_t count, char *bytes, int64_t *found) {
  *found = 0;
  while (*found < count) {
    int64_t left = count - *found;
    int got = gzread(file, bytes + *found, (unsigned)(left < CHUNK ? left : CHUNK));
    if (got <= 0) return shortfall(file);
    *found += got;
  }
  return CNIFTI_OK;
}

int cnifti_read_header(const char *path, struct cnifti_header *header) {
  memset(header, 0, sizeof *header);
  gzFile file = open_file(path, &header->file_bytes);
  if (!file) return CNIFTI_CANNOT_OPEN;
  int status =
      read_fully(file, sizeof header->fields, (char *)&header->fields, &header->found_bytes);
  header->compressed = !gzdirect(file);
  gzclose(file);
  if (header->found_bytes >= 4) header->size_field = header->fields.sizeof_hdr;
  if (status != CNIFTI_OK) return status;
  if (header->size_field != 348) {
    int32_t size = header->size_field;
    nifti_swap_4bytes(1, &size);
    if (size != 348) {
      if (size == 540) header->size_field = size;
      return CNIFTI_NOT_NIFTI;
    }
    header->swapped = 1;
    header->size_field = size;
    swap_nifti_header(&header->fields, 1);
  }
  return CNIFTI_OK;
}

int cnifti_read_bytes(const char *path, int64_t offset, int64_t count, int check_end, void *bytes,
                      int64_t *found) {
  int64_t size = 0;
  *found = 0;
  gzFile file = open_file(path, &size);
  if (!file) return CNIFTI_CANNOT_OPEN;
  int status = CNIFTI_OK;
  if (gzseek(file, (z_off_t)offset, SEEK_SET) < 0) status = shortfall(file);
  if (status == CNIFTI_OK) status = read_fully(file, count, bytes, found);
  if (status == CNIFTI_OK && check_end && !gzdirect(file)) {
    char rest[4096];
    int got;
    while ((got = gzread(file, rest, sizeof rest)) > 0) {
    }
    if (got < 0) status = shortfall(file);
  }
  gzclose(file);
  return status;
}

// One loop per type; memcpy because offsets need not be aligned.
#define DECODE(TYPE, SWAP)                                                                        \
  for (int64_t i = 0; i < count; i++) {                                                           \
    TYPE value;                                                                                   \
    memcpy(&value, (const char *)bytes + i * (int64_t)sizeof value, sizeof value);                \
    if (swapped) SWAP;                                                                            \
    float result = (float)((double)value * slope + intercept);                                    \
    if (!isfinite(result) && bad++ == 0) *first_not_finite = i;                                   \
    values[i] = result;                                                                           \
  }                                                                                               \
  break

int64_t cnifti_decode(const void *bytes, int64_t count, int datatype, int swapped, double slope,
                      double intercept, float *values, int64_t *first_not_finite) {
  int64_t bad = 0;
  *first_not_finite = -1;
  switch (datatype) {
  case DT_INT8: DECODE(int8_t, );
  case DT_UINT8: DECODE(uint8_t, );
  case DT_INT16: DECODE(int16_t, nifti_swap_2bytes(1, &value));
  case DT_UINT16: DECODE(uint16_t, nifti_swap_2bytes(1, &value));
  case DT_INT32: DECODE(int32_t, nifti_swap_4bytes(1, &value));
  case DT_UINT32: DECODE(uint32_t, nifti_swap_4bytes(1, &value));
  case DT_FLOAT32: DECODE(float, nifti_swap_4bytes(1, &value));
  case DT_INT64: DECODE(int64_t, nifti_swap_8bytes(1, &value));
  case DT_UINT64: DECODE(uint64_t, nifti_swap_8bytes(1, &value));
  case DT_FLOAT64: DECODE(double, nifti_swap_8bytes(1, &value));
  default: return -1;
  }
  return bad;
}

void cnifti_qform(const nifti_1_header *header, double rows[12]) {
  mat44 m = nifti_quatern_to_mat44(
      header->quatern_b, header->quatern_c, header->quatern_d, header->qoffset_x,
      header->qoffset_y, header->qoffset_z, header->pixdim[1], header->pixdim[2],
      header->pixdim[3], header->pixdim[0] < 0 ? -1 : 1);
  for (int i = 0; i < 12; i++) rows[i] = m.m[i / 4][i % 4];
}

void cnifti_set_qform(nifti_1_header *header, const double rows[12]) {
  mat44 m;
  memset(&m, 0, sizeof m);
  for (int i = 0; i < 12; i++) m.m[i / 4][i % 4] = (float)rows[i];
  m.m[3][3] = 1;
  float dx, dy, dz, qfac;
  nifti_mat44_to_quatern(m, &header->quatern_b, &header->quatern_c, &header->quatern_d,
                         &header->qoffset_x, &header->qoffset_y, &header->qoffset_z, &dx, &dy,
                         &dz, &qfac);
  header->pixdim[0] = qfac;
}

static int deflate_start(z_stream *stream, int level) {
  memset(stream, 0, sizeof *stream);
  return deflateInit2(stream, level, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY);
}

int64_t cnifti_gzip_bound(int64_t count) {
  z_stream stream;
  if (deflate_start(&stream, 1) != Z_OK) return -1;
  int64_t bound = (int64_t)deflateBound(&stream, (uLong)count);
  deflateEnd(&stream);
  return bound;
}

int64_t cnifti_gzip(const void *bytes, int64_t count, int level, void *output, int64_t capacity) {
  z_stream stream;
  if (deflate_start(&stream, level) != Z_OK) return -1;
  const Bytef *next = bytes;
  Bytef *into = output;
  int code = Z_OK;
  while (code == Z_OK) {
    int64_t left = count - (int64_t)(next - (const Bytef *)bytes);
    int64_t room = capacity - (int64_t)(into - (Bytef *)output);
    stream.next_in = (Bytef *)next;
    stream.avail_in = (uInt)(left < CHUNK ? left : CHUNK);
    stream.next_out = into;
    stream.avail_out = (uInt)(room < CHUNK ? room : CHUNK);
    code = deflate(&stream, left <= CHUNK ? Z_FINISH : Z_NO_FLUSH);
    next = stream.next_in;
    into = stream.next_out;
  }
  deflateEnd(&stream);
  return code == Z_STREAM_END ? (int64_t)(into - (Bytef *)output) : -1;
}
