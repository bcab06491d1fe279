// PNG files in memory by libpng's simplified interface, whose errors never jump.
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

#endif
