#pragma once

#include <corymb/distance/detail/kernel_tasks.hpp>
#include <corymb/distance/detail/portable_vectors.hpp>
#include <corymb/distance/detail/rounding.hpp>

#include <cstring>
#include <limits>
#include <new>
#include <type_traits>

#define HWY_INLINE inline __attribute__((always_inline))
#define HWY_ATTR
#define CORYMB_KERNEL_LANES(T) (vector_bytes / sizeof(T))
#if defined(__AVX512F__)
#define CORYMB_KERNEL_VECTORS 4
#else
#define CORYMB_KERNEL_VECTORS 2
#endif
#define CORYMB_KERNEL_HAS_BLOCKS 0
#define CORYMB_KERNEL_MASKS_ARE_BITS 0
#define CORYMB_KERNEL_ROUNDED(product) rounded(product)
#define CORYMB_KERNEL_KEEP(vector)
#define CORYMB_KERNEL_SPILL __asm__ volatile("" ::: "memory")
#define CORYMB_UNROLL _Pragma("GCC unroll 8")

CORYMB_BEGIN
namespace detail::portable {
using namespace corymb::compiled;
#include <corymb/distance/detail/kernels.ipp>

inline std::ptrdiff_t quantized_panel_rows() { return Shape<std::int32_t>::points; }
#if defined(__AVX512VNNI__)
template <class V>
HWY_INLINE V multiply_bytes(V sum, V bytes, V coefficients) {
  return reinterpret_cast<V>(_mm512_dpbusd_epi32(reinterpret_cast<__m512i>(sum), reinterpret_cast<__m512i>(bytes),
                                                 reinterpret_cast<__m512i>(coefficients)));
}
#define CORYMB_KERNEL_DOT_BYTES multiply_bytes
inline bool multiplies_bytes() { return true; }
#else
#define CORYMB_KERNEL_DOT_BYTES dot_bytes
inline bool multiplies_bytes() { return false; }
#endif
#include <corymb/distance/detail/kernels/quantized.ipp>
#undef CORYMB_KERNEL_DOT_BYTES
}  // namespace detail::portable
CORYMB_END

#undef HWY_INLINE
#undef HWY_ATTR
#undef CORYMB_KERNEL_LANES
#undef CORYMB_KERNEL_VECTORS
#undef CORYMB_KERNEL_HAS_BLOCKS
#undef CORYMB_KERNEL_MASKS_ARE_BITS
#undef CORYMB_KERNEL_ROUNDED
#undef CORYMB_KERNEL_KEEP
#undef CORYMB_KERNEL_SPILL
#undef CORYMB_UNROLL
