#pragma once

#include <corymb/core/types.hpp>
#include <corymb/distance/metric.hpp>

#include "support/matrices.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

// Distances by their definition, one pair at a time, and what follows from them by looking at all pairs. Each rounded
// product passes through a volatile variable: no flag of the build lets the compiler fuse it into the addition.
namespace corymb_test {

using corymb::Metric;

template <class T>
T squared_distance(const T* x, const T* y, Index d) {
  T sum = 0;
  for (Index j = 0; j < d; ++j) {
    const T difference = x[j] - y[j];
    const volatile T square = difference * difference;
    sum += square;
  }
  return sum;
}

template <class T>
T dot_product(const T* x, const T* y, Index d) {
  T sum = 0;
  for (Index j = 0; j < d; ++j) {
    const volatile T product = x[j] * y[j];
    sum += product;
  }
  return sum;
}

/// |difference|^p for a whole p, multiplied up from the highest bit of p: 7 = 111 in binary is ((a² a)² a).
template <class T>
T whole_power(T difference, int p) {
  const T a = std::abs(difference);
  std::vector<bool> bits;
  for (; p > 0; p /= 2) bits.push_back(p % 2 != 0);
  volatile T product = a;
  for (std::size_t place = bits.size() - 1; place-- > 0;) {
    product = product * product;
    if (bits[place]) product = product * a;
  }
  return product;
}

inline double pth_root(double sum, double p) {
  if (p == 3) return std::cbrt(sum);
  if (p == 4) return std::sqrt(std::sqrt(sum));
  return std::pow(sum, 1 / p);
}

/// The sum of powers as far as it can be trusted, else all differences relative to the largest.
template <class T>
T minkowski_distance(const T* x, const T* y, Index d, double p) {
  const auto trusted = [&]<class S>(S sum) {
    using Limits = std::numeric_limits<S>;
    return std::isfinite(sum) && sum >= static_cast<S>(d) * (Limits::min() / Limits::epsilon());
  };
  if (p == std::round(p) && p <= 64) {
    T sum = 0;
    for (Index j = 0; j < d; ++j) sum += whole_power(x[j] - y[j], static_cast<int>(p));
    if (trusted(sum)) return static_cast<T>(pth_root(static_cast<double>(sum), p));
  } else {
    double sum = 0;
    for (Index j = 0; j < d; ++j) sum += std::pow(std::abs(static_cast<double>(x[j] - y[j])), p);
    if (trusted(sum)) return static_cast<T>(pth_root(sum, p));
  }
  T largest = 0;
  for (Index j = 0; j < d; ++j) largest = std::max(largest, std::abs(x[j] - y[j]));
  if (largest == 0) return 0;
  double sum = 0;
  for (Index j = 0; j < d; ++j)
    sum += std::pow(static_cast<double>(std::abs(x[j] - y[j])) / static_cast<double>(largest), p);
  return static_cast<T>(static_cast<double>(largest) * pth_root(sum, p));
}

template <class T>
T cosine_distance(const T* x, const T* y, Index d) {
  const auto xx = static_cast<double>(dot_product(x, x, d)), yy = static_cast<double>(dot_product(y, y, d));
  const double cosine = static_cast<double>(dot_product(x, y, d)) / std::sqrt(xx * yy);
  return static_cast<T>(1 - std::clamp(cosine, -1.0, 1.0));
}

/// A row minus its mean, of entries relative to the first, scaled so that the largest of them is in [1, 2).
template <class T>
std::vector<T> centred(const T* x, Index d) {
  std::vector<double> entries;
  double largest = 0, sum = 0;
  for (Index j = 0; j < d; ++j) entries.push_back(static_cast<double>(x[j]) - static_cast<double>(x[0]));
  for (const double entry : entries) largest = std::max(largest, std::abs(entry));
  const int exponent = std::max(std::ilogb(largest), -1022);
  for (double& entry : entries) sum += entry = std::ldexp(entry, -exponent);
  std::vector<T> result;
  for (const double entry : entries) result.push_back(static_cast<T>(entry - sum / static_cast<double>(d)));
  return result;
}

/// Sine (quarter = 0) or cosine (quarter = 1) of degrees, through the nearest multiple of 90 degrees.
inline double sine_of_degrees(double degrees, int quarter) {
  const double rest = std::remainder(degrees, 90.0), turn = std::remainder(degrees - rest, 360.0);
  const double angle = rest * (std::acos(-1.0) / 180);
  const int quarters = (static_cast<int>(turn) / 90 + quarter + 4) % 4;
  if (quarters == 0) return std::sin(angle);
  if (quarters == 1) return std::cos(angle);
  return quarters == 2 ? -std::sin(angle) : -std::cos(angle);
}

template <class T>
double squared_chord(const T* x, const T* y) {
  double place[2][3];
  for (int side = 0; side < 2; ++side) {
    const auto latitude = static_cast<double>(side == 0 ? x[0] : y[0]);
    const auto longitude = static_cast<double>(side == 0 ? x[1] : y[1]);
    place[side][0] = sine_of_degrees(latitude, 1) * sine_of_degrees(longitude, 1);
    place[side][1] = sine_of_degrees(latitude, 1) * sine_of_degrees(longitude, 0);
    place[side][2] = sine_of_degrees(latitude, 0);
  }
  return squared_distance(place[0], place[1], 3);
}

inline double kilometres(double squared_chord) {
  return 2 * 6371.0088 * std::asin(std::min(1.0, std::sqrt(squared_chord) / 2));
}

/// The value that decides between neighbours: the squared distance for the Euclidean metric, the squared chord for
/// haversine in double, the number of differences for Hamming, else the distance.
template <class T>
T deciding_value(Metric metric, const T* x, const T* y, Index d) {
  T sum = 0, other = 0;
  switch (metric.kind()) {
    case Metric::Kind::euclidean: return squared_distance(x, y, d);
    case Metric::Kind::manhattan:
      for (Index j = 0; j < d; ++j) sum += std::abs(x[j] - y[j]);
      return sum;
    case Metric::Kind::chebyshev:
      for (Index j = 0; j < d; ++j) sum = std::max(sum, std::abs(x[j] - y[j]));
      return sum;
    case Metric::Kind::minkowski: return minkowski_distance(x, y, d, metric.p());
    case Metric::Kind::canberra:
      for (Index j = 0; j < d; ++j)
        if (x[j] != y[j]) sum += std::abs(x[j] - y[j]) / (std::abs(x[j]) + std::abs(y[j]));
      return sum;
    case Metric::Kind::bray_curtis: {
      T x_sum = 0, y_sum = 0;
      for (Index j = 0; j < d; ++j) {
        sum += std::abs(x[j] - y[j]);
        x_sum += x[j];
        y_sum += y[j];
      }
      const double total = static_cast<double>(x_sum) + static_cast<double>(y_sum);
      return total == 0 ? T(0) : static_cast<T>(std::min(1.0, static_cast<double>(sum) / total));
    }
    case Metric::Kind::cosine: return cosine_distance(x, y, d);
    case Metric::Kind::correlation: return cosine_distance(centred(x, d).data(), centred(y, d).data(), d);
    case Metric::Kind::hamming:
      for (Index j = 0; j < d; ++j) sum += x[j] != y[j];
      return sum;
    case Metric::Kind::jaccard:
      for (Index j = 0; j < d; ++j) {
        sum += (x[j] != 0) != (y[j] != 0);
        other += x[j] != 0 || y[j] != 0;
      }
      return other == 0 ? T(0) : static_cast<T>(static_cast<double>(sum) / static_cast<double>(other));
    case Metric::Kind::haversine: break;
  }
  const double chord = squared_chord(x, y);
  return static_cast<T>(sizeof(T) == 4 ? kilometres(chord) : chord);
}

/// The distance that belongs to the deciding value of two rows of d entries.
template <class T>
T distance_of(Metric metric, T deciding_value, Index d) {
  if (metric == Metric::euclidean) return std::sqrt(deciding_value);
  if (metric == Metric::hamming) return static_cast<T>(static_cast<double>(deciding_value) / static_cast<double>(d));
  if (metric == Metric::haversine && sizeof(T) == 8)
    return static_cast<T>(kilometres(static_cast<double>(deciding_value)));
  return deciding_value;
}

/// Every metric, and Minkowski's with each way to take a power.
inline const std::vector<Metric>& all_metrics() {
  static const std::vector<Metric> list = {
      Metric::euclidean,    Metric::manhattan,      Metric::chebyshev, Metric::minkowski(3), Metric::minkowski(4),
      Metric::minkowski(7), Metric::minkowski(2.5), Metric::canberra,  Metric::bray_curtis,  Metric::cosine,
      Metric::correlation,  Metric::hamming,        Metric::jaccard,   Metric::haversine};
  return list;
}

inline std::string name_of(Metric metric) {
  static const char* const names[] = {"euclidean", "manhattan",   "chebyshev", "minkowski", "canberra", "bray_curtis",
                                      "cosine",    "correlation", "hamming",   "jaccard",   "haversine"};
  const std::string name = names[static_cast<int>(metric.kind())];
  return metric.p() == 0 ? name : name + "(" + std::to_string(metric.p()) + ")";
}

/// Whether rows times s have distances times s; otherwise they do not depend on s.
inline bool scales_with_the_rows(Metric metric) {
  return metric == Metric::euclidean || metric == Metric::manhattan || metric == Metric::chebyshev ||
         metric.kind() == Metric::Kind::minkowski;
}

/// A haversine row is a latitude and a longitude; a row of one entry has no correlation.
inline Index columns_for(Metric metric, Index d) {
  if (metric == Metric::haversine) return 2;
  return metric == Metric::correlation ? std::max<Index>(d, 2) : d;
}

/// Makes rows of X, whose entries are mostly within ±3, such as the metric accepts.
template <class T>
RowMatrix<T> accepted_by(Metric metric, RowMatrix<T> X) {
  if (metric == Metric::bray_curtis) X = RowMatrix<T>(X.cwiseAbs());
  if (metric == Metric::haversine) X *= T(15);
  for (Index i = 0; i < X.rows(); ++i) {
    if (metric == Metric::haversine && std::abs(X(i, 0)) > T(90)) X(i, 0) = T(90);
    const bool alike = metric == Metric::cosine ? (X.row(i).array() == T(0)).all()
                                                : metric == Metric::correlation && (X.row(i).array() == X(i, 0)).all();
    if (alike) X(i, 0) += T(1);
  }
  return X;
}

/// Random rows; for metrics that count coordinates many of them are equal, and many are 0.
template <class T>
RowMatrix<T> rows_for(Metric metric, Random& random, Index n, Index d) {
  const Index columns = columns_for(metric, d);
  if (metric == Metric::hamming || metric == Metric::jaccard) return grid_matrix<T>(random, n, columns, 1);
  return accepted_by(metric, normal_matrix<T>(random, n, columns));
}

/// Random rows among which equal distances are frequent.
template <class T>
RowMatrix<T> tied_rows_for(Metric metric, Random& random, Index n, Index d) {
  return accepted_by(metric, grid_matrix<T>(random, n, columns_for(metric, d), 2));
}

template <class T>
RowMatrix<T> all_deciding_values(Metric metric, const RowMatrix<T>& X, const RowMatrix<T>& C) {
  RowMatrix<T> values(X.rows(), C.rows());
  for (Index i = 0; i < X.rows(); ++i)
    for (Index j = 0; j < C.rows(); ++j)
      values(i, j) = deciding_value(metric, X.data() + i * X.cols(), C.data() + j * C.cols(), X.cols());
  return values;
}

template <class T>
RowMatrix<T> all_distances(Metric metric, const RowMatrix<T>& X, const RowMatrix<T>& Y) {
  RowMatrix<T> values = all_deciding_values(metric, X, Y);
  for (Index i = 0; i < values.size(); ++i) values.data()[i] = distance_of(metric, values.data()[i], X.cols());
  return values;
}

/// The m nearest of every row, the lower index first among equal values.
template <class T>
struct Neighbours {
  RowMatrix<std::int32_t> indices;
  RowMatrix<T> distances;
};

template <class T>
Neighbours<T> neighbours_by_definition(Metric metric, const RowMatrix<T>& deciding_values, Index m, Index d) {
  const Index n = deciding_values.rows(), k = deciding_values.cols();
  Neighbours<T> result{RowMatrix<std::int32_t>(n, m), RowMatrix<T>(n, m)};
  std::vector<std::int32_t> order(static_cast<std::size_t>(k));
  for (Index i = 0; i < n; ++i) {
    const T* value = deciding_values.data() + i * k;
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) { return value[a] < value[b]; });
    for (Index place = 0; place < m; ++place) {
      result.indices(i, place) = order[static_cast<std::size_t>(place)];
      result.distances(i, place) = distance_of(metric, value[result.indices(i, place)], d);
    }
  }
  return result;
}

template <class T>
struct NearestByDefinition {
  Labels labels;
  ColumnVector<T> distances;
};

template <class T>
NearestByDefinition<T> nearest_by_definition(Metric metric, const RowMatrix<T>& X, const RowMatrix<T>& C) {
  NearestByDefinition<T> result{Labels(X.rows()), ColumnVector<T>(X.rows())};
  for (Index i = 0; i < X.rows(); ++i) {
    T least = std::numeric_limits<T>::infinity();
    std::int32_t label = 0;
    for (Index j = 0; j < C.rows(); ++j) {
      const T value = deciding_value(metric, X.data() + i * X.cols(), C.data() + j * C.cols(), X.cols());
      if (!(value < least)) continue;
      least = value;
      label = static_cast<std::int32_t>(j);
    }
    result.labels[i] = label;
    result.distances[i] = distance_of(metric, least, X.cols());
  }
  return result;
}

}  // namespace corymb_test
