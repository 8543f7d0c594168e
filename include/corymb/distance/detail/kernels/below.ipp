// Part of kernels.ipp.
// Many values, each against a limit of its own: list_below, sum_below.

// Into the second cache. The place may lie beyond the array: arrays often follow each other.
template <class T>
HWY_INLINE void prefetch_beyond(const T* array, std::ptrdiff_t place) {
  const auto address = reinterpret_cast<std::uintptr_t>(array) + static_cast<std::uintptr_t>(place) * sizeof(T);
  __builtin_prefetch(reinterpret_cast<const void*>(address), 0, 2);
}

// How far memory is read ahead: processors do not look across a page of 4 KiB.
template <class T>
inline constexpr std::ptrdiff_t values_ahead = 8192 / sizeof(T);

#if CORYMB_KERNEL_HAS_BLOCKS
template <class T>
std::ptrdiff_t list_below(const ListBelowTask<T>& task) {
  using S = Shape<T>;
  constexpr int together = 4;
  const typename S::D d;
  const typename S::DI di;
  alignas(64) typename S::Lane first_places[S::lanes];
  for (std::ptrdiff_t l = 0; l < S::lanes; ++l) first_places[l] = static_cast<typename S::Lane>(l);
  auto places = hn::Load(di, first_places);
  const auto step = hn::Set(di, static_cast<typename S::Lane>(S::lanes));
  const auto far_step = hn::Set(di, static_cast<typename S::Lane>(together * S::lanes));
  std::ptrdiff_t count = 0, i = 0;
  // Few are below: one branch, mostly guessed right, for several vectors; then none, for it would be a toss.
  for (; i + together * S::lanes <= task.n; i += together * S::lanes) {
    for (int v = 0; v < together; ++v) prefetch_beyond(task.value, i + values_ahead<T> + v * S::lanes);
    typename S::V value[together];
    hn::Mask<typename S::D> below[together];
    CORYMB_UNROLL
    for (int v = 0; v < together; ++v) {
      value[v] = hn::LoadU(d, task.value + i + v * S::lanes);
      below[v] = hn::Lt(value[v], hn::LoadU(d, task.limit + i + v * S::lanes));
    }
    if (!hn::AllFalse(d, hn::Or(hn::Or(below[0], below[1]), hn::Or(below[2], below[3])))) {
      CORYMB_UNROLL
      for (int v = 0; v < together; ++v) {
        hn::StoreU(hn::Compress(value[v], below[v]), d, task.value_below + count);
        hn::StoreU(hn::Compress(places, hn::RebindMask(di, below[v])), di, task.place + count);
        count += static_cast<std::ptrdiff_t>(hn::CountTrue(d, below[v]));
        places = hn::Add(places, step);
      }
    } else {
      places = hn::Add(places, far_step);
    }
  }
  for (; i < task.n; ++i) {
    if (!(task.value[i] < task.limit[i])) continue;
    task.value_below[count] = task.value[i];
    task.place[count++] = static_cast<typename S::Lane>(i);
  }
  return count;
}
#else
template <class T>
std::ptrdiff_t list_below(const ListBelowTask<T>& task) {
  std::ptrdiff_t count = 0;
  for (std::ptrdiff_t i = 0; i < task.n; ++i) {  // no branch to be guessed
    task.value_below[count] = task.value[i];
    task.place[count] = static_cast<PlaceOf<T> >(i);
    count += task.value[i] < task.limit[i] ? 1 : 0;
  }
  return count;
}
#endif

// Σ max(limit − value, 0), in T for some thousand values and in double from there: within 1e-5 of itself.
template <class T>
double sum_below(const T* value, const T* limit, std::ptrdiff_t n) {
  using S = Shape<T>;
  const typename S::D d;
  constexpr std::ptrdiff_t together = 4;
  constexpr std::ptrdiff_t block = 4096;
  double total = 0;
  std::ptrdiff_t i = 0;
  while (i + together * S::lanes <= n) {
    const std::ptrdiff_t end = (n - i < block ? n : i + block);
    typename S::V sum[together];
    CORYMB_UNROLL
    for (int v = 0; v < together; ++v) sum[v] = hn::Zero(d);
    for (; i + together * S::lanes <= end; i += together * S::lanes) {
      for (int v = 0; v < together; ++v) prefetch_beyond(value, i + values_ahead<T> + v * S::lanes);
      CORYMB_UNROLL
      for (int v = 0; v < together; ++v) {
        const auto gap = hn::Sub(hn::LoadU(d, limit + i + v * S::lanes), hn::LoadU(d, value + i + v * S::lanes));
        sum[v] = hn::Add(sum[v], hn::Max(gap, hn::Zero(d)));
      }
    }
    const auto all = hn::Add(hn::Add(sum[0], sum[1]), hn::Add(sum[2], sum[3]));
    total += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, all)));
  }
  for (; i < n; ++i) total += value[i] < limit[i] ? static_cast<double>(limit[i]) - static_cast<double>(value[i]) : 0.0;
  return total;
}
