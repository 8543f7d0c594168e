// Part of kernels.ipp.
// Rows in bytes, for the kernel in quantized.ipp.

template <class T>
void quantize_rows(const QuantizeTask<T>& task) {
  using S = Shape<T>;
  const typename S::D d;
  constexpr T unit = std::numeric_limits<T>::epsilon();
  // Added and taken away again, it rounds to a whole number, which then stands in the lowest bits.
  const T magic = T(1.5) / unit;
  const auto rounding = hn::Set(d, magic), zero = hn::Set(d, static_cast<T>(task.zero));
  const auto least = hn::Zero(d), most = hn::Set(d, T(255)), per_step = hn::Set(d, task.per_step);
  alignas(64) T whole[S::lanes];
  const auto lowest_byte = [&](std::ptrdiff_t l) HWY_ATTR {
    typename S::Lane bits;
    std::memcpy(&bits, whole + l, sizeof(bits));
    return static_cast<std::uint8_t>(bits & 255);
  };
  for (std::ptrdiff_t i = 0; i < task.x.n; ++i) {
    const T* x = task.x.data + i * task.x.stride;
    std::uint8_t* byte = task.byte + i * task.stride;
    auto errors = hn::Zero(d), squares = hn::Zero(d);
    std::ptrdiff_t j = 0;
    for (; j + S::lanes <= task.x.d; j += S::lanes) {
      const auto steps = hn::Mul(hn::Sub(hn::LoadU(d, x + j), hn::LoadU(d, task.centre + j)), per_step);
      const auto shifted = hn::Add(hn::Min(hn::Max(hn::Add(steps, zero), least), most), rounding);
      hn::Store(shifted, d, whole);
      for (std::ptrdiff_t l = 0; l < S::lanes; ++l) byte[j + l] = lowest_byte(l);
      const auto error = hn::Sub(steps, hn::Sub(hn::Sub(shifted, rounding), zero));
      errors = hn::MulAdd(error, error, errors);
      squares = hn::MulAdd(steps, steps, squares);
    }
    T off = hn::GetLane(hn::SumOfLanes(d, errors)), norm = hn::GetLane(hn::SumOfLanes(d, squares));
    for (; j < task.x.d; ++j) {
      const T steps = (x[j] - task.centre[j]) * task.per_step;
      T place = steps + static_cast<T>(task.zero);
      place = place > T(0) ? place : T(0);
      whole[0] = (place < T(255) ? place : T(255)) + magic;
      byte[j] = lowest_byte(0);
      const T error = steps - (whole[0] - magic - static_cast<T>(task.zero));
      off += error * error;
      norm += steps * steps;
    }
    for (; j < task.stride; ++j) byte[j] = 0;
    // The sums have at most d + 2 roundings, every number of steps two.
    const T up = T(1) + (static_cast<T>(task.x.d) + T(8)) * unit;
    constexpr float to_float = 1.0f + 4 * std::numeric_limits<float>::epsilon();
    norm = std::sqrt(norm) * up;
    task.norm[i] = static_cast<float>(norm) * to_float;
    task.error[i] = static_cast<float>(std::sqrt(off) * up + T(2) * unit * norm) * to_float;
  }
}

// Without instructions for bytes.
template <class V>
HWY_INLINE V dot_bytes(V sum, V bytes, V coefficients) {
  const hn::ScalableTag<std::int32_t> d;
  const auto lowest = hn::Set(d, 255);
  sum = hn::Add(sum, hn::Mul(hn::And(bytes, lowest), hn::ShiftRight<24>(hn::ShiftLeft<24>(coefficients))));
  sum = hn::Add(
      sum, hn::Mul(hn::And(hn::ShiftRight<8>(bytes), lowest), hn::ShiftRight<24>(hn::ShiftLeft<16>(coefficients))));
  sum = hn::Add(
      sum, hn::Mul(hn::And(hn::ShiftRight<16>(bytes), lowest), hn::ShiftRight<24>(hn::ShiftLeft<8>(coefficients))));
  return hn::Add(sum, hn::Mul(hn::And(hn::ShiftRight<24>(bytes), lowest), hn::ShiftRight<24>(coefficients)));
}
