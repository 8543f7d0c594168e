#pragma once

// Least costs by POT 0.8.2, checked by SciPy 1.10.1. Do not edit. Made by
//   python3 tests/golden/exact_transport.py

#include <corymb/core/types.hpp>

#include <string_view>

namespace exact_transport_golden {

struct Case {
  std::string_view data;
  corymb::Index first;  // rows that send
  int power;
  double even;
  double uneven;
};

inline constexpr Case cases[] = {
    {"iris", 70, 1, 3.268196040882219, 3.2274725702769542},
    {"wine", 50, 2, 249673.45432619061, 247496.79796937766},
    {"digits", 120, 1, 26.525432876950333, 27.162158734333211},
};

}  // namespace exact_transport_golden
