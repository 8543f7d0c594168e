// Part of kernels.ipp.
// One row against runs of others that stand coordinate by coordinate: points_within.

template <PairValue Value, int Columns, class T>
std::ptrdiff_t points_within_of(const RunsTask<T>& task) {
  using S = Shape<T>;
  const typename S::D d;
  const std::ptrdiff_t columns = Columns > 0 ? Columns : task.d;
  const auto limit = hn::Set(d, task.limit);
  std::ptrdiff_t count = 0;
  for (std::ptrdiff_t r = 0; r < task.runs; ++r) {
    const std::ptrdiff_t end = task.run[2 * r + 1];
    for (std::ptrdiff_t p = task.run[2 * r]; p < end; p += S::lanes) {
      auto value = hn::Zero(d);
      for (std::ptrdiff_t j = 0; j < columns; ++j)
        value = step<Value, T>(value, hn::Set(d, task.query[j]), hn::LoadU(d, task.point + j * task.stride + p));
      std::uint64_t bits = lanes_within<T>(value, limit);
      if (end - p < S::lanes) bits &= (std::uint64_t{1} << (end - p)) - 1;
      if (task.place == nullptr)
        count += __builtin_popcountll(bits);
      else
        for (; bits != 0; bits &= bits - 1) task.place[count++] = static_cast<std::int32_t>(p + __builtin_ctzll(bits));
      if (count >= task.enough) return count;
    }
  }
  return count;
}

template <PairValue Value, class T>
std::ptrdiff_t points_within_any(const RunsTask<T>& task) {
  switch (task.d) {
    case 2: return points_within_of<Value, 2, T>(task);
    case 3: return points_within_of<Value, 3, T>(task);
    default: return points_within_of<Value, 0, T>(task);
  }
}

template <class T>
std::ptrdiff_t points_within(const RunsTask<T>& task) {
  switch (task.kind) {
    case PairValue::manhattan: return points_within_any<PairValue::manhattan, T>(task);
    case PairValue::chebyshev: return points_within_any<PairValue::chebyshev, T>(task);
    default: return points_within_any<PairValue::squared_euclidean, T>(task);
  }
}
