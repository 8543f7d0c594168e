#pragma once

// Fits by mclust 6.0.0. Do not edit. Made by
//   Rscript tests/golden/gaussian_mixture.R

#include <corymb/mixture/gaussian_mixture.hpp>

namespace mclust_golden {

struct Case {
  corymb::Covariance covariance;
  double log_likelihood;  // mean
  corymb::Index parameters;
};

constexpr Case cases[] = {
    {corymb::Covariance::eii, -2.6786811719, 15}, {corymb::Covariance::vii, -2.5620939671, 17},
    {corymb::Covariance::eei, -2.4095034803, 18}, {corymb::Covariance::vei, -2.2631248484, 20},
    {corymb::Covariance::evi, -2.2672372049, 24}, {corymb::Covariance::vvi, -2.0457364034, 26},
    {corymb::Covariance::eee, -1.7090269542, 24}, {corymb::Covariance::vee, -1.5837344186, 26},
    {corymb::Covariance::eve, -1.5555506710, 30}, {corymb::Covariance::vve, -1.4349391356, 32},
    {corymb::Covariance::eev, -1.4323358592, 36}, {corymb::Covariance::vev, -1.2404885560, 38},
    {corymb::Covariance::evv, -1.4028808822, 42}, {corymb::Covariance::vvv, -1.2012365142, 44},
};

}  // namespace mclust_golden
