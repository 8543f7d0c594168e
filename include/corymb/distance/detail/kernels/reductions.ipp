// Part of kernels.ipp.
// Reductions over rows: sums per cluster, the largest magnitude.

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
