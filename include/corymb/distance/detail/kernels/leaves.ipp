// Part of kernels.ipp.
// The rows of two leaves of a tree against each other: leaf_pairs.

// Lists the queries that may have a point within their limit: the value of the query and the nearest place of the box.
// Each of its steps rounds to no more than that of a point in the box, so no point is lost.
template <PairValue Value, class T>
std::ptrdiff_t queries_near_box(const LeafPairsTask<T>& task, std::int32_t* near) {
  using S = Shape<T>;
  const typename S::D d;
  std::ptrdiff_t count = 0;
  for (std::ptrdiff_t first = 0; first < task.queries; first += S::lanes) {
    auto sum = hn::Zero(d);
    for (std::ptrdiff_t j = 0; j < task.d; ++j) {
      const auto query = hn::LoadU(d, task.query + j * leaf_places + first);
      const auto lowest = hn::Set(d, task.box[j]), highest = hn::Set(d, task.box[task.d + j]);
      sum = step<Value, T>(sum, query, hn::Min(hn::Max(query, lowest), highest));
    }
    std::uint64_t bits = lanes_within<T>(sum, hn::LoadU(d, task.limit + first));
    if (task.queries - first < S::lanes) bits &= (std::uint64_t{1} << (task.queries - first)) - 1;
    for (; bits != 0; bits &= bits - 1) near[count++] = static_cast<std::int32_t>(first + __builtin_ctzll(bits));
  }
  return count;
}

template <PairValue Value, class T>
std::ptrdiff_t leaf_pairs_of(const LeafPairsTask<T>& task) {
  using S = Shape<T>;
  const typename S::D d;
  constexpr int vectors = static_cast<int>(leaf_places / S::lanes < 4 ? leaf_places / S::lanes : 4);
  std::int32_t near[leaf_places];
  const std::ptrdiff_t queries = queries_near_box<Value, T>(task, near);
  std::ptrdiff_t count = 0;
  for (std::ptrdiff_t h = 0; h < queries; ++h) {
    const std::ptrdiff_t i = near[h];
    const auto limit = hn::Set(d, task.limit[i]);
    for (std::ptrdiff_t first = 0; first < task.points; first += vectors * S::lanes) {
      typename S::V value[static_cast<std::size_t>(vectors)];
      CORYMB_UNROLL
      for (int v = 0; v < vectors; ++v) value[v] = hn::Zero(d);
      for (std::ptrdiff_t j = 0; j < task.d; ++j) {
        const auto query = hn::Set(d, task.query[j * leaf_places + i]);
        const T* point = task.point + j * leaf_places + first;
        CORYMB_UNROLL
        for (int v = 0; v < vectors; ++v)
          value[v] = step<Value, T>(value[v], query, hn::LoadU(d, point + v * S::lanes));
      }
      CORYMB_UNROLL
      for (int v = 0; v < vectors; ++v) {
        std::uint64_t bits = lanes_within<T>(value[v], limit);
        if (bits == 0) continue;
        alignas(64) T values[S::lanes];
        hn::Store(value[v], d, values);
        for (; bits != 0; bits &= bits - 1) {
          const int lane = __builtin_ctzll(bits);
          task.pair[count].query = static_cast<std::int32_t>(i);
          task.pair[count].place = static_cast<std::int32_t>(first + v * S::lanes + lane);
          task.pair[count++].value = values[lane];
        }
      }
    }
  }
  return count;
}

template <class T>
std::ptrdiff_t leaf_pairs(const LeafPairsTask<T>& task) {
  switch (task.kind) {
    case PairValue::manhattan: return leaf_pairs_of<PairValue::manhattan, T>(task);
    case PairValue::chebyshev: return leaf_pairs_of<PairValue::chebyshev, T>(task);
    default: return leaf_pairs_of<PairValue::squared_euclidean, T>(task);
  }
}
