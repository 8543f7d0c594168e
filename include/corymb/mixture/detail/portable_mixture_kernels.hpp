#pragma once

#include <corymb/distance/detail/portable_vectors.hpp>
#include <corymb/mixture/detail/mixture_kernel_tasks.hpp>

#include <corymb/distance/detail/portable_begin.ipp>

CORYMB_BEGIN
namespace detail::portable::mixture {
using namespace corymb::compiled::mixture;
#include <corymb/mixture/detail/mixture_kernels.ipp>
}  // namespace detail::portable::mixture
CORYMB_END

#include <corymb/distance/detail/portable_end.ipp>
