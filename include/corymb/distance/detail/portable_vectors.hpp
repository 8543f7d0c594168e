#pragma once

#include <corymb/core/config.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#if defined(__AVX512VNNI__)
#include <immintrin.h>
#endif

#if !defined(__GNUC__)
#error "corymb: the portable kernels need the vector extensions of GCC or Clang"
#endif

// The part of Highway's interface that kernels.ipp uses, on the compilers' vector types: whatever the consumer's flags
// allow, without a run-time choice.

CORYMB_BEGIN
namespace detail::portable {

#if defined(__AVX512F__)
inline constexpr std::size_t vector_bytes = 64;
#elif defined(__AVX__)
inline constexpr std::size_t vector_bytes = 32;
#else
inline constexpr std::size_t vector_bytes = 16;
#endif

/// Rounds a product on its own: keeps the compiler from fusing it into a following addition.
template <class V>
inline __attribute__((always_inline)) V rounded(V product) {
#if defined(__x86_64__) && defined(__AVX512F__)
  __asm__("" : "+v"(product));
#elif defined(__x86_64__) && defined(__FMA__)
  __asm__("" : "+x"(product));
#elif defined(__aarch64__)
  __asm__("" : "+w"(product));
#elif !defined(__x86_64__)
  __asm__("" : "+m"(product));
#endif
  return product;
}

namespace hn {

template <std::size_t Bytes>
struct Signed;
template <>
struct Signed<1> {
  using type = std::int8_t;
};
template <>
struct Signed<4> {
  using type = std::int32_t;
};
template <>
struct Signed<8> {
  using type = std::int64_t;
};

template <class T, std::size_t Lanes>
struct Tag {
  using Lane = T;
  typedef T Vector __attribute__((vector_size(sizeof(T) * Lanes)));
};

template <class T>
using ScalableTag = Tag<T, vector_bytes / sizeof(T)>;
template <class D>
using Vec = typename D::Vector;
template <class D>
using TFromD = typename D::Lane;
template <class D>
using RebindToSigned = Tag<typename Signed<sizeof(TFromD<D>)>::type, sizeof(Vec<D>) / sizeof(TFromD<D>)>;
template <class T, class D>
using Rebind = Tag<T, sizeof(Vec<D>) / sizeof(TFromD<D>)>;

#define CORYMB_PORTABLE inline __attribute__((always_inline))

template <class D>
CORYMB_PORTABLE Vec<D> Set(D, TFromD<D> value) {
  return Vec<D>{} + value;
}
template <class D>
CORYMB_PORTABLE Vec<D> Zero(D) {
  return Vec<D>{};
}
template <class D>
CORYMB_PORTABLE Vec<D> LoadU(D, const TFromD<D>* from) {
  Vec<D> v;
  std::memcpy(&v, from, sizeof(v));
  return v;
}
template <class D>
CORYMB_PORTABLE Vec<D> Load(D, const TFromD<D>* from) {
  return *reinterpret_cast<const Vec<D>*>(from);
}
template <class V, class D>
CORYMB_PORTABLE void StoreU(V v, D, TFromD<D>* to) {
  std::memcpy(to, &v, sizeof(v));
}
template <class V, class D>
CORYMB_PORTABLE void Store(V v, D, TFromD<D>* to) {
  *reinterpret_cast<V*>(to) = v;
}
template <class V>
CORYMB_PORTABLE V Add(V a, V b) {
  return a + b;
}
template <class V>
CORYMB_PORTABLE V Sub(V a, V b) {
  return a - b;
}
template <class V>
CORYMB_PORTABLE V SaturatedSub(V a, V b) {
  return a < b ? V{} : a - b;
}
template <class V>
CORYMB_PORTABLE V Mul(V a, V b) {
  return a * b;
}
template <class V>
CORYMB_PORTABLE V Div(V a, V b) {
  return a / b;
}
template <class V>
CORYMB_PORTABLE V MulAdd(V a, V b, V c) {
  return a * b + c;  // fused where the flags allow
}
template <class V>
CORYMB_PORTABLE V Min(V a, V b) {
  return a < b ? a : b;
}
template <class V>
CORYMB_PORTABLE V Max(V a, V b) {
  return a < b ? b : a;
}
template <class V>
CORYMB_PORTABLE V Abs(V a) {
  return Max(a, -a);
}
template <class V>
CORYMB_PORTABLE V Sqrt(V a) {
  for (std::size_t i = 0; i < sizeof(V) / sizeof(a[0]); ++i) a[i] = std::sqrt(a[i]);
  return a;
}
template <class V>
CORYMB_PORTABLE V And(V a, V b) {
  return a & b;
}
template <int Bits, class V>
CORYMB_PORTABLE V ShiftLeft(V a) {
  return a << Bits;
}
template <int Bits, class V>
CORYMB_PORTABLE V ShiftRight(V a) {
  return a >> Bits;
}
template <class D, class V>
CORYMB_PORTABLE Vec<D> BitCast(D, V v) {
  return reinterpret_cast<Vec<D>>(v);
}
template <class V>
CORYMB_PORTABLE auto Lt(V a, V b) {
  return a < b;
}
template <class V>
CORYMB_PORTABLE auto Eq(V a, V b) {
  return a == b;
}
template <class D, class M>
CORYMB_PORTABLE void StoreMaskBits(D, M mask, std::uint8_t* bits) {
  for (std::size_t i = 0; i < sizeof(Vec<D>) / sizeof(TFromD<D>); ++i)
    bits[i / 8] = static_cast<std::uint8_t>(bits[i / 8] | (mask[i] != 0 ? 1u << (i % 8) : 0u));
}
template <class D, class M>
CORYMB_PORTABLE M RebindMask(D, M mask) {
  return mask;
}
template <class M, class V>
CORYMB_PORTABLE V IfThenElse(M mask, V yes, V no) {
  return mask ? yes : no;
}
template <class M, class V>
CORYMB_PORTABLE V IfThenZeroElse(M mask, V no) {
  return mask ? V{} : no;
}
template <class D, class V>
CORYMB_PORTABLE V MaxOfLanes(D, V v) {
  auto most = v[0];
  for (std::size_t i = 1; i < sizeof(V) / sizeof(v[0]); ++i) most = most < v[i] ? v[i] : most;
  return V{} + most;
}
template <class D, class V>
CORYMB_PORTABLE V SumOfLanes(D, V v) {
  auto sum = v[0];
  for (std::size_t i = 1; i < sizeof(V) / sizeof(v[0]); ++i) sum += v[i];
  return V{} + sum;
}
template <class V>
CORYMB_PORTABLE auto GetLane(V v) {
  return v[0];
}
template <class D, class V>
CORYMB_PORTABLE Vec<D> PromoteTo(D, V v) {
  return __builtin_convertvector(v, Vec<D>);
}
template <class D, class V>
CORYMB_PORTABLE Vec<D> DemoteTo(D, V v) {
  return __builtin_convertvector(v, Vec<D>);
}
#undef CORYMB_PORTABLE

}  // namespace hn
}  // namespace detail::portable
CORYMB_END
