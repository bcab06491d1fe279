#include "CPNG.h"
#include <png.h>
#include <setjmp.h>
#include <string.h>

// libpng's row interface reports errors by longjmp. Each function here has its own setjmp and calls
// nothing but libpng and the callbacks below between it and the jump, so no Swift frame is crossed.

typedef struct {
  jmp_buf escape;
  char *message;
  uint8_t *bytes;
  size_t count, position;
} stream;

static void on_error(png_structp png, png_const_charp text) {
  stream *s = png_get_error_ptr(png);
  strncpy(s->message, text, 63);
  s->message[63] = 0;
  longjmp(s->escape, 1);
}

static void on_warning(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static void take(png_structp png, png_bytep output, size_t count) {
  stream *s = png_get_io_ptr(png);
  if (count > s->count - s->position) png_error(png, "the file ends too early");
  memcpy(output, s->bytes + s->position, count);
  s->position += count;
}

static void put(png_structp png, png_bytep input, size_t count) {
  stream *s = png_get_io_ptr(png);
  if (count > s->count - s->position) png_error(png, "no room for the file");
  memcpy(s->bytes + s->position, input, count);
  s->position += count;
}

static void flush(png_structp png) { (void)png; }

int cpng_read_gray(const void *file, size_t bytes, cpng_header *header, uint16_t *samples,
                   uint8_t *rows, char message[64]) {
  stream s = {.message = message, .bytes = (uint8_t *)file, .count = bytes};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &s, on_error, on_warning);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (!info) {
    png_destroy_read_struct(&png, NULL, NULL);
    strcpy(message, "out of memory");
    return -1;
  }
  if (setjmp(s.escape)) {
    png_destroy_read_struct(&png, &info, NULL);
    return -1;
  }
  png_set_read_fn(png, &s, take);
  png_read_info(png, info);
  header->width = (int)png_get_image_width(png, info);
  header->height = (int)png_get_image_height(png, info);
  header->bits = png_get_bit_depth(png, info);
  header->is_gray = png_get_color_type(png, info) == PNG_COLOR_TYPE_GRAY;
  if (samples && header->is_gray) {
    if (header->bits < 8) png_set_packing(png);  // one sample per byte, not rescaled
    int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    size_t width = (size_t)header->width, stride = header->bits == 16 ? 2 * width : width;
    size_t count = width * (size_t)header->height;
    for (int pass = 0; pass < passes; pass++)
      for (int y = 0; y < header->height; y++)
        png_read_row(png, rows + (size_t)y * stride, NULL);
    png_read_end(png, NULL);
    for (size_t n = 0; n < count; n++)
      samples[n] = header->bits == 16 ? (uint16_t)(rows[2 * n] << 8 | rows[2 * n + 1]) : rows[n];
  }
  png_destroy_read_struct(&png, &info, NULL);
  return 0;
}

int cpng_write_gray16(const uint16_t *samples, int width, int height, uint8_t *row, void *output,
                      size_t *bytes, char message[64]) {
  stream s = {.message = message, .bytes = output, .count = *bytes};
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &s, on_error, on_warning);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (!info) {
    png_destroy_write_struct(&png, NULL);
    strcpy(message, "out of memory");
    return -1;
  }
  if (setjmp(s.escape)) {
    png_destroy_write_struct(&png, &info);
    return -1;
  }
  png_set_write_fn(png, &s, put, flush);
  png_set_IHDR(png, info, (png_uint_32)width, (png_uint_32)height, 16, PNG_COLOR_TYPE_GRAY,
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  for (int y = 0; y < height; y++) {
    const uint16_t *in = samples + (size_t)y * (size_t)width;
    for (int x = 0; x < width; x++) {
      row[2 * x] = (uint8_t)(in[x] >> 8);
      row[2 * x + 1] = (uint8_t)in[x];
    }
    png_write_row(png, row);
  }
  png_write_end(png, info);
  *bytes = s.position;
  png_destroy_write_struct(&png, &info);
  return 0;
}
