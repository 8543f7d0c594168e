#pragma once

#include <corymb/core/types.hpp>

#include <cstdint>

CORYMB_BEGIN

/// An edge between two rows, a < b.
struct Edge {
  std::int32_t a;
  std::int32_t b;
  double weight;
  friend bool operator==(const Edge&, const Edge&) = default;
};

CORYMB_END
