#pragma once

#include <corymb/distance/detail/portable_kernels.hpp>
#include <corymb/hierarchy/detail/hierarchy_kernel_tasks.hpp>

#include <corymb/distance/detail/portable_begin.ipp>

CORYMB_BEGIN
namespace detail::portable::hierarchy {
using namespace corymb::compiled::hierarchy;
#include <corymb/hierarchy/detail/hierarchy_kernels.ipp>
}  // namespace detail::portable::hierarchy
CORYMB_END

#include <corymb/distance/detail/portable_end.ipp>
