#pragma once

#include <corymb/neighbors/options.hpp>

namespace corymb_test {

inline constexpr corymb::NeighborSearch all_searches[] = {
    corymb::NeighborSearch::automatic, corymb::NeighborSearch::kd_tree, corymb::NeighborSearch::brute_force};

}  // namespace corymb_test
