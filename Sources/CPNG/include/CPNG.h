// PNG files in memory by libpng: pictures by its simplified interface, whose errors never jump, and
// gray numbers by its rows (rows.c), which keep what is stored: no gamma, no rescaling.
#ifndef CPNG_H
#define CPNG_H
#include <stddef.h>
#include <stdint.h>

/// Compresses 8-bit samples, rows from the top, `channels` 1 (grey), 3 (RGB) or 4 (RGBA).
///
/// With `output` null the size is returned in `bytes` alone. Returns 0, or -1 with a message.
int cpng_encode(const uint8_t *samples, int width, int height, int channels, void *output,
                size_t *bytes, char message[64]);

/// Reads width, height and channels of a PNG file in memory. Returns 0, or -1 with a message.
int cpng_size(const void *file, size_t bytes, int *width, int *height, int *channels,
              char message[64]);

/// Decompresses into `samples` of width * height * channels bytes. Returns 0, or -1.
int cpng_decode(const void *file, size_t bytes, int channels, uint8_t *samples, char message[64]);

/// What a PNG file's header says.
typedef struct {
  int width, height;
  /// Bits of a stored sample: 1, 2, 4, 8 or 16.
  int bits;
  /// Whether it has one channel, gray.
  int is_gray;
} cpng_header;

/// Reads the header and, with `samples` not null and a gray file, the stored numbers: width * height
/// of them. `rows` has room for twice as many bytes. Returns 0, or -1 with a message.
int cpng_read_gray(const void *file, size_t bytes, cpng_header *header, uint16_t *samples,
                   uint8_t *rows, char message[64]);

/// Writes a gray file of 16 bits into `output`, which has room for `*bytes`; then `*bytes` is its
/// size. `row` has room for width * 2 bytes. Returns 0, or -1 with a message.
int cpng_write_gray16(const uint16_t *samples, int width, int height, uint8_t *row, void *output,
                      size_t *bytes, char message[64]);

#endif
