#pragma once

#include <corymb/core/config.hpp>

#include <cstdint>

CORYMB_BEGIN
namespace detail {

/// An edge of the tree between two rows, and the value of their distance.
template <class T>
struct TreeEdge {
  std::int32_t i;
  std::int32_t j;
  T value;
};

}  // namespace detail
CORYMB_END
