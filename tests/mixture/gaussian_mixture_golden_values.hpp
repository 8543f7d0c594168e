#pragma once

// Fits by GaussianMixture of scikit-learn 1.2.1. Do not edit. Made by
//   python3 tests/golden/gaussian_mixture.py

#include <corymb/mixture/gaussian_mixture.hpp>

#include <string_view>

namespace gaussian_mixture_golden {

struct Case {
  std::string_view data;
  corymb::Covariance covariance;
  double log_likelihood;  // mean
  double bic;
  double aic;
};

// clang-format off
inline constexpr Case cases[] = {
    {"iris", corymb::Covariance::full, -1.211794041089, 584.006165267, 451.538212327},
    {"iris", corymb::Covariance::tied, -1.710666783236, 633.455282029, 561.200034971},
    {"iris", corymb::Covariance::diagonal, -2.045847245594, 744.030691325, 665.754173678},
    {"iris", corymb::Covariance::spherical, -2.592722254587, 862.997476376, 811.816676376},
    {"wine", corymb::Covariance::full, -15.645641845335, 7196.928531731, 6197.848496939},
    {"wine", corymb::Covariance::tied, -17.820510638409, 7028.097215912, 6608.101787274},
    {"wine", corymb::Covariance::diagonal, -18.507089226934, 7003.066448812, 6748.523764789},
    {"wine", corymb::Covariance::spherical, -62.829020229292, 22595.129677841, 22455.131201628},
};
// clang-format on

}  // namespace gaussian_mixture_golden
