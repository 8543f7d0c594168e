// Part of kernels.ipp.
// Boxes of a tree against each other, lowest_value and highest_value, and the rows of two of its leaves: leaf_pairs.

// Every step rounds as that of two points in the boxes does, and the more the points are apart, the larger its result:
// so no pair of points has a value beyond that of the boxes.
template <PairValue Value, bool Highest, class T>
T value_of_boxes(const T* a, const T* b, std::ptrdiff_t d) {
  T value = 0;
  for (std::ptrdiff_t j = 0; j < d; ++j) {
    const T first = Highest ? a[d + j] - b[j] : a[j] - b[d + j], second = Highest ? b[d + j] - a[j] : b[j] - a[d + j];
    const T larger = first > second ? first : second, apart = larger > 0 ? larger : T(0);
    if constexpr (Value == PairValue::squared_euclidean)
      value += CORYMB_KERNEL_ROUNDED(apart * apart);
    else if constexpr (Value == PairValue::manhattan)
      value += apart;
    else
      value = apart > value ? apart : value;
  }
  return value;
}

template <bool Highest, class T>
T value_of_boxes(PairValue kind, const T* a, const T* b, std::ptrdiff_t d) {
  switch (kind) {
    case PairValue::manhattan: return value_of_boxes<PairValue::manhattan, Highest>(a, b, d);
    case PairValue::chebyshev: return value_of_boxes<PairValue::chebyshev, Highest>(a, b, d);
    default: return value_of_boxes<PairValue::squared_euclidean, Highest>(a, b, d);
  }
}

template <class T>
T lowest_value(PairValue kind, const T* a, const T* b, std::ptrdiff_t d) {
  return value_of_boxes<false>(kind, a, b, d);
}

template <class T>
T highest_value(PairValue kind, const T* a, const T* b, std::ptrdiff_t d) {
  return value_of_boxes<true>(kind, a, b, d);
}

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
