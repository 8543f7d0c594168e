#pragma once

#include <corymb/hierarchy/detail/hierarchy_kernel_tasks.hpp>

#if !defined(CORYMB_COMPILED)
#include <corymb/hierarchy/detail/portable_hierarchy_kernels.hpp>
#endif

CORYMB_BEGIN
namespace detail {

// The kernels of hierarchies under one name: calls into the compiled library, or the portable ones.
#if defined(CORYMB_COMPILED)
namespace hierarchy_kernels = corymb::compiled::hierarchy;
#else
namespace hierarchy_kernels = portable::hierarchy;
#endif

}  // namespace detail
CORYMB_END
