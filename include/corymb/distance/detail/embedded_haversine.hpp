#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/distance/detail/formulas/haversine.hpp>
#include <corymb/distance/detail/metric_values.hpp>

#include <string_view>

CORYMB_BEGIN
namespace detail {

/// Rows of (latitude, longitude) as points of the unit sphere, whose squared Euclidean distances decide between them.
/// @throws InvalidArgument  rows that haversine does not take
template <class T>
RowMatrix<double> on_unit_sphere(std::string_view function, std::string_view name, const Points<T>& X, int threads) {
  const HaversineFormula<T> formula;
  HaversineFormula<T>::check(function, name, X, threads);
  RowMatrix<double> rows(X.rows(), formula.width(X.cols()));
  const Chunks chunks(X.rows());
  parallel_for(threads, chunks.count(), [&](Index chunk) {
    for (Index i = chunks.begin(chunk); i < chunks.end(chunk); ++i)
      formula.embed(X.row(i), X.cols(), rows.data() + i * rows.cols());
  });
  return rows;
}

/// Values (see row_values.hpp) of points of the unit sphere: squared chords, which turn into great-circle distances.
/// @tparam T  what the rows were of: distances have its precision
template <class T>
class SphereValues {
 public:
  SphereValues(std::string_view function, const Points<double>& X, const Points<double>& C, int threads)
      : chords_(function, X, C, Metric::euclidean, "X", "C", threads) {}

  void operator()(Index first, Index last, double* out, ValuesScratch& scratch) const {
    chords_(first, last, out, scratch);
  }
  void operator()(Index first, Index last, RowRange of_c, double* out, ValuesScratch& scratch) const {
    chords_(first, last, of_c, out, scratch);
  }
  void finish(double* values, Index count) const {
    for (Index i = 0; i < count; ++i)
      values[i] = static_cast<double>(static_cast<T>(great_circle_kilometres(values[i])));
  }

 private:
  MetricValues<double> chords_;
};

}  // namespace detail
CORYMB_END
