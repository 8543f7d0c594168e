// Part of kernels.ipp.
// Pairs of rows that may be near each other: pack_near_rows, pack_near_points, near_pairs, and the defined values of
// pairs: defined_pairs.

// A panel of rows: their norms, then the panel itself.
template <class T>
std::ptrdiff_t near_panel_size(T, std::ptrdiff_t d) {
  return Shape<T>::points * (d + 1);
}

template <class T>
std::ptrdiff_t near_scratch_size(T, std::ptrdiff_t) {
  return Shape<T>::points * stored_tiles * tile_centroids;
}

template <class T>
void pack_near_rows(const NearRowsTask<T>& task) {
  using S = Shape<T>;
  const typename S::D d;
  T* coordinates = task.panel + S::points;
  fill_panel<T>(task.x, task.index, 0, task.count, task.centre, coordinates);
  typename S::V norm[S::vectors];
  panel_norms<T>(coordinates, task.x.d, norm);
  for (int v = 0; v < S::vectors; ++v) hn::Store(norm[v], d, task.panel + v * S::lanes);
}

template <class T>
HWY_INLINE ScoreBound near_bound(std::ptrdiff_t d) {
  return ScoreBound(sizeof(T), d, block_length(d), block_count(d));
}

// The norms are lowered by what the rounding of their scores may amount to, so that a point far from the centre makes
// nothing but its own pairs doubtful.
template <class T>
double pack_near_points(const RowsView<T>& points, const T* centre, T* packed) {
  const double largest = pack_centroids<T>(points, centre, packed);
  const auto lowered = static_cast<T>(1 - near_bound<T>(points.d).score_factor);
  for (std::ptrdiff_t i = 0; i < points.n; ++i) packed[i] *= lowered;
  return largest;
}

// By row of a panel, beside the tiles in the caller's stack: the registers belong to the accumulators.
template <class T>
struct NearBounds {
  alignas(64) T limit[Shape<T>::points];  // of the scores
  alignas(64) T below[Shape<T>::points];  // with the score: no more than the squared distance
  alignas(64) T above[Shape<T>::points];  // with the score and its point's part: no less
  T grown;                                // a factor for the roundings of the defined value
  T point_part;                           // of a lowered norm: twice what it was lowered by
  T shrunk;                               // from squared distances to defined values

  // Limits beyond all scores: below the largest number, so that no difference of them is NaN.
  static constexpr T largest_limit = std::numeric_limits<T>::max() / 8;

  // False where scores could overflow, or no bound of their rounding holds.
  HWY_INLINE bool start(const NearPairsTask<T>& task) {
    using S = Shape<T>;
    const typename S::D d;
    const ScoreBound bound = near_bound<T>(task.d);
    if (!(bound.score_factor < 0.25 && bound.value_factor < 0.25)) return false;
    // The last factor covers the roundings of the limits themselves.
    grown = static_cast<T>(1 + bound.value_factor) * (T(1) + 16 * std::numeric_limits<T>::epsilon());
    point_part = static_cast<T>(2 * bound.score_factor / (1 - bound.score_factor)) * round_up<T>;
    shrunk = static_cast<T>(1 - bound.value_factor) * round_down<T>;
    const auto tiny = hn::Set(d, static_cast<T>(bound.absolute));
    const auto lowered = hn::Set(d, static_cast<T>(1 - bound.score_factor));
    const auto raised = hn::Set(d, static_cast<T>(1 + bound.score_factor));
    alignas(64) T row_limit[S::points];
    for (std::ptrdiff_t i = 0; i < S::points; ++i) row_limit[i] = task.limit[i < task.rows ? i : task.rows - 1];
    auto largest = hn::Zero(d);
    for (int v = 0; v < S::vectors; ++v) {
      const auto norm = hn::Load(d, task.panel + v * S::lanes);
      const auto less = hn::Sub(hn::Mul(norm, lowered), tiny);
      const auto reach =
          hn::Min(hn::Mul(hn::Load(d, row_limit + v * S::lanes), hn::Set(d, grown)), hn::Set(d, largest_limit));
      largest = hn::Max(largest, norm);
      hn::Store(less, d, below + v * S::lanes);
      hn::Store(hn::Add(hn::Mul(norm, raised), tiny), d, above + v * S::lanes);
      hn::Store(hn::Sub(reach, less), d, limit + v * S::lanes);
    }
    const double most = static_cast<double>(hn::GetLane(hn::MaxOfLanes(d, largest))) + task.largest_norm;
    return 32 * most < static_cast<double>(std::numeric_limits<T>::max());  // no score is beyond twice the norms
  }
};

// Lists the pairs of a tile of scores that are within the limit of their row or point. Returns the number so far.
template <bool TwoSided, class T>
HWY_INLINE std::ptrdiff_t list_near(const NearPairsTask<T>& task, const NearBounds<T>& bounds, std::ptrdiff_t tile,
                                    const typename Shape<T>::V (&score)[tile_centroids][Shape<T>::vectors],
                                    std::uint64_t places, std::ptrdiff_t pairs) {
  using S = Shape<T>;
  const typename S::D d;
  const std::ptrdiff_t base = tile * tile_centroids;
  const int count = static_cast<int>(task.k - base < tile_centroids ? task.k - base : tile_centroids);
  [[maybe_unused]] T reach[tile_centroids];
  if constexpr (TwoSided) {
    for (int i = 0; i < tile_centroids; ++i) {
      const T grown = i < count ? task.point_limit[base + i] * bounds.grown : T(0);
      reach[i] = grown < NearBounds<T>::largest_limit ? grown : NearBounds<T>::largest_limit;
    }
  }
  CORYMB_UNROLL
  for (int v = 0; v < S::vectors; ++v) {
    const auto limit = hn::Load(d, bounds.limit + v * S::lanes);
    const auto below = hn::Load(d, bounds.below + v * S::lanes);
    // The limits of pairs are compared by differences, whose signs are right, to be joined by minima.
    const auto beyond = [&](int i) HWY_ATTR {
      if constexpr (TwoSided)
        return hn::Sub(score[i][v], hn::Max(limit, hn::Sub(hn::Set(d, reach[i]), below)));
      else
        return score[i][v];
    };
    auto lowest = beyond(0);
    CORYMB_UNROLL
    for (int i = 1; i < tile_centroids; ++i) lowest = hn::Min(lowest, beyond(i));
    const auto most = TwoSided ? hn::Zero(d) : limit;
    const std::uint64_t here = places >> (v * S::lanes);
    if ((lanes_within<T>(lowest, most) & here) == 0) continue;
    const auto above = hn::Load(d, bounds.above + v * S::lanes);
    for (int i = 0; i < count; ++i) {
      std::uint64_t bits = lanes_within<T>(beyond(i), most) & here;
      if (bits == 0) continue;
      alignas(64) T least[S::lanes];
      alignas(64) T greatest[S::lanes];
      const auto part = hn::Set(d, task.packed[base + i] * bounds.point_part);
      hn::Store(hn::Mul(hn::Max(hn::Add(score[i][v], below), hn::Zero(d)), hn::Set(d, bounds.shrunk)), d, least);
      hn::Store(hn::Mul(hn::Add(score[i][v], hn::Add(above, part)), hn::Set(d, bounds.grown)), d, greatest);
      for (; bits != 0; bits &= bits - 1) {
        const int lane = __builtin_ctzll(bits);
        NearPair<T>& pair = task.pair[pairs++];
        pair.least = least[lane];
        pair.most = greatest[lane];
        pair.row = static_cast<std::int32_t>(v * S::lanes + lane);
        pair.point = static_cast<std::int32_t>(base + i);
      }
    }
  }
  return pairs;
}

template <bool TwoSided, class T>
std::ptrdiff_t near_pairs_of(const NearPairsTask<T>& task, const NearBounds<T>& bounds) {
  using S = Shape<T>;
  const typename S::D d;
  const std::ptrdiff_t tiles = tile_count(task.k);
  const T* panel = task.panel + S::points;
  const std::uint64_t places = task.rows < 64 ? (std::uint64_t{1} << task.rows) - 1 : ~std::uint64_t{0};
  std::ptrdiff_t pairs = 0;
  if (block_length(task.d) < task.d) {
    stored_panel<T>(panel, task.packed, task.k, task.d, task.scratch,
                    [&](std::ptrdiff_t tile, const T* scores) HWY_ATTR {
                      typename S::V score[tile_centroids][S::vectors];
                      CORYMB_UNROLL
                      for (int i = 0; i < tile_centroids; ++i) {
                        CORYMB_UNROLL
                        for (int v = 0; v < S::vectors; ++v)
                          score[i][v] = hn::Load(d, scores + i * S::points + v * S::lanes);
                      }
                      pairs = list_near<TwoSided, T>(task, bounds, tile, score, places, pairs);
                    });
    return pairs;
  }
  const T* coefficients = task.packed + tiles * tile_centroids;
  for (std::ptrdiff_t tile = 0; tile < tiles; ++tile) {
    const T* norms = task.packed + tile * tile_centroids;
    typename S::V score[tile_centroids][S::vectors];
    CORYMB_UNROLL
    for (int i = 0; i < tile_centroids; ++i) {
      CORYMB_UNROLL
      for (int v = 0; v < S::vectors; ++v) score[i][v] = hn::Set(d, norms[i]);
    }
    CORYMB_KERNEL_SPILL;
    multiply_tile<tile_centroids, T>(panel, coefficients + tile * tile_centroids * task.d, task.d, score);
    pairs = list_near<TwoSided, T>(task, bounds, tile, score, places, pairs);
  }
  return pairs;
}

template <class T>
std::ptrdiff_t near_pairs(const NearPairsTask<T>& task) {
  NearBounds<T> bounds;
  if (bounds.start(task))
    return task.point_limit != nullptr ? near_pairs_of<true, T>(task, bounds) : near_pairs_of<false, T>(task, bounds);
  std::ptrdiff_t pairs = 0;
  for (std::ptrdiff_t c = 0; c < task.k; ++c)
    for (std::ptrdiff_t i = 0; i < task.rows; ++i)
      task.pair[pairs++] = {T(0), std::numeric_limits<T>::infinity(), static_cast<std::int32_t>(i),
                            static_cast<std::int32_t>(c)};
  return pairs;
}

#if CORYMB_KERNEL_HAS_BLOCKS
// The next coordinates of as many pairs as a block has, one coordinate after the other: sums of pairs stand in lanes.
template <class T, class V>
HWY_INLINE V add_squares(hn::CappedTag<T, 16 / sizeof(T)> d, const T* const* x, const T* const* c, std::ptrdiff_t j,
                         V sum) {
  const auto square = [&](int p) HWY_ATTR {
    const auto difference = hn::Sub(hn::LoadU(d, x[p] + j), hn::LoadU(d, c[p] + j));
    return CORYMB_KERNEL_ROUNDED(hn::Mul(difference, difference));
  };
  if constexpr (sizeof(T) == 4) {
    const auto s0 = square(0), s1 = square(1), s2 = square(2), s3 = square(3);
    const auto a = hn::InterleaveLower(d, s0, s2), b = hn::InterleaveUpper(d, s0, s2);
    const auto e = hn::InterleaveLower(d, s1, s3), f = hn::InterleaveUpper(d, s1, s3);
    sum = hn::Add(sum, hn::InterleaveLower(d, a, e));
    sum = hn::Add(sum, hn::InterleaveUpper(d, a, e));
    sum = hn::Add(sum, hn::InterleaveLower(d, b, f));
    return hn::Add(sum, hn::InterleaveUpper(d, b, f));
  } else {
    const auto s0 = square(0), s1 = square(1);
    sum = hn::Add(sum, hn::InterleaveLower(d, s0, s1));
    return hn::Add(sum, hn::InterleaveUpper(d, s0, s1));
  }
}
#endif

// Several pairs at a time: their chains of additions run side by side.
template <class T>
void defined_pairs(const PairsTask<T>& task) {
#if CORYMB_KERNEL_HAS_BLOCKS
  const hn::CappedTag<T, 16 / sizeof(T)> d;
  constexpr std::ptrdiff_t block = 16 / sizeof(T);
#else
  constexpr std::ptrdiff_t block = 2;
#endif
  constexpr std::ptrdiff_t group = 4 * block;
  for (std::ptrdiff_t first = 0; first < task.count; first += group) {
    const T* x[group];
    const T* c[group];
    alignas(64) T sum[group];
    for (std::ptrdiff_t l = 0; l < group; ++l) {  // beyond the last pair: the last one again
      const std::ptrdiff_t p = first + l < task.count ? first + l : task.count - 1;
      x[l] = task.x.data + task.row[p] * task.x.stride;
      c[l] = task.c.data + task.centroid[p] * task.c.stride;
      sum[l] = T(0);
    }
    std::ptrdiff_t j = 0;
#if CORYMB_KERNEL_HAS_BLOCKS
    auto sum0 = hn::Zero(d), sum1 = hn::Zero(d), sum2 = hn::Zero(d), sum3 = hn::Zero(d);
    for (; j + block <= task.x.d; j += block) {
      sum0 = add_squares<T>(d, x, c, j, sum0);
      sum1 = add_squares<T>(d, x + block, c + block, j, sum1);
      sum2 = add_squares<T>(d, x + 2 * block, c + 2 * block, j, sum2);
      sum3 = add_squares<T>(d, x + 3 * block, c + 3 * block, j, sum3);
    }
    hn::Store(sum0, d, sum);
    hn::Store(sum1, d, sum + block);
    hn::Store(sum2, d, sum + 2 * block);
    hn::Store(sum3, d, sum + 3 * block);
#endif
    for (; j < task.x.d; ++j) {
      CORYMB_UNROLL
      for (std::ptrdiff_t l = 0; l < group; ++l) {
        const T difference = x[l][j] - c[l][j];
        sum[l] += CORYMB_KERNEL_ROUNDED(difference * difference);
      }
    }
    for (std::ptrdiff_t l = 0; l < group && first + l < task.count; ++l) task.value[first + l] = sum[l];
  }
}
