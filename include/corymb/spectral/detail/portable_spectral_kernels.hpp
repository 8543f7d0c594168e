#pragma once

#include <corymb/distance/detail/portable_vectors.hpp>
#include <corymb/spectral/detail/spectral_kernel_tasks.hpp>

#include <corymb/distance/detail/portable_begin.ipp>

CORYMB_BEGIN
namespace detail::portable::spectral {
using namespace corymb::compiled::spectral;
#include <corymb/spectral/detail/spectral_kernels.ipp>
}  // namespace detail::portable::spectral
CORYMB_END

#include <corymb/distance/detail/portable_end.ipp>
