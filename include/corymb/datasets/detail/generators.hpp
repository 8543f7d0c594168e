#pragma once

#include <corymb/core/errors.hpp>
#include <corymb/core/random.hpp>
#include <corymb/datasets/generators.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <type_traits>
#include <utility>

CORYMB_BEGIN
namespace detail {

// The names of the random streams. Changing one changes the data of every seed.
enum DatasetStream : std::uint64_t { stream_centers, stream_maps, stream_points, stream_order };

/// Labels are 32 bits wide.
inline constexpr Index max_blobs = std::numeric_limits<std::int32_t>::max();

inline std::string number_text(double value) {
  char buffer[32];
  return {buffer, std::to_chars(buffer, buffer + sizeof(buffer), value).ptr};
}

class GeneratorChecks {
 public:
  explicit GeneratorChecks(std::string function) : function_(std::move(function)) {}

  [[noreturn]] void fail(const std::string& what) const { throw InvalidArgument("corymb::" + function_ + ": " + what); }

  void at_least(const std::string& name, Index value, Index lowest) const {
    if (value < lowest) fail(name + " = " + std::to_string(value) + " must be at least " + std::to_string(lowest));
  }
  void deviation(const std::string& name, double value) const {
    if (!(value >= 0 && std::isfinite(value))) fail(name + " = " + number_text(value) + " must be finite and at least 0");
  }
  void interval(const std::string& low_name, double low, const std::string& high_name, double high) const {
    if (!(low <= high && std::isfinite(high - low)))
      fail(low_name + " = " + number_text(low) + " and " + high_name + " = " + number_text(high) +
           " must be the ends of a finite interval");
  }
  void shape(const std::string& name, const RowMatrix<double>& matrix, Index rows, Index cols) const {
    if (matrix.rows() != rows || matrix.cols() != cols)
      fail(name + " is " + shape_text(matrix.rows(), matrix.cols()) + ", must be " + shape_text(rows, cols));
    for (Index i = 0; i < rows; ++i)
      for (Index j = 0; j < cols; ++j)
        if (!std::isfinite(matrix(i, j)))
          fail(name + " has the value " + number_text(matrix(i, j)) + " in row " + std::to_string(i) + ", column " +
               std::to_string(j) + "; values must be finite");
  }
  void one_or_each(const std::string& name, std::size_t count, Index k) const {
    if (count != 1 && static_cast<Index>(count) != k)
      fail(name + " has " + std::to_string(count) + " entries, must have 1 or k = " + std::to_string(k));
  }

 private:
  static std::string shape_text(Index rows, Index cols) { return std::to_string(rows) + " x " + std::to_string(cols); }
  std::string function_;
};

inline void check_blobs(const std::vector<Index>& sizes, Index d, const BlobOptions& options) {
  const GeneratorChecks check("make_blobs");
  const auto k = static_cast<Index>(sizes.size());
  if (k < 1 || k > max_blobs)
    check.fail("sizes has " + std::to_string(k) + " entries, must have 1 to " + std::to_string(max_blobs));
  check.at_least("d", d, 1);
  Index total = 0;
  for (Index c = 0; c < k; ++c) {
    const Index size = sizes[static_cast<std::size_t>(c)];
    check.at_least("sizes[" + std::to_string(c) + "]", size, 0);
    if (size > std::numeric_limits<Index>::max() - total) check.fail("the sum of sizes does not fit 64 bits");
    total += size;
  }
  check.one_or_each("spread", options.spread.size(), k);
  for (std::size_t i = 0; i < options.spread.size(); ++i)
    check.deviation("spread[" + std::to_string(i) + "]", options.spread[i]);
  if (options.centers.size() > 0)
    check.shape("centers", options.centers, k, d);
  else
    check.interval("box_low", options.box_low, "box_high", options.box_high);
  if (!(options.elongation >= 1 && std::isfinite(options.elongation)))
    check.fail("elongation = " + number_text(options.elongation) + " must be finite and at least 1");
  if (!options.maps.empty()) {
    if (options.elongation != 1) check.fail("maps and elongation cannot both be given");
    check.one_or_each("maps", options.maps.size(), k);
    for (std::size_t i = 0; i < options.maps.size(); ++i)
      check.shape("maps[" + std::to_string(i) + "]", options.maps[i], d, d);
  }
}

inline Dataset<double> allocate_dataset(Index n, Index d) {
  return {RowMatrix<double>(n, d), Labels(n), RowMatrix<double>()};
}

/// Fisher-Yates on the rows.
inline void shuffle_rows(Dataset<double>& data, Random random) {
  const Index d = data.points.cols();
  double* x = data.points.data();
  for (Index i = data.points.rows() - 1; i > 0; --i) {
    const Index other = random.below(i + 1);
    if (other == i) continue;
    std::swap_ranges(x + i * d, x + (i + 1) * d, x + other * d);
    std::swap(data.labels[i], data.labels[other]);
  }
}

/// Rounds to T, and refuses points that are not finite.
template <class T>
Dataset<T> finish(const char* function, Dataset<double>&& data) {
  Dataset<T> result;
  if constexpr (std::is_same_v<T, double>) {
    result = std::move(data);
  } else {
    static_assert(std::is_same_v<T, float>, "corymb: the points of a generator must be float or double");
    result = {data.points.template cast<T>(), std::move(data.labels), data.centers.template cast<T>()};
  }
  const T* x = result.points.data();
  if (!std::all_of(x, x + result.points.size(), [](T value) { return std::isfinite(value); }))
    throw NumericalError(std::string("corymb::") + function + ": a coordinate of a point overflows");
  return result;
}

/// A matrix uniformly distributed over the orthogonal ones: Gram-Schmidt on normal columns (as rows here).
inline RowMatrix<double> random_rotation(Index d, Random& random) {
  RowMatrix<double> axes(d, d);
  for (Index i = 0; i < d; ++i) {
    double length = 0;
    while (length < 1e-6) {  // nearly in the span of the rows before: draw again
      for (Index j = 0; j < d; ++j) axes(i, j) = random.normal();
      for (Index other = 0; other < i; ++other) {
        double along = 0;
        for (Index j = 0; j < d; ++j) along += axes(other, j) * axes(i, j);
        for (Index j = 0; j < d; ++j) axes(i, j) -= along * axes(other, j);
      }
      double square = 0;
      for (Index j = 0; j < d; ++j) square += axes(i, j) * axes(i, j);
      length = std::sqrt(square);
    }
    for (Index j = 0; j < d; ++j) axes(i, j) /= length;
  }
  return axes;
}

/// Q D of BlobOptions::elongation.
inline RowMatrix<double> random_map(Index d, double elongation, Random random) {
  RowMatrix<double> map = random_rotation(d, random);
  for (Index j = 0; d > 1 && j < d; ++j) {
    const double axis = std::pow(elongation, 0.5 - static_cast<double>(j) / static_cast<double>(d - 1));
    for (Index i = 0; i < d; ++i) map(i, j) *= axis;
  }
  return map;
}

inline Dataset<double> blobs(const std::vector<Index>& sizes, Index d, const BlobOptions& options) {
  check_blobs(sizes, d, options);
  const auto k = static_cast<Index>(sizes.size());
  Index n = 0;
  for (const Index size : sizes) n += size;
  Dataset<double> data = allocate_dataset(n, d);
  data.centers = options.centers;
  if (options.centers.size() == 0) {
    Random random(options.seed, {stream_centers});
    data.centers.resize(k, d);
    for (Index i = 0; i < k * d; ++i) data.centers.data()[i] = random.uniform(options.box_low, options.box_high);
  }

  std::vector<double> z(static_cast<std::size_t>(d));
  double* x = data.points.data();
  Index row = 0;
  for (Index c = 0; c < k; ++c) {
    const auto cluster = static_cast<std::size_t>(c);
    const double spread = options.spread[options.spread.size() == 1 ? 0 : cluster];
    RowMatrix<double> map;
    if (!options.maps.empty())
      map = options.maps[options.maps.size() == 1 ? 0 : cluster];
    else if (options.elongation != 1)
      map = random_map(d, options.elongation, Random(options.seed, {stream_maps, cluster}));
    Random random(options.seed, {stream_points, cluster});
    for (Index i = 0; i < sizes[cluster]; ++i, ++row) {
      data.labels[row] = static_cast<std::int32_t>(c);
      for (double& value : z) value = random.normal();
      for (Index j = 0; j < d; ++j, ++x) {
        double offset = z[static_cast<std::size_t>(j)];
        if (map.size() > 0) {
          offset = 0;
          for (Index l = 0; l < d; ++l) offset += map(j, l) * z[static_cast<std::size_t>(l)];
        }
        *x = data.centers(c, j) + spread * offset;
      }
    }
  }
  if (options.shuffle) shuffle_rows(data, Random(options.seed, {stream_order}));
  return data;
}

/// n points in two classes: point i of m of class c at curve(c, i, m), a pair of coordinates, plus noise.
template <class Options, class Curve>
Dataset<double> two_curves(const char* function, Index n, const Options& options, Curve curve) {
  const GeneratorChecks check(function);
  check.at_least("n", n, 0);
  check.deviation("noise", options.noise);
  Dataset<double> data = allocate_dataset(n, 2);
  Random random(options.seed, {stream_points});
  for (Index row = 0; row < n; ++row) {
    const Index first = n - n / 2;
    const int c = row < first ? 0 : 1;
    const std::pair<double, double> at = c == 0 ? curve(0, row, first) : curve(1, row - first, n / 2);
    data.labels[row] = c;
    data.points(row, 0) = at.first + options.noise * random.normal();
    data.points(row, 1) = at.second + options.noise * random.normal();
  }
  if (options.shuffle) shuffle_rows(data, Random(options.seed, {stream_order}));
  return data;
}

inline Dataset<double> moons(Index n, const MoonOptions& options) {
  return two_curves("make_moons", n, options, [](int c, Index i, Index m) {
    const double t = std::numbers::pi * static_cast<double>(i) / static_cast<double>(std::max<Index>(m - 1, 1));
    return c == 0 ? std::pair(std::cos(t), std::sin(t)) : std::pair(1 - std::cos(t), 0.5 - std::sin(t));
  });
}

inline Dataset<double> circles(Index n, const CircleOptions& options) {
  if (!(options.factor >= 0 && options.factor < 1))
    GeneratorChecks("make_circles").fail("factor = " + number_text(options.factor) + " must be in [0, 1)");
  Dataset<double> data = two_curves("make_circles", n, options, [&](int c, Index i, Index m) {
    const double t = 2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(m);
    const double radius = c == 0 ? 1 : options.factor;
    return std::pair(radius * std::cos(t), radius * std::sin(t));
  });
  data.centers = RowMatrix<double>::Zero(2, 2);
  return data;
}

inline Dataset<double> uniform_noise(Index n, Index d, const UniformOptions& options) {
  const GeneratorChecks check("make_uniform");
  check.at_least("n", n, 0);
  check.at_least("d", d, 1);
  check.interval("low", options.low, "high", options.high);
  Dataset<double> data = allocate_dataset(n, d);
  data.labels.setConstant(noise);
  Random random(options.seed, {stream_points});
  double* x = data.points.data();
  for (Index i = 0; i < n * d; ++i) x[i] = std::min(random.uniform(options.low, options.high), options.high);
  return data;
}

}  // namespace detail

template <class T>
Dataset<T> make_blobs(const std::vector<Index>& sizes, Index d, const BlobOptions& options) {
  return detail::finish<T>("make_blobs", detail::blobs(sizes, d, options));
}

template <class T>
Dataset<T> make_blobs(Index n, Index d, Index k, const BlobOptions& options) {
  const detail::GeneratorChecks check("make_blobs");
  check.at_least("n", n, 0);
  if (k < 1 || k > detail::max_blobs)
    check.fail("k = " + std::to_string(k) + " must be in [1, " + std::to_string(detail::max_blobs) + "]");
  std::vector<Index> sizes(static_cast<std::size_t>(k), n / k);
  for (Index c = 0; c < n % k; ++c) ++sizes[static_cast<std::size_t>(c)];
  return make_blobs<T>(sizes, d, options);
}

template <class T>
Dataset<T> make_moons(Index n, const MoonOptions& options) {
  return detail::finish<T>("make_moons", detail::moons(n, options));
}

template <class T>
Dataset<T> make_circles(Index n, const CircleOptions& options) {
  return detail::finish<T>("make_circles", detail::circles(n, options));
}

template <class T>
Dataset<T> make_uniform(Index n, Index d, const UniformOptions& options) {
  return detail::finish<T>("make_uniform", detail::uniform_noise(n, d, options));
}

CORYMB_END
