#pragma once

#include <corymb/core/detail/validate.hpp>
#include <corymb/core/errors.hpp>
#include <corymb/core/random.hpp>
#include <corymb/datasets/generators.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numbers>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

// The names of the random streams. Changing one changes the data of every seed.
enum DatasetStream : std::uint64_t { stream_centers, stream_maps, stream_points, stream_order };

/// Labels are 32 bits wide.
inline constexpr Index max_blobs = std::numeric_limits<std::int32_t>::max();

inline void require_at_least(std::string_view function, const std::string& name, Index value, Index lowest) {
  if (value < lowest) reject(function, name + " = " + to_text(value) + " must be ≥ " + to_text(lowest));
}

inline void require_classes(std::string_view function, const std::string& name, Index count) {
  if (count < 1 || count > max_blobs)
    reject(function, name + " = " + to_text(count) + " must be in [1, " + to_text(max_blobs) + "]");
}

inline void require_deviation(std::string_view function, const std::string& name, double value) {
  if (!(value >= 0 && std::isfinite(value)))
    reject(function, name + " = " + to_text(value) + " must be finite and ≥ 0");
}

inline void require_interval(std::string_view function, const std::string& low_name, double low,
                             const std::string& high_name, double high) {
  if (!(low <= high && std::isfinite(high - low)))
    reject(function, low_name + " = " + to_text(low) + " and " + high_name + " = " + to_text(high) +
                         " must be the ends of a finite interval");
}

inline void require_matrix(std::string_view function, const std::string& name, const RowMatrix<double>& matrix,
                           Index rows, Index cols) {
  if (matrix.rows() != rows || matrix.cols() != cols)
    reject(function, name + " is " + to_text(matrix.rows()) + " x " + to_text(matrix.cols()) + ", must be " +
                         to_text(rows) + " x " + to_text(cols));
  for (Index i = 0; i < rows; ++i)
    for (Index j = 0; j < cols; ++j)
      if (!std::isfinite(matrix(i, j)))
        reject(function,
               name + "(" + to_text(i) + ", " + to_text(j) + ") = " + to_text(matrix(i, j)) + " must be finite");
}

inline void require_one_or_each(std::string_view function, const std::string& name, std::size_t count, Index k) {
  if (count != 1 && static_cast<Index>(count) != k)
    reject(function, name + " has " + to_text(count) + " entries, must have 1 or k = " + to_text(k));
}

inline void check_blobs(const std::vector<Index>& sizes, Index d, const BlobOptions& options) {
  const char* function = "make_blobs";
  const auto k = static_cast<Index>(sizes.size());
  if (k < 1 || k > max_blobs)
    reject(function, "sizes has " + to_text(k) + " entries, must have 1 to " + to_text(max_blobs));
  require_at_least(function, "d", d, 1);
  Index total = 0;
  for (Index c = 0; c < k; ++c) {
    const Index size = sizes[static_cast<std::size_t>(c)];
    require_at_least(function, "sizes[" + to_text(c) + "]", size, 0);
    if (size > std::numeric_limits<Index>::max() - total) reject(function, "the sum of sizes does not fit 64 bits");
    total += size;
  }
  require_one_or_each(function, "spread", options.spread.size(), k);
  for (std::size_t i = 0; i < options.spread.size(); ++i)
    require_deviation(function, "spread[" + to_text(i) + "]", options.spread[i]);
  if (options.centers.size() > 0)
    require_matrix(function, "centers", options.centers, k, d);
  else
    require_interval(function, "box_low", options.box_low, "box_high", options.box_high);
  if (!(options.elongation >= 1 && std::isfinite(options.elongation)))
    reject(function, "elongation = " + to_text(options.elongation) + " must be finite and ≥ 1");
  if (!options.maps.empty()) {
    if (options.elongation != 1) reject(function, "maps and elongation cannot both be given");
    require_one_or_each(function, "maps", options.maps.size(), k);
    for (std::size_t i = 0; i < options.maps.size(); ++i)
      require_matrix(function, "maps[" + to_text(i) + "]", options.maps[i], d, d);
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
Dataset<T> finish_dataset(const char* function, Dataset<double>&& data) {
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

inline Dataset<double> generate_blobs(const std::vector<Index>& sizes, Index d, const BlobOptions& options) {
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
  require_at_least(function, "n", n, 0);
  require_deviation(function, "noise", options.noise);
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

inline Dataset<double> generate_moons(Index n, const MoonOptions& options) {
  return two_curves("make_moons", n, options, [](int c, Index i, Index m) {
    const double t = std::numbers::pi * static_cast<double>(i) / static_cast<double>(std::max<Index>(m - 1, 1));
    return c == 0 ? std::pair(std::cos(t), std::sin(t)) : std::pair(1 - std::cos(t), 0.5 - std::sin(t));
  });
}

inline Dataset<double> generate_circles(Index n, const CircleOptions& options) {
  if (!(options.factor >= 0 && options.factor < 1))
    reject("make_circles", "factor = " + to_text(options.factor) + " must be in [0, 1)");
  Dataset<double> data = two_curves("make_circles", n, options, [&](int c, Index i, Index m) {
    const double t = 2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(m);
    const double radius = c == 0 ? 1 : options.factor;
    return std::pair(radius * std::cos(t), radius * std::sin(t));
  });
  data.centers = RowMatrix<double>::Zero(2, 2);
  return data;
}

/// n points in `classes` of equal size up to one, the larger first: point i of m of class c at curve(c, i, m, random),
/// an array of D coordinates, plus noise. Every class draws from a stream of its own.
template <std::size_t D, class Options, class Curve>
Dataset<double> equal_classes(Index n, Index classes, const Options& options, Curve curve) {
  Dataset<double> data = allocate_dataset(n, static_cast<Index>(D));
  double* x = data.points.data();
  Index row = 0;
  for (Index c = 0; row < n; ++c) {
    Random random(options.seed, {stream_points, static_cast<std::uint64_t>(c)});
    const Index size = n / classes + (c < n % classes ? 1 : 0);
    for (Index i = 0; i < size; ++i, ++row) {
      data.labels[row] = static_cast<std::int32_t>(c);
      const std::array<double, D> at = curve(c, i, size, random);
      for (const double coordinate : at) *x++ = coordinate + options.noise * random.normal();
    }
  }
  if (options.shuffle) shuffle_rows(data, Random(options.seed, {stream_order}));
  return data;
}

inline Dataset<double> generate_spirals(Index n, Index k, const SpiralOptions& options) {
  const char* function = "make_spirals";
  require_at_least(function, "n", n, 0);
  require_classes(function, "k", k);
  require_deviation(function, "noise", options.noise);
  require_deviation(function, "turns", options.turns);
  if (!(options.inner_radius >= 0 && options.inner_radius < 1))
    reject(function, "inner_radius = " + to_text(options.inner_radius) + " must be in [0, 1)");
  return equal_classes<2>(n, k, options, [&](Index c, Index i, Index m, Random&) {
    const double s = static_cast<double>(i) / static_cast<double>(std::max<Index>(m - 1, 1));
    const double radius = options.inner_radius + (1 - options.inner_radius) * s;
    const double angle = 2 * std::numbers::pi * (options.turns * s + static_cast<double>(c) / static_cast<double>(k));
    return std::array{radius * std::cos(angle), radius * std::sin(angle)};
  });
}

inline Dataset<double> generate_swiss_roll(Index n, const SwissRollOptions& options) {
  const char* function = "make_swiss_roll";
  require_at_least(function, "n", n, 0);
  require_deviation(function, "noise", options.noise);
  require_classes(function, "segments", options.segments);
  require_deviation(function, "height", options.height);
  return equal_classes<3>(n, options.segments, options, [&](Index c, Index, Index, Random& random) {
    const double u = (static_cast<double>(c) + random.uniform()) / static_cast<double>(options.segments);
    const double v = random.uniform();
    const double t = 1.5 * std::numbers::pi * (1 + 2 * u);
    return std::array{t * std::cos(t), options.height * v, t * std::sin(t)};
  });
}

inline Dataset<double> generate_uniform(Index n, Index d, const UniformOptions& options) {
  const char* function = "make_uniform";
  require_at_least(function, "n", n, 0);
  require_at_least(function, "d", d, 1);
  require_interval(function, "low", options.low, "high", options.high);
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
  return detail::finish_dataset<T>("make_blobs", detail::generate_blobs(sizes, d, options));
}

template <class T>
Dataset<T> make_blobs(Index n, Index d, Index k, const BlobOptions& options) {
  detail::require_at_least("make_blobs", "n", n, 0);
  detail::require_classes("make_blobs", "k", k);
  std::vector<Index> sizes(static_cast<std::size_t>(k), n / k);
  for (Index c = 0; c < n % k; ++c) ++sizes[static_cast<std::size_t>(c)];
  return make_blobs<T>(sizes, d, options);
}

template <class T>
Dataset<T> make_moons(Index n, const MoonOptions& options) {
  return detail::finish_dataset<T>("make_moons", detail::generate_moons(n, options));
}

template <class T>
Dataset<T> make_circles(Index n, const CircleOptions& options) {
  return detail::finish_dataset<T>("make_circles", detail::generate_circles(n, options));
}

template <class T>
Dataset<T> make_spirals(Index n, Index k, const SpiralOptions& options) {
  return detail::finish_dataset<T>("make_spirals", detail::generate_spirals(n, k, options));
}

template <class T>
Dataset<T> make_swiss_roll(Index n, const SwissRollOptions& options) {
  return detail::finish_dataset<T>("make_swiss_roll", detail::generate_swiss_roll(n, options));
}

template <class T>
Dataset<T> make_uniform(Index n, Index d, const UniformOptions& options) {
  return detail::finish_dataset<T>("make_uniform", detail::generate_uniform(n, d, options));
}

CORYMB_END
