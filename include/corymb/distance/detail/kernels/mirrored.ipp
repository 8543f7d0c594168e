// Part of kernels.ipp.
// Distances that were given: the largest, and whether a matrix mirrors itself. They are compared as unsigned numbers:
// distances ≥ 0 have the same order as such, and what is negative, infinite or not a number is above all of them.

template <class T>
using UnsignedOf = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;

template <class T>
HWY_INLINE UnsignedOf<T> bits_of(T value) {
  UnsignedOf<T> bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

template <class T>
HWY_INLINE T number_of(UnsignedOf<T> bits) {
  T value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

template <class T>
T largest_distance(const T* values, std::ptrdiff_t n) {
  UnsignedOf<T> most = 0;
  std::ptrdiff_t i = 0;
#if CORYMB_KERNEL_HAS_BLOCKS
  const typename Shape<T>::D d;
  const hn::RebindToUnsigned<decltype(d)> du;
  constexpr std::ptrdiff_t lanes = Shape<T>::lanes;
  constexpr int together = 4;
  hn::Vec<decltype(du)> largest[together];
  CORYMB_UNROLL
  for (int v = 0; v < together; ++v) largest[v] = hn::Zero(du);
  for (; i + together * lanes <= n; i += together * lanes) {
    CORYMB_UNROLL
    for (int v = 0; v < together; ++v)
      largest[v] = hn::Max(largest[v], hn::BitCast(du, hn::LoadU(d, values + i + v * lanes)));
  }
  const auto all = hn::Max(hn::Max(largest[0], largest[1]), hn::Max(largest[2], largest[3]));
  most = hn::GetLane(hn::MaxOfLanes(du, all));
#endif
  for (; i < n; ++i) most = bits_of(values[i]) > most ? bits_of(values[i]) : most;
  return number_of<T>(most);
}

#if CORYMB_KERNEL_HAS_BLOCKS
template <class D, class V>
HWY_INLINE void transpose(D, V (&row)[2]) {
  const V lower = hn::InterleaveLower(row[0], row[1]);
  row[1] = hn::InterleaveUpper(D(), row[0], row[1]);
  row[0] = lower;
}
template <class D, class V>
HWY_INLINE void transpose(D, V (&row)[4]) {
  const V even_lower = hn::InterleaveLower(row[0], row[2]), even_upper = hn::InterleaveUpper(D(), row[0], row[2]);
  const V odd_lower = hn::InterleaveLower(row[1], row[3]), odd_upper = hn::InterleaveUpper(D(), row[1], row[3]);
  row[0] = hn::InterleaveLower(even_lower, odd_lower);
  row[1] = hn::InterleaveUpper(D(), even_lower, odd_lower);
  row[2] = hn::InterleaveLower(even_upper, odd_upper);
  row[3] = hn::InterleaveUpper(D(), even_upper, odd_upper);
}
#endif

template <class T>
MirrorScan<T> scan_mirrored(const MirrorTask<T>& task) {
  std::ptrdiff_t whole_rows = 0, whole_columns = 0;
  UnsignedOf<T> most = 0;
  bool is_mirrored = true;
#if CORYMB_KERNEL_HAS_BLOCKS
  constexpr std::ptrdiff_t side = 16 / sizeof(T);
  const hn::FixedTag<T, side> d;
  const hn::RebindToUnsigned<decltype(d)> du;
  using V = hn::Vec<decltype(du)>;
  whole_rows = task.rows / side * side;
  whole_columns = task.columns / side * side;
  V largest = hn::Zero(du), different = hn::Zero(du);
  for (std::ptrdiff_t i = 0; i < whole_rows; i += side) {
    for (std::ptrdiff_t j = 0; j < whole_columns; j += side) {
      // The tiles beside these are next: one line of each, all of them by the end.
      constexpr std::ptrdiff_t line = side * side;
      prefetch_beyond(task.tile, (i + j / side % side) * task.stride + task.columns + j / line * line);
      prefetch_beyond(task.other, (task.columns + j + i / side % side) * task.stride + i / line * line);
      V row[side];
      CORYMB_UNROLL
      for (int r = 0; r < side; ++r) {
        row[r] = hn::BitCast(du, hn::LoadU(d, task.tile + (i + r) * task.stride + j));
        largest = hn::Max(largest, row[r]);
      }
      transpose(du, row);
      CORYMB_UNROLL
      for (int r = 0; r < side; ++r) {
        const V other = hn::BitCast(du, hn::LoadU(d, task.other + (j + r) * task.stride + i));
        largest = hn::Max(largest, other);
        different = hn::Or(different, hn::Xor(row[r], other));
      }
    }
  }
  most = hn::GetLane(hn::MaxOfLanes(du, largest));
  is_mirrored = hn::AllTrue(du, hn::Eq(different, hn::Zero(du)));
#endif
  for (std::ptrdiff_t i = 0; i < task.rows; ++i) {
    for (std::ptrdiff_t j = i < whole_rows ? whole_columns : 0; j < task.columns; ++j) {
      const auto here = bits_of(task.tile[i * task.stride + j]), there = bits_of(task.other[j * task.stride + i]);
      most = here > most ? here : most;
      most = there > most ? there : most;
      is_mirrored = is_mirrored && here == there;
    }
  }
  return {number_of<T>(most), is_mirrored};
}
