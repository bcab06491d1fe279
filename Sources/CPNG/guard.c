#include "CPNG.h"
#include <png.h>
#include <string.h>

static png_uint_32 format_of(int channels) {
  return channels == 4 ? PNG_FORMAT_RGBA : channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
}

static int fail(png_image *image, char message[64]) {
  memcpy(message, image->message, 64);
  message[63] = 0;
  png_image_free(image);
  return -1;
}

static void start(png_image *image) {
  memset(image, 0, sizeof *image);
  image->version = PNG_IMAGE_VERSION;
}

int cpng_encode(const uint8_t *samples, int width, int height, int channels, void *output,
                size_t *bytes, char message[64]) {
  png_image image;
  start(&image);
  image.width = (png_uint_32)width;
  image.height = (png_uint_32)height;
  image.format = format_of(channels);
  png_alloc_size_t size = *bytes;
  if (!png_image_write_to_memory(&image, output, &size, 0, samples, 0, NULL))
    return fail(&image, message);
  *bytes = size;
  return 0;
}

int cpng_size(const void *file, size_t bytes, int *width, int *height, int *channels,
              char message[64]) {
  png_image image;
  start(&image);
  if (!png_image_begin_read_from_memory(&image, file, bytes)) return fail(&image, message);
  *width = (int)image.width;
  *height = (int)image.height;
  int color = (image.format & PNG_FORMAT_FLAG_COLOR) != 0;
  int alpha = (image.format & PNG_FORMAT_FLAG_ALPHA) != 0;
  *channels = alpha ? 4 : color ? 3 : 1;
  png_image_free(&image);
  return 0;
}

int cpng_decode(const void *file, size_t bytes, int channels, uint8_t *samples,
                char message[64]) {
  png_image image;
  start(&image);
  if (!png_image_begin_read_from_memory(&image, file, bytes)) return fail(&image, message);
  image.format = format_of(channels);
  if (!png_image_finish_read(&image, NULL, samples, 0, NULL)) return fail(&image, message);
  return 0;
}
