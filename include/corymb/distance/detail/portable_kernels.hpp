#pragma once

#include <corymb/distance/detail/kernel_tasks.hpp>
#include <corymb/distance/detail/portable_vectors.hpp>
#include <corymb/distance/detail/rounding.hpp>

#include <cstring>
#include <limits>
#include <new>
#include <type_traits>

#include <corymb/distance/detail/portable_begin.ipp>

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

#include <corymb/distance/detail/portable_end.ipp>
