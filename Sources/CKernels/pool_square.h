// Eq. 4 from probabilities on 2 x 2 blocks, for one instruction set. Included once for each, with
//
//   LANES             floats per vector, 8 or 16
//   NAMED(name)       the name of a function of this instruction set
//   TARGET            its attribute
//   ESTIMATE(x)       1 / sqrt(x) of normal positive floats, to 1e-3 or better
//   APART(x)          a statement that keeps the compiler from looking into how x came about
//   OR_READ(x, p)     a statement x |= what p points to, which reads it from memory once more
//
// What bounds the loops is the number of their instructions and, in the first, the length of the
// chain that these make, so:
//
// - One estimate y of 1 / sqrt(a rho) takes the place of a square root and a division. With
//   Newton's step y (3 - a rho y^2) = 2 / sqrt(a rho), q = rho y (3 - a rho y^2) = 2 sqrt(rho / a)
//   has 3e-7 of error at most; then with S the sum of a_i q_i, mu_j = tau_j q_i / S.
// - mu_j and nu_i are tau_j and a_i times one factor. The two roundings in a_i and one in each product
//   leave at most 2^-22 of nu of |A mu - nu|: that is the residual, and nobody has to sum mu.
// - The first loop takes its steps for three vectors of cells at once: the sums of the blocks, the
//   estimate for the vector before, Newton's step for the one before that. A processor sees some
//   hundred instructions ahead, which one step after the other would fill with waiting ones.
// - Sums of neighbours leave the cells of a vector in the order in which shuffles within 128 bits
//   produce them, and q is spread over its block by such shuffles. Only rho and nu, a quarter of the
//   data, are brought into that order and back.
// - Only the signs of tau are looked at: that of rho shows in a rho. An instruction can read its operand
//   while it computes; to read tau again for its signs takes fewer of them than to keep it.
// - Rows of 16 cells, the usual ones, are loops over a number that the compiler knows.

#define VECTOR NAMED(float_vector)
#define INTS NAMED(int_vector)
typedef float VECTOR __attribute__((vector_size(4 * LANES), aligned(4)));
typedef int32_t INTS __attribute__((vector_size(4 * LANES), aligned(4)));

#define READ(pointer) (*(const VECTOR *)(pointer))
#define WRITE(pointer, value) (*(VECTOR *)(pointer) = (value))
#define EACH(value) ((VECTOR){0} + (value))
#if LANES == 16
#define EVENS(a, b)                                                                               \
  __builtin_shufflevector(a, b, 0, 2, 16, 18, 4, 6, 20, 22, 8, 10, 24, 26, 12, 14, 28, 30)
#define ODDS(a, b)                                                                                \
  __builtin_shufflevector(a, b, 1, 3, 17, 19, 5, 7, 21, 23, 9, 11, 25, 27, 13, 15, 29, 31)
#define SPREAD_LEFT(a)                                                                            \
  __builtin_shufflevector(a, a, 0, 0, 1, 1, 4, 4, 5, 5, 8, 8, 9, 9, 12, 12, 13, 13)
#define SPREAD_RIGHT(a)                                                                           \
  __builtin_shufflevector(a, a, 2, 2, 3, 3, 6, 6, 7, 7, 10, 10, 11, 11, 14, 14, 15, 15)
#define SHUFFLED(a)                                                                               \
  __builtin_shufflevector(a, a, 0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15)
#define IN_ORDER(a)                                                                               \
  __builtin_shufflevector(a, a, 0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15)
#else
#define EVENS(a, b) __builtin_shufflevector(a, b, 0, 2, 8, 10, 4, 6, 12, 14)
#define ODDS(a, b) __builtin_shufflevector(a, b, 1, 3, 9, 11, 5, 7, 13, 15)
#define SPREAD_LEFT(a) __builtin_shufflevector(a, a, 0, 0, 1, 1, 4, 4, 5, 5)
#define SPREAD_RIGHT(a) __builtin_shufflevector(a, a, 2, 2, 3, 3, 6, 6, 7, 7)
#define SHUFFLED(a) __builtin_shufflevector(a, a, 0, 1, 4, 5, 2, 3, 6, 7)
#define IN_ORDER(a) SHUFFLED(a)
#endif

#define SUM_LANES(vector)                                                                         \
  ({                                                                                              \
    float lanes[LANES];                                                                           \
    memcpy(lanes, &(vector), sizeof lanes);                                                       \
    for (int half = LANES / 2; half > 0; half /= 2)                                               \
      for (int lane = 0; lane < half; lane++) lanes[lane] += lanes[lane + half];                  \
    lanes[0];                                                                                     \
  })

/// Writes a vector, past the cache if told to.
#define DELIVER(pointer, value)                                                                   \
  do {                                                                                            \
    const VECTOR delivered = (value);                                                             \
    float4 quads[LANES / 4];                                                                      \
    memcpy(quads, &delivered, sizeof quads);                                                      \
    if (streams)                                                                                  \
      for (int quad = 0; quad < LANES / 4; quad++)                                                \
        __builtin_nontemporal_store(quads[quad], (float4 *)(pointer) + quad);                     \
    else WRITE(pointer, delivered);                                                               \
  } while (0)

/// Loops over the coarse cells, from k on LANES at a time; the upper left of their blocks is at
/// `start`. Rows are multiples of 16 cells: the innermost loop is there to be unrolled.
#define FOR_VECTORS(p, k, start)                                                                  \
  for (int64_t row = 0; row < (p).coarse_height; row++)                                           \
    for (int64_t column = 0; column < (p).coarse_width; column += 16)                             \
      for (int64_t part = 0, k = row * (p).coarse_width + column,                                 \
                   start = 4 * row * (p).coarse_width + 2 * column;                               \
           part < 16; part += LANES, k += LANES, start += 2 * LANES)

/// The sums of the blocks of LANES cells whose upper left is at `upper`, in the shuffled order.
#define POOL(sums, ul, ur, ll, lr)                                                                \
  const VECTOR sums##_left = ul + ll, sums##_right = ur + lr;                                     \
  VECTOR sums##_even = EVENS(sums##_left, sums##_right);                                          \
  APART(sums##_even); /* Or the sum becomes a horizontal one, of twice as many steps. */          \
  const VECTOR sums = sums##_even + ODDS(sums##_left, sums##_right)

/// Newton's step for the cells of two vectors ago, and the estimate for those of the last one.
#define STEP_ROOTS(target)                                                                        \
  do {                                                                                            \
    const VECTOR half = product2 * y2, twice = 3.0f - half * y2;                                  \
    WRITE(target, (r2 * y2) * twice);                                                             \
    sum_g += half * twice;                                                                        \
    r2 = r1, product2 = product1;                                                                 \
    /* The estimate of 1 / sqrt(0) has to be finite: 0 times it is the 0 that is meant. */        \
    y2 = ESTIMATE((VECTOR)MAX((INTS)product1, (INTS)EACH(FLT_MIN)));                              \
  } while (0)

/// The sums of all blocks, in the order of the cells.
TARGET INLINE void NAMED(pool_in_order)(struct ckernels_pooling p, const float *restrict tau,
                                        float *restrict sums) {
  const int64_t width = 2 * p.coarse_width;
  FOR_VECTORS(p, k, start) {
    const float *upper = tau + start, *lower = upper + width;
    POOL(a, READ(upper), READ(upper + LANES), READ(lower), READ(lower + LANES));
    WRITE(sums + k, IN_ORDER(a));
  }
}

TARGET INLINE void NAMED(project)(struct ckernels_pooling p, const float *restrict tau,
                                  const float *restrict rho, float *restrict mu,
                                  float *restrict nu, struct ckernels_pool_summary *summary,
                                  float *restrict workspace, int streams) {
  const int64_t n = pool_coarse_count(p), width = 2 * p.coarse_width;
  // The first two steps have no cells of two vectors ago, and write in front of `ratio`.
  float *ordered = workspace, *ratio = ordered + n + 2 * LANES;  // a_i in order; q_i, shuffled
  float *pooled = ratio + n;                                     // a_i, shuffled
  INTS signs = {0};
  VECTOR least = EACH(INFINITY), sum_a = {0}, sum_rho = {0}, sum_g = {0};
  VECTOR r1 = {0}, r2 = {0}, product1 = {0}, product2 = {0}, y2 = {0};
  FOR_VECTORS(p, k, start) {
    const float *upper = tau + start, *lower = upper + width;
    const VECTOR ul = READ(upper), ur = READ(upper + LANES);
    const VECTOR ll = READ(lower), lr = READ(lower + LANES);
    POOL(a, ul, ur, ll, lr);
    STEP_ROOTS(ratio + k - 2 * LANES);
    r1 = SHUFFLED(READ(rho + k));
    product1 = a * r1;
    WRITE(pooled + k, a);
    OR_READ(signs, upper);
    OR_READ(signs, upper + LANES);
    OR_READ(signs, lower);
    OR_READ(signs, lower + LANES);
    least = (VECTOR)MIN((INTS)least, (INTS)product1);
    sum_a += a;
    sum_rho += r1;
    // Or vectors are mixed until there are too many of them for the registers.
    APART(signs);
    APART(least);
    APART(sum_a);
  }
  STEP_ROOTS(ratio + n - 2 * LANES);
  STEP_ROOTS(ratio + n - LANES);

  const float total_a = SUM_LANES(sum_a), total_rho = SUM_LANES(sum_rho);
  const float total = SUM_LANES(sum_g);
  summary->is_plain = __builtin_reduce_or(signs) >= 0 && total > 2e-15f && total_a < 1e15f &&
                      total_rho < 1e15f;
  summary->value = 0;
  // a_i >= a_i rho_i / total_rho: where this is above FLT_MIN, nothing lost digits.
  const VECTOR enough = EACH(FLT_MIN * (total_rho > 1 ? total_rho : 1));
  if (__builtin_reduce_or((INTS)least < (INTS)enough) && summary->is_plain) {
    NAMED(pool_in_order)(p, tau, ordered);
    // Where a_i is 0, q_i / S has to be finite.
    summary->is_plain = total_rho < 1e18f * total && !loses_digits(n, ordered, rho);
  }
  if (!summary->is_plain) return;

  const VECTOR reciprocal = EACH(1 / total);
  VECTOR largest = {0};
  FOR_VECTORS(p, k, start) {
    const float *upper = tau + start, *lower = upper + width;
    const VECTOR factor = READ(ratio + k) * reciprocal;
    const VECTOR spread_left = SPREAD_LEFT(factor), spread_right = SPREAD_RIGHT(factor);
    const VECTOR ul = READ(upper) * spread_left, ur = READ(upper + LANES) * spread_right;
    const VECTOR ll = READ(lower) * spread_left, lr = READ(lower + LANES) * spread_right;
    DELIVER(mu + start, ul);
    DELIVER(mu + start + LANES, ur);
    DELIVER(mu + start + width, ll);
    DELIVER(mu + start + width + LANES, lr);
    const VECTOR scaled = READ(pooled + k) * factor;
    DELIVER(nu + k, IN_ORDER(scaled));
    largest = (VECTOR)MAX((INTS)largest, (INTS)scaled);
  }
  const int32_t bits = __builtin_reduce_max((INTS)largest);
  float largest_nu;
  memcpy(&largest_nu, &bits, sizeof largest_nu);
  summary->residual = 2 * SUM_ERROR * (double)largest_nu;
  summary->value = 1 - 0.5 * (double)total / sqrt((double)total_a * (double)total_rho);
  if (summary->value < SMALL_DEFICIT) {
    NAMED(pool_in_order)(p, tau, ordered);
    summary->value = small_deficit(n, ordered, 1 / total_a, rho, 1 / total_rho);
  }
}

TARGET INLINE void NAMED(project_each)(int64_t count, struct ckernels_pooling p,
                                       const float *fine, const float *coarse,
                                       float *projected_fine, float *projected_coarse,
                                       struct ckernels_pool_summary *summaries,
                                       float *workspace, int streams) {
  const int64_t m = pool_fine_count(p), n = pool_coarse_count(p);
  for (int64_t b = 0; b < count; b++)
    NAMED(project)(p, fine + b * m, coarse + b * n, projected_fine + b * m,
                   projected_coarse + b * n, summaries + b, workspace, streams);
}

TARGET static void NAMED(project_all)(int64_t count, struct ckernels_pooling p,
                                      const float *fine, const float *coarse,
                                      float *projected_fine, float *projected_coarse,
                                      struct ckernels_pool_summary *summaries, float *workspace,
                                      int streams) {
  struct ckernels_pooling of_16 = p;
  of_16.coarse_width = 16;
#define PROJECT_EACH(pooling, streams)                                                            \
  NAMED(project_each)(count, pooling, fine, coarse, projected_fine, projected_coarse, summaries,  \
                      workspace, streams)
  if (p.coarse_width == 16 && streams) PROJECT_EACH(of_16, 1);
  else if (p.coarse_width == 16) PROJECT_EACH(of_16, 0);
  else if (streams) PROJECT_EACH(p, 1);
  else PROJECT_EACH(p, 0);
#undef PROJECT_EACH
}

#undef VECTOR
#undef INTS
#undef READ
#undef WRITE
#undef EACH
#undef EVENS
#undef ODDS
#undef SPREAD_LEFT
#undef SPREAD_RIGHT
#undef SHUFFLED
#undef IN_ORDER
#undef SUM_LANES
#undef DELIVER
#undef FOR_VECTORS
#undef POOL
#undef STEP_ROOTS
#undef LANES
#undef NAMED
#undef TARGET
#undef ESTIMATE
#undef APART
#undef OR_READ
