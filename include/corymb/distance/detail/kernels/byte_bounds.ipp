// Part of kernels.ipp.
// Bounds of one byte for every row and centroid: nearest_and_bytes, shrink_bytes, list_bytes.

template <class T>
std::ptrdiff_t nearest_and_bytes(const NearestAndBytesTask<T>& task) {
  using S = Shape<T>;
  const typename S::D d;
  const ExpandedTask<T>& nearest = task.nearest;
  ScoredPanel<T> scored(nearest.scratch, nearest.x.d);
  const auto tiny = hn::Set(d, static_cast<T>(scored.bound.absolute));
  const auto per_step = hn::Set(d, task.per_step * round_down<T>);
  const auto zero = hn::Zero(d), one = hn::Set(d, T(1)), most = hn::Set(d, T(254));
  std::ptrdiff_t unsettled = 0;
  for (std::ptrdiff_t first = 0; first < nearest.x.n; first += S::points) {
    const std::ptrdiff_t count = nearest.x.n - first < S::points ? nearest.x.n - first : S::points;
    scored.fill(nearest.x, nullptr, first, count, nearest.centre);
    scored.start_best();
    typename S::V less[S::vectors];  // what takes a score to a lower bound of the squared distance
    for (int v = 0; v < S::vectors; ++v)
      less[v] = hn::Sub(scored.norm[v], hn::Add(scored.error(v, nearest.largest_norm), tiny));
    const auto fold_and_store_bytes = [&](std::ptrdiff_t tile, const T* scores) HWY_ATTR {
      fold_stored<T>(scores, tile, scored.best);
      for (std::ptrdiff_t i = 0; i < tile_centroids && tile * tile_centroids + i < nearest.k; ++i) {
        alignas(64) T steps[S::points];
        for (int v = 0; v < S::vectors; ++v) {
          const auto score = hn::Load(d, scores + i * S::points + v * S::lanes);
          const auto distance = hn::Sqrt(hn::Max(hn::Add(score, less[v]), zero));
          const auto whole = hn::Min(hn::Max(hn::Sub(hn::Mul(distance, per_step), one), zero), most);
          hn::Store(whole, d, steps + v * S::lanes);
        }
        std::uint8_t* out = task.bound + (tile * tile_centroids + i) * byte_rows + first;
        for (std::ptrdiff_t l = 0; l < S::points; ++l)
          if (l < count) out[l] = static_cast<std::uint8_t>(static_cast<std::int32_t>(steps[l]));
      }
    };
    stored_panel<T>(scored.panel, nearest.packed, nearest.k, nearest.x.d, scored.store, fold_and_store_bytes);
    unsettled = label_panel(scored, nearest, first, count, unsettled);
  }
  return unsettled;
}

inline std::uint64_t shrink_bytes(const ShrinkBytesTask& task) {
  const hn::ScalableTag<std::uint8_t> d;
  constexpr std::ptrdiff_t lanes = static_cast<std::ptrdiff_t>(CORYMB_KERNEL_LANES(std::uint8_t));
  std::uint64_t below = 0;
  for (std::ptrdiff_t at = 0; at < byte_rows; at += lanes) {
    const auto limit = hn::LoadU(d, task.limit + at);
    auto least = hn::Set(d, std::uint8_t{255});  // of limit − bound, where positive, 0 elsewhere: 255 − that
    for (std::ptrdiff_t c = 0; c < task.k; ++c) {
      std::uint8_t* place = task.bound + c * byte_rows + at;
      const auto bound = hn::SaturatedSub(hn::LoadU(d, place), hn::Set(d, task.steps[c]));
      if (task.steps[c] != 0) hn::StoreU(bound, d, place);
      least = hn::Min(least, bound);
    }
    alignas(64) std::uint8_t gap[byte_rows];
    hn::StoreU(hn::SaturatedSub(limit, least), d, gap);
    for (std::ptrdiff_t l = 0; l < lanes; ++l) below |= static_cast<std::uint64_t>(gap[l] != 0) << (at + l);
  }
  return below;
}

inline std::ptrdiff_t list_bytes(const ListBytesTask& task) {
  const hn::ScalableTag<std::uint8_t> d;
  constexpr std::ptrdiff_t lanes = static_cast<std::ptrdiff_t>(CORYMB_KERNEL_LANES(std::uint8_t));
  std::ptrdiff_t pairs = 0;
  for (std::ptrdiff_t c = 0; c < task.k; ++c) {
    std::uint64_t bits = 0;
    for (std::ptrdiff_t at = 0; at < byte_rows; at += lanes) {
      const auto below = hn::Lt(hn::LoadU(d, task.bound + c * byte_rows + at), hn::LoadU(d, task.limit + at));
      alignas(8) std::uint8_t bytes[8] = {};
      hn::StoreMaskBits(d, below, bytes);
      std::uint64_t here;
      std::memcpy(&here, bytes, sizeof(here));
      bits |= here << at;
    }
    for (; bits != 0; bits &= bits - 1) {
      const int i = __builtin_ctzll(bits);
      if (task.own[i] == c) continue;
      task.row[pairs] = i;
      task.centroid[pairs++] = static_cast<std::int32_t>(c);
    }
  }
  return pairs;
}
