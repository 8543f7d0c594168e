// Elementary functions of vectors of doubles. No include guard: included by the files of kernels, once for every
// instruction set.

// exp(x) of −708 ≤ x ≤ 709, to 2 units in the last place: 2ⁿ times the Taylor polynomial of the rest, at most ½ ln 2.
template <class V>
HWY_INLINE V exp_within(V x) {
  const hn::ScalableTag<double> real;
  const hn::RebindToSigned<hn::ScalableTag<double>> integer;
  // Adding 1.5 · 2⁵² rounds to an integer, which then stands in the lowest bits.
  const auto shift = hn::Set(real, 0x1.8p52);
  const auto shifted = hn::MulAdd(x, hn::Set(real, 0x1.71547652b82fep0), shift);  // log₂ e
  const auto whole = hn::Sub(shifted, shift);
  auto rest = hn::MulAdd(whole, hn::Set(real, -0x1.62e42fee00000p-1), x);  // ln 2 in two parts, the first exact
  rest = hn::MulAdd(whole, hn::Set(real, -0x1.a39ef35793c76p-33), rest);
  constexpr double factorials[] = {6227020800, 479001600, 39916800, 3628800, 362880, 40320, 5040,
                                   720,        120,       24,       6,       2,      1,     1};
  const auto square = hn::Mul(rest, rest);
  auto odd = hn::Set(real, 1 / factorials[0]), even = hn::Set(real, 1 / factorials[1]);
  CORYMB_UNROLL
  for (int i = 1; i < 7; ++i) {
    odd = hn::MulAdd(odd, square, hn::Set(real, 1 / factorials[2 * i]));
    even = hn::MulAdd(even, square, hn::Set(real, 1 / factorials[2 * i + 1]));
  }
  const auto sum = hn::MulAdd(odd, rest, even);
  const auto exponent = hn::ShiftLeft<52>(hn::BitCast(integer, shifted));
  return hn::BitCast(real, hn::Add(hn::BitCast(integer, sum), exponent));
}

// log(x) of a normal x > 0, to 2 units in the last place where x is not next to 1 (there, to 2·10⁻¹⁶): x = 2ⁿ m with
// m in [√½, √2), and log m = 2 artanh((m − 1) / (m + 1)).
template <class V>
HWY_INLINE V log_of_normal(V x) {
  const hn::ScalableTag<double> real;
  const hn::RebindToSigned<hn::ScalableTag<double>> integer;
  constexpr std::int64_t bits_of_root_half = 0x3fe6a09e667f3bcd, bits_of_shift = 0x4338000000000000;  // 1.5 · 2⁵²
  constexpr std::int64_t bias = std::int64_t{1023} << 52;
  const auto bits = hn::BitCast(integer, x);
  const auto biased = hn::ShiftRight<52>(hn::Add(bits, hn::Set(integer, bias - bits_of_root_half)));
  const auto n = hn::Sub(biased, hn::Set(integer, std::int64_t{1023}));
  const auto m = hn::BitCast(real, hn::Sub(bits, hn::ShiftLeft<52>(n)));
  const auto exponent =
      hn::Sub(hn::BitCast(real, hn::Add(n, hn::Set(integer, bits_of_shift))), hn::Set(real, 0x1.8p52));
  const auto one = hn::Set(real, 1.0);
  const auto ratio = hn::Div(hn::Sub(m, one), hn::Add(m, one));
  const auto square = hn::Mul(ratio, ratio);
  auto series = hn::Set(real, 2.0 / 21);
  CORYMB_UNROLL
  for (int i = 19; i >= 3; i -= 2) series = hn::MulAdd(series, square, hn::Set(real, 2.0 / i));
  const auto small =
      hn::MulAdd(exponent, hn::Set(real, 0x1.a39ef35793c76p-33), hn::Mul(hn::Mul(series, square), ratio));
  const auto large = hn::MulAdd(exponent, hn::Set(real, 0x1.62e42fee00000p-1), hn::Add(ratio, ratio));
  return hn::Add(large, small);
}
