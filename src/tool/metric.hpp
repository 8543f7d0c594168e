#pragma once

#include <corymb/core/errors.hpp>
#include <corymb/distance/metric.hpp>

#include <optional>

#include "arguments.hpp"

namespace corymb::tool {

/// --metric, and the exponent of one of them.
struct MetricArguments {
  Metric::Kind kind = Metric::Kind::euclidean;
  std::optional<double> exponent;

  void define(Arguments& arguments) {
    arguments.choice("--metric", kind,
                     {{"euclidean", Metric::Kind::euclidean},
                      {"manhattan", Metric::Kind::manhattan},
                      {"chebyshev", Metric::Kind::chebyshev},
                      {"minkowski", Metric::Kind::minkowski},
                      {"canberra", Metric::Kind::canberra},
                      {"bray-curtis", Metric::Kind::bray_curtis},
                      {"cosine", Metric::Kind::cosine},
                      {"correlation", Metric::Kind::correlation},
                      {"hamming", Metric::Kind::hamming},
                      {"jaccard", Metric::Kind::jaccard},
                      {"haversine", Metric::Kind::haversine}},
                     "Distance of two points; haversine takes latitude and longitude in degrees and gives kilometres");
    arguments.number("--exponent", exponent, "P", "The exponent of --metric minkowski, at least 1");
  }

  Metric metric() const {
    if ((kind == Metric::Kind::minkowski) != exponent.has_value())
      throw InvalidArgument("--exponent and --metric minkowski need each other");
    switch (kind) {
      case Metric::Kind::euclidean: break;
      case Metric::Kind::manhattan: return Metric::manhattan;
      case Metric::Kind::chebyshev: return Metric::chebyshev;
      case Metric::Kind::minkowski: return Metric::minkowski(*exponent);
      case Metric::Kind::canberra: return Metric::canberra;
      case Metric::Kind::bray_curtis: return Metric::bray_curtis;
      case Metric::Kind::cosine: return Metric::cosine;
      case Metric::Kind::correlation: return Metric::correlation;
      case Metric::Kind::hamming: return Metric::hamming;
      case Metric::Kind::jaccard: return Metric::jaccard;
      case Metric::Kind::haversine: return Metric::haversine;
    }
    return Metric::euclidean;
  }
};

}  // namespace corymb::tool
