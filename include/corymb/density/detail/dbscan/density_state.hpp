#pragma once

#include <corymb/density/dbscan.hpp>

#include <cstdint>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// What is known of a row.
enum class Density : std::uint8_t {
  sparse,  ///< too few neighbours
  absent,  ///< enough neighbours, but it has no weight itself
  core,
};

inline Density density_of(bool has_enough, bool is_present) {
  return !has_enough ? Density::sparse : is_present ? Density::core : Density::absent;
}

/// Whether a row that is not core may belong to a cluster that reaches it.
inline bool may_be_reached(Density density, BorderPoints border) {
  return border == BorderPoints::lowest_cluster ? density != Density::core : density == Density::absent;
}

}  // namespace detail
CORYMB_END
