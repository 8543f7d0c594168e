// The hot loops, written once against the interface of Google Highway. No include guard: this file is included inside
// a namespace, once for every instruction set by src/simd/kernels.cpp (with Highway as hn) and once by
// portable_kernels.hpp (with a small stand-in on compiler vectors as hn).
//
// Points go in lanes. A panel holds `points` = vectors × lanes rows, transposed: coordinate j of all of them is
// contiguous. Against it run tiles of `centroids` rows of the other side, one broadcast coordinate at a time, so that a
// tile of centroids × vectors accumulators stays in registers and nothing but the answer is written.
//
// Two numbers exist per pair (see rounding.hpp):
// - the defined value, Σ (x_j − y_j)² in T, ascending j, one accumulator, never fused: the functions distances,
//   nearest_defined, row_distances. It is the same bits whatever the panel, tile, instruction set or order of rows.
// - the expanded score ‖c‖² − 2 x·c on centred data, fused: nearest_expanded. It only ever decides when its margin
//   exceeds the rounding bound of both; other rows are reported as unsettled, to be decided by the defined value.

template <class T>
struct Shape {
  using D = hn::ScalableTag<T>;
  using V = hn::Vec<D>;
  using DI = hn::RebindToSigned<D>;
  using I = hn::Vec<DI>;
  using Lane = hn::TFromD<DI>;
  static constexpr std::ptrdiff_t lanes = static_cast<std::ptrdiff_t>(CORYMB_KERNEL_LANES(T));
  static constexpr int vectors = CORYMB_KERNEL_VECTORS;
  static constexpr std::ptrdiff_t points = vectors * lanes;
};

inline constexpr int tile_centroids = 6;
inline constexpr std::ptrdiff_t longest_block = 128;  // coordinates: a panel's share of them stays in the L1 cache
inline constexpr std::ptrdiff_t stored_tiles = 42;    // tiles of scores kept between blocks of coordinates, 64 KiB

inline std::ptrdiff_t divide_up(std::ptrdiff_t a, std::ptrdiff_t b) { return (a + b - 1) / b; }
inline std::ptrdiff_t block_count(std::ptrdiff_t d) { return divide_up(d, longest_block); }
inline std::ptrdiff_t block_length(std::ptrdiff_t d) { return divide_up(d, block_count(d)); }
inline std::ptrdiff_t tile_count(std::ptrdiff_t k) { return divide_up(k, tile_centroids); }

// ---- panels ---------------------------------------------------------------------------------------------------------

template <class T>
HWY_INLINE void transpose_block(const T* const* rows, const T* centre, std::ptrdiff_t j, T* panel) {
  // Four rows × one 128-bit block of coordinates.
#if CORYMB_KERNEL_HAS_BLOCKS
  const hn::CappedTag<T, 16 / sizeof(T)> d;
  constexpr std::ptrdiff_t points = Shape<T>::points;
  const auto mu = hn::LoadU(d, centre + j);
  if constexpr (sizeof(T) == 4) {
    const auto r0 = hn::Sub(hn::LoadU(d, rows[0] + j), mu), r1 = hn::Sub(hn::LoadU(d, rows[1] + j), mu);
    const auto r2 = hn::Sub(hn::LoadU(d, rows[2] + j), mu), r3 = hn::Sub(hn::LoadU(d, rows[3] + j), mu);
    const auto a = hn::InterleaveLower(d, r0, r2), b = hn::InterleaveUpper(d, r0, r2);
    const auto c = hn::InterleaveLower(d, r1, r3), e = hn::InterleaveUpper(d, r1, r3);
    hn::StoreU(hn::InterleaveLower(d, a, c), d, panel + (j + 0) * points);
    hn::StoreU(hn::InterleaveUpper(d, a, c), d, panel + (j + 1) * points);
    hn::StoreU(hn::InterleaveLower(d, b, e), d, panel + (j + 2) * points);
    hn::StoreU(hn::InterleaveUpper(d, b, e), d, panel + (j + 3) * points);
  } else {
    for (int half = 0; half < 2; ++half) {
      const auto r0 = hn::Sub(hn::LoadU(d, rows[2 * half] + j), mu);
      const auto r1 = hn::Sub(hn::LoadU(d, rows[2 * half + 1] + j), mu);
      hn::StoreU(hn::InterleaveLower(d, r0, r1), d, panel + (j + 0) * points + 2 * half);
      hn::StoreU(hn::InterleaveUpper(d, r0, r1), d, panel + (j + 1) * points + 2 * half);
    }
  }
#else
  for (std::ptrdiff_t i = 0; i < 4; ++i)
    for (std::ptrdiff_t l = j; l < j + static_cast<std::ptrdiff_t>(16 / sizeof(T)); ++l)
      panel[l * Shape<T>::points + i] = rows[i][l] - centre[l];
#endif
}

// Rows of x, or the rows listed in `index`, minus the centre. Places beyond `count` repeat the last row.
template <class T>
HWY_INLINE void fill_panel(const RowsView<T>& x, const std::ptrdiff_t* index, std::ptrdiff_t first, std::ptrdiff_t count,
                           const T* centre, T* panel) {
  constexpr std::ptrdiff_t points = Shape<T>::points;
  constexpr std::ptrdiff_t step = 16 / sizeof(T);
  const auto row = [&](std::ptrdiff_t i) HWY_ATTR {
    const std::ptrdiff_t r = first + (i < count ? i : count - 1);
    return x.data + (index != nullptr ? index[r] : r) * x.stride;
  };
  std::ptrdiff_t i = 0;
  for (; i + 4 <= points; i += 4) {
    const T* rows[4] = {row(i), row(i + 1), row(i + 2), row(i + 3)};
    std::ptrdiff_t j = 0;
    for (; j + step <= x.d; j += step) transpose_block<T>(rows, centre, j, panel + i);
    for (; j < x.d; ++j)
      for (std::ptrdiff_t l = 0; l < 4; ++l) panel[j * points + i + l] = rows[l][j] - centre[j];
  }
  for (; i < points; ++i) {
    const T* r = row(i);
    for (std::ptrdiff_t j = 0; j < x.d; ++j) panel[j * points + i] = r[j] - centre[j];
  }
}

// ---- the expanded score: nearest_expanded ---------------------------------------------------------------------------

// Packed centroids: the padded norms (padding = +inf, so that it never wins), then −2 (c − centre) by blocks of
// coordinates, tiles of centroids, coordinates.
template <class T>
std::ptrdiff_t packed_size(T, std::ptrdiff_t k, std::ptrdiff_t d) {
  return tile_count(k) * tile_centroids * (d + 1);
}

/// Returns the largest ‖c − centre‖².
template <class T>
double pack_centroids(const RowsView<T>& c, const T* centre, T* packed) {
  const std::ptrdiff_t tiles = tile_count(c.n), length = block_length(c.d);
  T* norms = packed;
  T* out = packed + tiles * tile_centroids;
  double largest = 0;
  for (std::ptrdiff_t i = 0; i < tiles * tile_centroids; ++i) {
    if (i >= c.n) {
      norms[i] = std::numeric_limits<T>::infinity();
      continue;
    }
    double norm = 0;
    for (std::ptrdiff_t j = 0; j < c.d; ++j) {
      const double value = static_cast<double>(static_cast<T>(c.data[i * c.stride + j] - centre[j]));
      norm += value * value;
    }
    norms[i] = static_cast<T>(norm);
    largest = largest < norm ? norm : largest;
  }
  for (std::ptrdiff_t j0 = 0; j0 < c.d; j0 += length)
    for (std::ptrdiff_t tile = 0; tile < tiles; ++tile)
      for (std::ptrdiff_t j = j0; j < (j0 + length < c.d ? j0 + length : c.d); ++j)
        for (std::ptrdiff_t i = tile * tile_centroids; i < (tile + 1) * tile_centroids; ++i)
          *out++ = i < c.n ? T(-2) * static_cast<T>(c.data[i * c.stride + j] - centre[j]) : T(0);
  return largest;
}

// Per row of a panel. Lives in the caller's scratch memory between tiles: the registers belong to the accumulators.
template <class T>
struct Best {
  alignas(64) T first[Shape<T>::points];                        // lowest score so far
  alignas(64) T second[Shape<T>::points];                       // second lowest
  alignas(64) typename Shape<T>::Lane index[Shape<T>::points];  // whose the lowest is
  typename Shape<T>::Lane number[tile_centroids];               // the centroids of the current tile
};

template <class T>
std::ptrdiff_t expanded_scratch_size(T, std::ptrdiff_t d) {
  const std::ptrdiff_t scores = block_count(d) > 1 ? stored_tiles * tile_centroids : 0;
  return Shape<T>::points * (d + scores) + static_cast<std::ptrdiff_t>(sizeof(Best<T>) / sizeof(T));
}

// Folds the scores of the centroids numbered best.number[0 … Count) into the best so far.
template <int Count, class T>
HWY_INLINE void fold_scores(const typename Shape<T>::V (&score)[tile_centroids][Shape<T>::vectors], Best<T>& best) {
  using S = Shape<T>;
  const typename S::D d;
  const typename S::DI di;
  CORYMB_UNROLL
  for (int v = 0; v < S::vectors; ++v) {
    auto first = hn::Load(d, best.first + v * S::lanes);
    auto second = hn::Load(d, best.second + v * S::lanes);
    auto index = hn::Load(di, best.index + v * S::lanes);
    CORYMB_UNROLL
    for (int i = 0; i < Count; ++i) {
      // Selections rather than minima: they run beside the multiplications on processors that share those units.
      const auto closer = hn::Lt(score[i][v], first);
      second = hn::Min(second, hn::IfThenElse(closer, first, score[i][v]));
      first = hn::IfThenElse(closer, score[i][v], first);
      index = hn::IfThenElse(hn::RebindMask(di, closer), hn::Set(di, best.number[i]), index);
    }
    hn::Store(first, d, best.first + v * S::lanes);
    hn::Store(second, d, best.second + v * S::lanes);
    hn::Store(index, di, best.index + v * S::lanes);
  }
}

// Adds Σ_j panel_j · tile_j over `length` coordinates to the scores. The rows are kept in registers: as operands in
// memory, read again for every centroid, they would make loads the bottleneck.
template <int Count, class T>
HWY_INLINE void multiply_tile(const T* panel, const T* tile, std::ptrdiff_t length,
                              typename Shape<T>::V (&score)[tile_centroids][Shape<T>::vectors]) {
  using S = Shape<T>;
  const typename S::D d;
  for (std::ptrdiff_t j = 0; j < length; ++j, panel += S::points, tile += tile_centroids) {
    typename S::V x[S::vectors];
    CORYMB_UNROLL
    for (int v = 0; v < S::vectors; ++v) {
      auto row = hn::Load(d, panel + v * S::lanes);
      CORYMB_KERNEL_KEEP(row);
      x[v] = row;
    }
    CORYMB_UNROLL
    for (int i = 0; i < Count; ++i) {
      const auto c = hn::Set(d, tile[i]);
      CORYMB_UNROLL
      for (int v = 0; v < S::vectors; ++v) score[i][v] = hn::MulAdd(x[v], c, score[i][v]);
    }
  }
}

template <int Count, class T>
HWY_INLINE void expanded_tile(const T* panel, const T* tile, const T* norms, std::ptrdiff_t length, std::ptrdiff_t base,
                              Best<T>& best) {
  using S = Shape<T>;
  const typename S::D d;
  typename S::V score[tile_centroids][S::vectors];
  CORYMB_UNROLL
  for (int i = 0; i < Count; ++i) {
    CORYMB_UNROLL
    for (int v = 0; v < S::vectors; ++v) score[i][v] = hn::Set(d, norms[i]);
  }
  for (int i = 0; i < Count; ++i) best.number[i] = static_cast<typename S::Lane>(base + i);
  CORYMB_KERNEL_SPILL;  // the best so far goes to memory now, so that the loop keeps its operands in registers
  multiply_tile<Count, T>(panel, tile, length, score);
  fold_scores<Count, T>(score, best);
}

// One block of coordinates of one tile: from the norms or the stored partial score, back to the store.
template <class T>
HWY_INLINE void stored_tile(const T* panel, const T* tile, const T* norms, std::ptrdiff_t length, bool starts, T* store) {
  using S = Shape<T>;
  const typename S::D d;
  typename S::V score[tile_centroids][S::vectors];
  CORYMB_UNROLL
  for (int i = 0; i < tile_centroids; ++i) {
    CORYMB_UNROLL
    for (int v = 0; v < S::vectors; ++v) score[i][v] = hn::Zero(d);
  }
  multiply_tile<tile_centroids, T>(panel, tile, length, score);
  CORYMB_UNROLL
  for (int i = 0; i < tile_centroids; ++i) {
    CORYMB_UNROLL
    for (int v = 0; v < S::vectors; ++v) {
      T* place = store + i * S::points + v * S::lanes;
      const auto before = starts ? hn::Set(d, norms[i]) : hn::Load(d, place);
      hn::Store(hn::Add(before, score[i][v]), d, place);
    }
  }
}

template <class T>
HWY_INLINE void fold_stored(const T* store, std::ptrdiff_t base, Best<T>& best) {
  using S = Shape<T>;
  const typename S::D d;
  typename S::V score[tile_centroids][S::vectors];
  CORYMB_UNROLL
  for (int i = 0; i < tile_centroids; ++i) {
    CORYMB_UNROLL
    for (int v = 0; v < S::vectors; ++v) score[i][v] = hn::Load(d, store + i * S::points + v * S::lanes);
  }
  for (int i = 0; i < tile_centroids; ++i) best.number[i] = static_cast<typename S::Lane>(base + i);
  CORYMB_KERNEL_SPILL;
  fold_scores<tile_centroids, T>(score, best);
}

template <class T>
HWY_INLINE void expanded_panel(const T* panel, const T* packed, std::ptrdiff_t k, std::ptrdiff_t d, T* store,
                               Best<T>& best) {
  constexpr std::ptrdiff_t tile_points = tile_centroids * Shape<T>::points;
  const std::ptrdiff_t tiles = tile_count(k), full = k / tile_centroids, length = block_length(d);
  const T* norms = packed;
  const T* coefficients = packed + tiles * tile_centroids;
  if (length == d) {
    std::ptrdiff_t tile = 0;
    for (; tile < full; ++tile)
      expanded_tile<tile_centroids, T>(panel, coefficients + tile * tile_centroids * d, norms + tile * tile_centroids, d,
                                       tile * tile_centroids, best);
    if (tile < tiles) {
      const T* c = coefficients + tile * tile_centroids * d;
      const T* norm = norms + tile * tile_centroids;
      const std::ptrdiff_t base = tile * tile_centroids;
      switch (k - base) {
        case 1: expanded_tile<1, T>(panel, c, norm, d, base, best); break;
        case 2: expanded_tile<2, T>(panel, c, norm, d, base, best); break;
        case 3: expanded_tile<3, T>(panel, c, norm, d, base, best); break;
        case 4: expanded_tile<4, T>(panel, c, norm, d, base, best); break;
        default: expanded_tile<5, T>(panel, c, norm, d, base, best); break;
      }
    }
    return;
  }
  for (std::ptrdiff_t first = 0; first < tiles; first += stored_tiles) {
    const std::ptrdiff_t last = first + stored_tiles < tiles ? first + stored_tiles : tiles;
    for (std::ptrdiff_t j0 = 0; j0 < d; j0 += length) {
      const std::ptrdiff_t here = j0 + length < d ? length : d - j0;
      const T* block = coefficients + j0 * tiles * tile_centroids;
      for (std::ptrdiff_t tile = first; tile < last; ++tile)
        stored_tile<T>(panel + j0 * Shape<T>::points, block + tile * tile_centroids * here,
                       norms + tile * tile_centroids, here, j0 == 0, store + (tile - first) * tile_points);
    }
    for (std::ptrdiff_t tile = first; tile < last; ++tile)
      fold_stored<T>(store + (tile - first) * tile_points, tile * tile_centroids, best);
  }
}

template <class T>
std::ptrdiff_t nearest_expanded(const ExpandedTask<T>& task) {
  using S = Shape<T>;
  const typename S::D d;
  const typename S::DI di;
  const std::ptrdiff_t dim = task.x.d;
  Best<T>& best = *new (task.scratch) Best<T>;
  T* panel = task.scratch + sizeof(Best<T>) / sizeof(T);
  T* store = panel + S::points * dim;
  const ScoreBound bound(sizeof(T), dim, block_length(dim), block_count(dim));
  const auto score_factor = hn::Set(d, static_cast<T>(bound.score_factor));
  const auto value_factor = hn::Set(d, static_cast<T>(bound.value_factor));
  const auto centroid_norm = hn::Set(d, static_cast<T>(task.largest_norm));
  const auto tiny = hn::Set(d, static_cast<T>(bound.absolute));
  std::ptrdiff_t unsettled = 0;
  for (std::ptrdiff_t first = 0; first < task.x.n; first += S::points) {
    const std::ptrdiff_t count = task.x.n - first < S::points ? task.x.n - first : S::points;
    fill_panel<T>(task.x, nullptr, first, count, task.centre, panel);
    typename S::V norm[S::vectors];
    CORYMB_UNROLL
    for (int v = 0; v < S::vectors; ++v) {
      norm[v] = hn::Zero(d);
      hn::Store(hn::Set(d, std::numeric_limits<T>::infinity()), d, best.first + v * S::lanes);
      hn::Store(hn::Set(d, std::numeric_limits<T>::infinity()), d, best.second + v * S::lanes);
      hn::Store(hn::Zero(di), di, best.index + v * S::lanes);
    }
    for (std::ptrdiff_t j = 0; j < dim; ++j) {
      CORYMB_UNROLL
      for (int v = 0; v < S::vectors; ++v) {
        const auto x = hn::Load(d, panel + j * S::points + v * S::lanes);
        norm[v] = hn::MulAdd(x, x, norm[v]);
      }
    }
    expanded_panel<T>(panel, task.packed, task.k, dim, store, best);
    alignas(64) T doubtful[S::points];
    auto any = hn::Zero(d);
    CORYMB_UNROLL
    for (int v = 0; v < S::vectors; ++v) {
      const auto lowest = hn::Load(d, best.first + v * S::lanes);
      const auto in_scores = hn::Mul(score_factor, hn::Add(norm[v], centroid_norm));
      const auto squared = hn::Add(hn::Max(hn::Add(lowest, norm[v]), hn::Zero(d)), in_scores);
      const auto tolerance = hn::Add(hn::MulAdd(value_factor, squared, in_scores), tiny);
      // Not "gap <= tolerance": an overflow makes the gap NaN, which must count as doubt.
      const auto sure = hn::Lt(tolerance, hn::Sub(hn::Load(d, best.second + v * S::lanes), lowest));
      const auto doubt = hn::IfThenElse(sure, hn::Zero(d), hn::Set(d, T(1)));
      any = hn::Max(any, doubt);
      hn::Store(doubt, d, doubtful + v * S::lanes);
    }
    for (std::ptrdiff_t i = 0; i < count; ++i) task.label[first + i] = static_cast<std::int32_t>(best.index[i]);
    if (task.k == 1 || hn::GetLane(hn::MaxOfLanes(d, any)) == T(0)) continue;
    for (std::ptrdiff_t i = 0; i < count; ++i)
      if (doubtful[i] != T(0)) task.unsettled[unsettled++] = first + i;
  }
  return unsettled;
}

// ---- defined values -------------------------------------------------------------------------------------------------

// One step of the defined value. Product and sum are rounded apart: this file is compiled without contraction, and the
// stand-in for Highway keeps the compiler from fusing them.
template <PairValue Value, class V>
HWY_INLINE V step(V sum, V a, V b) {
  if constexpr (Value == PairValue::squared_euclidean || Value == PairValue::euclidean) {
    const V difference = hn::Sub(a, b);
    return hn::Add(sum, CORYMB_KERNEL_ROUNDED(hn::Mul(difference, difference)));
  } else if constexpr (Value == PairValue::manhattan) {
    return hn::Add(sum, hn::Abs(hn::Sub(a, b)));
  } else if constexpr (Value == PairValue::chebyshev) {
    return hn::Max(sum, hn::Abs(hn::Sub(a, b)));
  } else {
    return hn::Add(sum, CORYMB_KERNEL_ROUNDED(hn::Mul(a, b)));
  }
}

// The values of Count rows of `a` from row `base` against the rows of a panel.
template <PairValue Value, int Count, class T>
HWY_INLINE void defined_tile(const T* panel, const RowsView<T>& a, std::ptrdiff_t base,
                             typename Shape<T>::V (&value)[tile_centroids][Shape<T>::vectors]) {
  using S = Shape<T>;
  const typename S::D d;
  const T* y[static_cast<std::size_t>(Count)];
  CORYMB_UNROLL
  for (int i = 0; i < Count; ++i) {
    y[i] = a.data + (base + i) * a.stride;
    CORYMB_UNROLL
    for (int v = 0; v < S::vectors; ++v) value[i][v] = hn::Zero(d);
  }
  for (std::ptrdiff_t j = 0; j < a.d; ++j) {
    typename S::V x[S::vectors];
    CORYMB_UNROLL
    for (int v = 0; v < S::vectors; ++v) {
      auto row = hn::Load(d, panel + j * S::points + v * S::lanes);
      CORYMB_KERNEL_KEEP(row);
      x[v] = row;
    }
    CORYMB_UNROLL
    for (int i = 0; i < Count; ++i) {
      const auto coordinate = hn::Set(d, y[i][j]);
      CORYMB_UNROLL
      for (int v = 0; v < S::vectors; ++v) value[i][v] = step<Value>(value[i][v], x[v], coordinate);
    }
  }
  if constexpr (Value == PairValue::euclidean) {
    CORYMB_UNROLL
    for (int i = 0; i < Count; ++i) {
      CORYMB_UNROLL
      for (int v = 0; v < S::vectors; ++v) value[i][v] = hn::Sqrt(value[i][v]);
    }
  }
}

// Calls sink(base, count, values) for tiles of rows of `a`, in ascending order.
template <PairValue Value, class T, class Sink>
HWY_INLINE void defined_tiles(const T* panel, const RowsView<T>& a, const Sink& sink) {
  using S = Shape<T>;
  typename S::V value[tile_centroids][S::vectors];
  std::ptrdiff_t base = 0;
  for (; base + tile_centroids <= a.n; base += tile_centroids) {
    defined_tile<Value, tile_centroids, T>(panel, a, base, value);
    sink(base, tile_centroids, value);
  }
  for (; base + 2 <= a.n; base += 2) {
    defined_tile<Value, 2, T>(panel, a, base, value);
    sink(base, 2, value);
  }
  if (base < a.n) {
    defined_tile<Value, 1, T>(panel, a, base, value);
    sink(base, 1, value);
  }
}

template <class T>
std::ptrdiff_t defined_scratch_size(T, std::ptrdiff_t d) {
  return Shape<T>::points * d + d;  // a panel, and zeros to centre it by
}

template <class T>
HWY_INLINE const T* zero_centre(T* scratch, std::ptrdiff_t d) {
  T* zeros = scratch + Shape<T>::points * d;
  for (std::ptrdiff_t j = 0; j < d; ++j) zeros[j] = T(0);
  return zeros;
}

template <PairValue Value, class T>
void distances_of(const DistancesTask<T>& task) {
  using S = Shape<T>;
  const typename S::D d;
  T* panel = task.scratch;
  const T* zeros = zero_centre(task.scratch, task.b.d);
  for (std::ptrdiff_t first = 0; first < task.b.n; first += S::points) {
    const std::ptrdiff_t count = task.b.n - first < S::points ? task.b.n - first : S::points;
    fill_panel<T>(task.b, task.b_index, first, count, zeros, panel);
    defined_tiles<Value, T>(
        panel, task.a,
        [&](std::ptrdiff_t base, int rows, const typename S::V(&value)[tile_centroids][S::vectors]) HWY_ATTR {
          for (int i = 0; i < rows; ++i) {
            T* out = task.out + (base + i) * task.out_stride + first;
            if (count == S::points) {
              CORYMB_UNROLL
              for (int v = 0; v < S::vectors; ++v) hn::StoreU(value[i][v], d, out + v * S::lanes);
            } else {
              alignas(64) T buffer[S::points];
              for (int v = 0; v < S::vectors; ++v) hn::Store(value[i][v], d, buffer + v * S::lanes);
              for (std::ptrdiff_t l = 0; l < count; ++l) out[l] = buffer[l];
            }
          }
        });
  }
}

template <PairValue Value, class T>
void nearest_defined_of(const NearestTask<T>& task) {
  using S = Shape<T>;
  const typename S::D d;
  const typename S::DI di;
  T* panel = task.scratch;
  const T* zeros = zero_centre(task.scratch, task.x.d);
  for (std::ptrdiff_t first = 0; first < task.count; first += S::points) {
    const std::ptrdiff_t count = task.count - first < S::points ? task.count - first : S::points;
    fill_panel<T>(task.x, task.index, first, count, zeros, panel);
    typename S::V best[S::vectors];
    typename S::I best_index[S::vectors];
    for (int v = 0; v < S::vectors; ++v) {
      best[v] = hn::Set(d, std::numeric_limits<T>::infinity());
      best_index[v] = hn::Zero(di);
    }
    defined_tiles<Value, T>(
        panel, task.c,
        [&](std::ptrdiff_t base, int rows, const typename S::V(&value)[tile_centroids][S::vectors]) HWY_ATTR {
          for (int i = 0; i < rows; ++i) {
            const auto number = hn::Set(di, static_cast<typename S::Lane>(base + i));
            for (int v = 0; v < S::vectors; ++v) {
              const auto closer = hn::Lt(value[i][v], best[v]);  // strictly: the lower index wins
              best[v] = hn::Min(best[v], value[i][v]);
              best_index[v] = hn::IfThenElse(hn::RebindMask(di, closer), number, best_index[v]);
            }
          }
        });
    alignas(64) typename S::Lane index[S::points];
    alignas(64) T value[S::points];
    for (int v = 0; v < S::vectors; ++v) {
      hn::Store(best_index[v], di, index + v * S::lanes);
      hn::Store(best[v], d, value + v * S::lanes);
    }
    for (std::ptrdiff_t i = 0; i < count; ++i) {
      const std::ptrdiff_t row = task.index != nullptr ? task.index[first + i] : first + i;
      task.label[row] = static_cast<std::int32_t>(index[i]);
      if (task.value != nullptr) task.value[row] = value[i];
    }
  }
}

template <class T>
void distances(const DistancesTask<T>& task) {
  switch (task.kind) {
    case PairValue::squared_euclidean: return distances_of<PairValue::squared_euclidean, T>(task);
    case PairValue::euclidean: return distances_of<PairValue::euclidean, T>(task);
    case PairValue::manhattan: return distances_of<PairValue::manhattan, T>(task);
    case PairValue::chebyshev: return distances_of<PairValue::chebyshev, T>(task);
    case PairValue::dot_product: return distances_of<PairValue::dot_product, T>(task);
  }
}

template <class T>
void nearest_defined(const NearestTask<T>& task) {
  switch (task.kind) {
    case PairValue::squared_euclidean: return nearest_defined_of<PairValue::squared_euclidean, T>(task);
    case PairValue::euclidean: return nearest_defined_of<PairValue::euclidean, T>(task);
    case PairValue::manhattan: return nearest_defined_of<PairValue::manhattan, T>(task);
    case PairValue::chebyshev: return nearest_defined_of<PairValue::chebyshev, T>(task);
    case PairValue::dot_product: return;  // the callers turn cosine into distances first
  }
}

// value[i] = Σ_j (x_ij − c_label(i),j)². Eight rows at a time: their chains of additions run side by side.
template <class T>
void squared_to_assigned(const RowsView<T>& x, const RowsView<T>& c, const std::int32_t* label, T* value) {
  constexpr int group = 8;
  std::ptrdiff_t i = 0;
  for (; i + group <= x.n; i += group) {
    const T* row[group];
    const T* centroid[group];
    T sum[group];
    for (int l = 0; l < group; ++l) {
      row[l] = x.data + (i + l) * x.stride;
      centroid[l] = c.data + label[i + l] * c.stride;
      sum[l] = T(0);
    }
    for (std::ptrdiff_t j = 0; j < x.d; ++j) {
      CORYMB_UNROLL
      for (int l = 0; l < group; ++l) {
        const T difference = row[l][j] - centroid[l][j];
        sum[l] += CORYMB_KERNEL_ROUNDED(difference * difference);
      }
    }
    for (int l = 0; l < group; ++l) value[i + l] = sum[l];
  }
  for (; i < x.n; ++i) {
    T sum = T(0);
    for (std::ptrdiff_t j = 0; j < x.d; ++j) {
      const T difference = x.data[i * x.stride + j] - c.data[label[i] * c.stride + j];
      sum += CORYMB_KERNEL_ROUNDED(difference * difference);
    }
    value[i] = sum;
  }
}

// ---- sums per cluster -----------------------------------------------------------------------------------------------

// sums[j] += weight · row[j], in double. The product of a float row and a double weight is rounded, then added.
template <class T>
HWY_INLINE void add_row(const T* row, double weight, std::ptrdiff_t d, double* sums) {
  const hn::ScalableTag<double> dd;
  constexpr std::ptrdiff_t lanes = Shape<double>::lanes;
  const auto w = hn::Set(dd, weight);
  std::ptrdiff_t j = 0;
  for (; j + lanes <= d; j += lanes) {
    auto x = hn::Zero(dd);
    if constexpr (sizeof(T) == 4)
      x = hn::PromoteTo(dd, hn::LoadU(hn::Rebind<float, hn::ScalableTag<double>>(), row + j));
    else
      x = hn::LoadU(dd, row + j);
    hn::StoreU(hn::Add(hn::LoadU(dd, sums + j), CORYMB_KERNEL_ROUNDED(hn::Mul(x, w))), dd, sums + j);
  }
  for (; j < d; ++j) sums[j] += CORYMB_KERNEL_ROUNDED(static_cast<double>(row[j]) * weight);
}

template <class T>
void add_to_sums(const SumsTask<T>& task) {
  for (std::ptrdiff_t i = 0; i < task.count; ++i) {
    const std::ptrdiff_t row = task.index != nullptr ? task.index[i] : i;
    const std::int32_t label = task.label != nullptr ? task.label[row] : 0;
    const double weight = task.weight != nullptr ? task.weight[row] : 1.0;
    if (weight == 0 || label < 0) continue;
    task.total_weight[label] += weight;
    add_row<T>(task.x.data + row * task.x.stride, weight, task.x.d, task.sums + label * task.x.d);
  }
}

// ---- the largest magnitude ------------------------------------------------------------------------------------------

// The largest |value|, or NaN if a value is NaN.
template <class T>
T largest_magnitude(const T* values, std::ptrdiff_t n) {
  using S = Shape<T>;
  const typename S::D d;
  auto most = hn::Zero(d), not_number = hn::Zero(d);
  std::ptrdiff_t i = 0;
  for (; i + S::lanes <= n; i += S::lanes) {
    const auto x = hn::LoadU(d, values + i);
    most = hn::Max(most, hn::Abs(x));
    not_number = hn::IfThenElse(hn::Eq(x, x), not_number, hn::Set(d, T(1)));
  }
  T result = T(0);
  bool nan = hn::GetLane(hn::MaxOfLanes(d, not_number)) != T(0);
  if (!nan) result = hn::GetLane(hn::MaxOfLanes(d, most));
  for (; i < n; ++i) {
    const T x = values[i] < T(0) ? -values[i] : values[i];
    nan = nan || x != x;
    if (x > result) result = x;
  }
  return nan ? std::numeric_limits<T>::quiet_NaN() : result;
}

// ---- seeding --------------------------------------------------------------------------------------------------------

// Few candidates against many rows: candidates go in lanes, so that rows are read as they lie.

template <class T>
std::ptrdiff_t candidates_padded(T, std::ptrdiff_t count) {
  return divide_up(count, Shape<T>::lanes) * Shape<T>::lanes;
}

inline constexpr int seeding_rows = 8;              // rows at a time: their chains of additions run side by side
inline constexpr std::ptrdiff_t seeding_block = 64;  // rows whose values are kept between the passes

// Values of up to seeding_rows rows and one vector of candidates; `Fused` only bounds the defined value.
template <bool Fused, int Rows, class T>
HWY_INLINE void candidate_values(const T* const* rows, const T* candidates, std::ptrdiff_t padded, std::ptrdiff_t dim,
                                 T* value) {
  using S = Shape<T>;
  const typename S::D d;
  typename S::V sum[static_cast<std::size_t>(Rows)];
  CORYMB_UNROLL
  for (int i = 0; i < Rows; ++i) sum[i] = hn::Zero(d);
  for (std::ptrdiff_t j = 0; j < dim; ++j) {
    const auto z = hn::LoadU(d, candidates + j * padded);
    CORYMB_UNROLL
    for (int i = 0; i < Rows; ++i) {
      const auto x = hn::Set(d, rows[i][j]);
      if constexpr (Fused) {
        const auto difference = hn::Sub(x, z);
        sum[i] = hn::MulAdd(difference, difference, sum[i]);
      } else {
        sum[i] = step<PairValue::squared_euclidean>(sum[i], x, z);
      }
    }
  }
  CORYMB_UNROLL
  for (int i = 0; i < Rows; ++i) hn::StoreU(sum[i], d, value + i * padded);
}

// mass[l] += weight · min(closest, value[l]) for all candidates, in double.
template <class T>
HWY_INLINE void add_minima(const T* value, T closest, double weight, std::ptrdiff_t padded, double* mass) {
  const hn::ScalableTag<double> dd;
  constexpr std::ptrdiff_t lanes = Shape<double>::lanes;
  const auto w = hn::Set(dd, weight), most = hn::Set(dd, static_cast<double>(closest));
  for (std::ptrdiff_t l = 0; l < padded; l += lanes) {
    auto v = hn::Zero(dd);
    if constexpr (sizeof(T) == 4)
      v = hn::PromoteTo(dd, hn::LoadU(hn::Rebind<float, hn::ScalableTag<double>>(), value + l));
    else
      v = hn::LoadU(dd, value + l);
    const auto mass_added = CORYMB_KERNEL_ROUNDED(hn::Mul(hn::Min(v, most), w));
    hn::StoreU(hn::Add(hn::LoadU(dd, mass + l), mass_added), dd, mass + l);
  }
}

// Values of the rows listed in `index`, in groups; places beyond the last repeat it.
template <bool Fused, class T>
HWY_INLINE void listed_values(const CandidatesTask<T>& task, const T* first_row, const int* index, int count) {
  for (int from = 0; from < count; from += seeding_rows) {
    const T* rows[seeding_rows];
    T* value = task.scratch + seeding_block * task.padded;  // of the group, then copied to their rows
    for (int i = 0; i < seeding_rows; ++i)
      rows[i] = first_row + index[from + i < count ? from + i : count - 1] * task.x.stride;
    for (std::ptrdiff_t l = 0; l < task.padded; l += Shape<T>::lanes)
      candidate_values<Fused, seeding_rows, T>(rows, task.candidates + l, task.padded, task.x.d, value + l);
    for (int i = from; i < from + seeding_rows && i < count; ++i)
      for (std::ptrdiff_t l = 0; l < task.padded; ++l)
        task.scratch[index[i] * task.padded + l] = value[(i - from) * task.padded + l];
  }
}

// A fused value that exceeds the closest distance by more than the rounding of both proves that the defined value does,
// too. Only the other rows get their defined values.
template <class T>
HWY_INLINE void try_block(const CandidatesTask<T>& task, std::ptrdiff_t first, int count, T shrink, bool& bound_first) {
  using S = Shape<T>;
  const typename S::D d;
  const T* first_row = task.x.data + first * task.x.stride;
  int index[seeding_block];
  for (int i = 0; i < count; ++i) index[i] = i;
  int open = count;
  if (bound_first) {
    listed_values<true, T>(task, first_row, index, count);
    open = 0;
    const auto factor = hn::Set(d, shrink);
    for (int i = 0; i < count; ++i) {
      const auto closest = hn::Set(d, task.closest[first + i]);
      bool surely_farther = true;
      for (std::ptrdiff_t l = 0; l < task.padded; l += S::lanes)
        surely_farther = surely_farther &&
                         hn::AllFalse(d, hn::Lt(hn::Mul(hn::LoadU(d, task.scratch + i * task.padded + l), factor), closest));
      if (!surely_farther) index[open++] = i;
    }
  }
  listed_values<false, T>(task, first_row, index, open);
  bound_first = 2 * open < count || !bound_first;  // no bound where it decides little, but look again
  for (int i = 0; i < count; ++i) {
    const T* value = task.scratch + i * task.padded;
    T& closest = task.closest[first + i];
    // A value that was only bounded is not below closest: it changes no minimum.
    if (task.first_is_chosen && value[0] < closest) closest = value[0];
    if (task.mass != nullptr)
      add_minima(value, closest, task.weight != nullptr ? task.weight[first + i] : 1.0, task.padded, task.mass);
  }
}

template <class T>
void try_candidates(const CandidatesTask<T>& task) {
  // Both values have d + 2 roundings of non-negative terms; what underflows is far below the smallest normal number.
  const double u = static_cast<double>(std::numeric_limits<T>::epsilon()) / 2;
  const double relative = 4 * (static_cast<double>(task.x.d) + 4) * u;
  const T shrink = static_cast<T>(relative < 0.5 ? 1 - relative : 0);
  bool bound_first = true;
  for (std::ptrdiff_t first = 0; first < task.x.n; first += seeding_block) {
    const std::ptrdiff_t count = task.x.n - first < seeding_block ? task.x.n - first : seeding_block;
    try_block<T>(task, first, static_cast<int>(count), shrink, bound_first);
  }
}
