// Part of kernels.ipp.
// The expanded score: nearest_expanded.

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
  return Shape<T>::points * (d + stored_tiles * tile_centroids) +
         static_cast<std::ptrdiff_t>(sizeof(Best<T>) / sizeof(T));
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
HWY_INLINE void stored_tile(const T* panel, const T* tile, const T* norms, std::ptrdiff_t length, bool starts,
                            T* store) {
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
HWY_INLINE void fold_stored(const T* store, std::ptrdiff_t tile, Best<T>& best) {
  using S = Shape<T>;
  const typename S::D d;
  typename S::V score[tile_centroids][S::vectors];
  CORYMB_UNROLL
  for (int i = 0; i < tile_centroids; ++i) {
    CORYMB_UNROLL
    for (int v = 0; v < S::vectors; ++v) score[i][v] = hn::Load(d, store + i * S::points + v * S::lanes);
  }
  for (int i = 0; i < tile_centroids; ++i) best.number[i] = static_cast<typename S::Lane>(tile * tile_centroids + i);
  CORYMB_KERNEL_SPILL;
  fold_scores<tile_centroids, T>(score, best);
}

// All scores by blocks of coordinates, a few tiles at a time. Calls sink(tile, scores) for every tile.
template <class T, class Sink>
HWY_INLINE void stored_panel(const T* panel, const T* packed, std::ptrdiff_t k, std::ptrdiff_t d, T* store,
                             const Sink& sink) {
  constexpr std::ptrdiff_t tile_points = tile_centroids * Shape<T>::points;
  const std::ptrdiff_t tiles = tile_count(k), length = block_length(d);
  const T* norms = packed;
  const T* coefficients = packed + tiles * tile_centroids;
  for (std::ptrdiff_t first = 0; first < tiles; first += stored_tiles) {
    const std::ptrdiff_t last = first + stored_tiles < tiles ? first + stored_tiles : tiles;
    for (std::ptrdiff_t j0 = 0; j0 < d; j0 += length) {
      const std::ptrdiff_t here = j0 + length < d ? length : d - j0;
      const T* block = coefficients + j0 * tiles * tile_centroids;
      for (std::ptrdiff_t tile = first; tile < last; ++tile)
        stored_tile<T>(panel + j0 * Shape<T>::points, block + tile * tile_centroids * here,
                       norms + tile * tile_centroids, here, j0 == 0, store + (tile - first) * tile_points);
    }
    for (std::ptrdiff_t tile = first; tile < last; ++tile) sink(tile, store + (tile - first) * tile_points);
  }
}

template <class T>
HWY_INLINE void expanded_panel(const T* panel, const T* packed, std::ptrdiff_t k, std::ptrdiff_t d, T* store,
                               Best<T>& best) {
  const std::ptrdiff_t tiles = tile_count(k), full = k / tile_centroids, length = block_length(d);
  const T* norms = packed;
  const T* coefficients = packed + tiles * tile_centroids;
  if (length == d) {
    std::ptrdiff_t tile = 0;
    for (; tile < full; ++tile)
      expanded_tile<tile_centroids, T>(panel, coefficients + tile * tile_centroids * d, norms + tile * tile_centroids,
                                       d, tile * tile_centroids, best);
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
  stored_panel<T>(panel, packed, k, d, store,
                  [&](std::ptrdiff_t tile, const T* scores) HWY_ATTR { fold_stored<T>(scores, tile, best); });
}

// The scores of count rows of x, from position `first` of the list, in `best`; their norms in `norm`. Both and the
// panel live in the scratch memory.
template <class T>
struct ScoredPanel {
  using S = Shape<T>;
  std::ptrdiff_t dim;
  Best<T>& best;
  T* panel;
  T* store;
  ScoreBound bound;
  typename S::V norm[S::vectors];

  ScoredPanel(T* scratch, std::ptrdiff_t d)
      : dim(d),
        best(*new (scratch) Best<T>),
        panel(scratch + sizeof(Best<T>) / sizeof(T)),
        store(panel + S::points * d),
        bound(sizeof(T), d, block_length(d), block_count(d)) {}

  HWY_INLINE void fill(const RowsView<T>& x, const std::ptrdiff_t* index, std::ptrdiff_t first, std::ptrdiff_t count,
                       const T* centre) {
    fill_panel<T>(x, index, first, count, centre, panel);
    panel_norms<T>(panel, dim, norm);
  }

  HWY_INLINE void find_best(const T* packed, std::ptrdiff_t k) {
    start_best();
    expanded_panel<T>(panel, packed, k, dim, store, best);
  }

  HWY_INLINE void start_best() {
    const typename S::D d;
    const typename S::DI di;
    CORYMB_UNROLL
    for (int v = 0; v < S::vectors; ++v) {
      hn::Store(hn::Set(d, std::numeric_limits<T>::infinity()), d, best.first + v * S::lanes);
      hn::Store(hn::Set(d, std::numeric_limits<T>::infinity()), d, best.second + v * S::lanes);
      hn::Store(hn::Zero(di), di, best.index + v * S::lanes);
    }
  }

  // How far the scores of a row are from the real ones, two of them together.
  HWY_INLINE typename S::V error(int v, double largest_norm) const {
    const typename S::D d;
    return hn::Mul(hn::Set(d, static_cast<T>(bound.score_factor)),
                   hn::Add(norm[v], hn::Set(d, static_cast<T>(largest_norm))));
  }
};

// The labels of `count` rows from row `first` on; those in doubt are listed. Returns the number listed so far.
template <class T>
HWY_INLINE std::ptrdiff_t label_panel(const ScoredPanel<T>& scored, const ExpandedTask<T>& task, std::ptrdiff_t first,
                                      std::ptrdiff_t count, std::ptrdiff_t unsettled) {
  using S = Shape<T>;
  const typename S::D d;
  const auto value_factor = hn::Set(d, static_cast<T>(scored.bound.value_factor));
  const auto tiny = hn::Set(d, static_cast<T>(scored.bound.absolute));
  alignas(64) T doubtful[S::points];
  auto any = hn::Zero(d);
  CORYMB_UNROLL
  for (int v = 0; v < S::vectors; ++v) {
    const auto lowest = hn::Load(d, scored.best.first + v * S::lanes);
    const auto in_scores = scored.error(v, task.largest_norm);
    const auto squared = hn::Add(hn::Max(hn::Add(lowest, scored.norm[v]), hn::Zero(d)), in_scores);
    const auto tolerance = hn::Add(hn::MulAdd(value_factor, squared, in_scores), tiny);
    // Not "gap <= tolerance": an overflow makes the gap NaN, which must count as doubt.
    const auto sure = hn::Lt(tolerance, hn::Sub(hn::Load(d, scored.best.second + v * S::lanes), lowest));
    const auto doubt = hn::IfThenElse(sure, hn::Zero(d), hn::Set(d, T(1)));
    any = hn::Max(any, doubt);
    hn::Store(doubt, d, doubtful + v * S::lanes);
  }
  for (std::ptrdiff_t i = 0; i < count; ++i) task.label[first + i] = static_cast<std::int32_t>(scored.best.index[i]);
  if (task.k == 1 || hn::GetLane(hn::MaxOfLanes(d, any)) == T(0)) return unsettled;
  for (std::ptrdiff_t i = 0; i < count; ++i)
    if (doubtful[i] != T(0)) task.unsettled[unsettled++] = first + i;
  return unsettled;
}

template <class T>
std::ptrdiff_t nearest_expanded(const ExpandedTask<T>& task) {
  using S = Shape<T>;
  ScoredPanel<T> scored(task.scratch, task.x.d);
  std::ptrdiff_t unsettled = 0;
  for (std::ptrdiff_t first = 0; first < task.x.n; first += S::points) {
    const std::ptrdiff_t count = task.x.n - first < S::points ? task.x.n - first : S::points;
    scored.fill(task.x, nullptr, first, count, task.centre);
    scored.find_best(task.packed, task.k);
    unsettled = label_panel(scored, task, first, count, unsettled);
  }
  return unsettled;
}
