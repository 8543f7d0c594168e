#pragma once

#include <corymb/preprocess/detail/new_rows.hpp>
#include <corymb/preprocess/detail/principal_axes.hpp>
#include <corymb/preprocess/pca.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// The projections of rows on components. Each is one defined number, Σ (x_j − mean_j) · v_j in double in ascending j
/// with one accumulator, so that a row's projections do not depend on the rows around it.
class Projector {
 public:
  template <class T>
  Projector(const RowMatrix<T>& components, const Vector& means, const Vector& scales)
      : d_(components.cols()), m_(components.rows()), mean_(means.data()), scale_(scales.data()) {
    panels_.setZero(width, panels() * d_);
    for (Index c = 0; c < m_; ++c)
      for (Index j = 0; j < d_; ++j) panels_(c % width, c / width * d_ + j) = static_cast<double>(components(c, j));
  }

  static double memory(Index m, Index d) { return matrix_bytes<double>(m + width, d); }

  template <class T>
  RowMatrix<T> operator()(std::string_view function, const Points<T>& X, int threads) const {
    RowMatrix<T> result(X.rows(), m_);
    const Chunks chunks(X.rows(), block);
    parallel_for(threads, chunks.count(), [&](Index chunk) {
      RowMatrix<double> centred(block, d_), projected(block, panels() * width);
      for (Index begin = chunks.begin(chunk); begin < chunks.end(chunk); begin += block) {
        const Index count = std::min(block, chunks.end(chunk) - begin);
        for (Index i = 0; i < count; ++i) {
          const T* x = X.row(begin + i);
          for (Index j = 0; j < d_; ++j) centred(i, j) = static_cast<double>(x[j]) - mean_[j];
        }
        for (Index panel = 0; panel < panels(); ++panel)
          for (Index i = 0; i < count; i += 2) project_two(centred, i, std::min(i + 1, count - 1), panel, projected);
        for (Index i = 0; i < count; ++i) {
          for (Index c = 0; c < m_; ++c) projected(i, c) /= scale_[c];
          store_row(function, &projected(i, 0), begin + i, result);
        }
      }
    });
    return result;
  }

 private:
  static constexpr Index width = 8;   // components in a panel: their sums stay in registers
  static constexpr Index block = 32;  // rows that pass over a panel while it is in the cache
  using Sums = Eigen::Array<double, width, 1>;

  Index panels() const { return (m_ + width - 1) / width; }

  /// The rows a and b, which may be the same, on the components of a panel. Every row goes through this one loop.
  void project_two(const RowMatrix<double>& centred, Index a, Index b, Index panel,
                   RowMatrix<double>& projected) const {
    const double *x = &centred(a, 0), *y = &centred(b, 0);
    Sums first = Sums::Zero(), second = Sums::Zero();
    for (Index j = 0; j < d_; ++j) {
      const Sums v = panels_.col(panel * d_ + j).array();
      first += x[j] * v;
      second += y[j] * v;
    }
    Eigen::Map<Sums>(&projected(a, panel * width)) = first;
    Eigen::Map<Sums>(&projected(b, panel * width)) = second;
  }

  Index d_;
  Index m_;
  const double* mean_;
  const double* scale_;
  /// Column p · d + j: entry j of the components of panel p
  Eigen::Matrix<double, width, Eigen::Dynamic> panels_;
};

template <class T>
void check_model(std::string_view function, const PcaResult<T>& model) {
  const Index m = model.components.rows(), d = model.components.cols();
  if (model.means.size() != d || model.scales.size() != m)
    reject(function, "the model has " + to_text(m) + " components of " + to_text(d) + " columns, " +
                         to_text(model.means.size()) + " means and " + to_text(model.scales.size()) +
                         " scales; they must agree");
}

inline bool use_randomized(Index n, Index d, Index m, const PcaOptions& options) {
  if (options.solver != PcaSolver::automatic) return options.solver == PcaSolver::randomized;
  const Index least = std::min(n, d);
  return least > 1000 && carried_directions(m, options.oversampling, least) <= least / 4;
}

inline void check_pca_options(Index n, Index d, Index m, const PcaOptions& options) {
  constexpr std::string_view function = "pca";
  require_threads(function, options.execution.threads);
  require_columns(function, d);
  if (n < 1) reject(function, "X has 0 rows; at least 1 is needed");
  if (m < 1 || m > std::min(n, d))
    reject(function, "m = " + to_text(m) + " must be in [1, min(n, d) = " + to_text(std::min(n, d)) + "]");
  if (options.oversampling < 0) reject(function, "oversampling = " + to_text(options.oversampling) + " must be ≥ 0");
  if (options.power_iterations < 0)
    reject(function, "power_iterations = " + to_text(options.power_iterations) + " must be ≥ 0");
}

/// Bytes of all that stands at the same time, beyond X itself.
template <class T>
double pca_memory(Index n, Index d, Index m, bool randomized, const PcaOptions& options) {
  const double result =
      matrix_bytes<T>(n, m) + matrix_bytes<T>(m, d) + matrix_bytes<double>(m, d) + Projector::memory(m, d);
  const double statistics = matrix_bytes<double>(3 * chunks_of_rows(n, d).count() + 8, d);
  const double threads = std::min(resolve_threads(options.execution.threads), 64);
  double solver = 0;
  if (randomized) {
    const Index l = carried_directions(m, options.oversampling, std::min(n, d));
    const auto chunks = static_cast<double>(chunks_of_sum(n, d * l).count());
    solver = (chunks + 3) * matrix_bytes<double>(d, l) + threads * matrix_bytes<double>(d + l, slice_width);
  } else {
    const Index size = std::min(n, d);
    const auto chunks = static_cast<double>(chunks_of_sum(std::max(n, d), size * size).count());
    solver = (chunks + 3) * matrix_bytes<double>(size, size) + threads * matrix_bytes<double>(size, slice_width);
    if (n < d) solver += 2 * matrix_bytes<double>(d, m);
  }
  return result + statistics + solver;
}

template <class T>
PcaResult<T> principal_components(const Points<T>& X, Index m, bool randomized, const PcaOptions& options) {
  const Index n = X.rows(), d = X.cols();
  const int threads = resolve_threads(options.execution.threads);
  const ProgressReporter progress(options.execution.on_progress);
  const ColumnStatistics statistics = column_statistics(X, nullptr, threads);
  report_pca_step(progress, "column means", 1, 1);
  const CentredPoints<T> A(X, statistics);
  const bool varies = A.squares() > 0;

  PrincipalAxes found;
  if (!varies)
    found = {Eigen::MatrixXd::Identity(d, m), Vector::Zero(m)};
  else if (randomized)
    found = randomized_axes(A, m, carried_directions(m, options.oversampling, std::min(n, d)), options.power_iterations,
                            options.seed, threads, progress);
  else
    found = exact_axes(A, m, threads, progress);
  fix_signs(found.axes);

  PcaResult<T> result;
  result.components = found.axes.transpose().template cast<T>();
  result.means = statistics.means;
  const double rows = static_cast<double>(std::max<Index>(n - 1, 1));
  result.total_variance = A.squares() / rows * A.unit() * A.unit();
  if (!std::isfinite(result.total_variance))
    throw NumericalError("corymb::pca: the variance of X overflows; scale the data");
  result.explained_variance = (found.squares.array() / rows * A.unit() * A.unit()).matrix();
  result.explained_variance_ratio = varies ? Vector(found.squares / A.squares()) : Vector(Vector::Zero(m));
  result.scales = Vector::Ones(m);
  if (options.whiten) {
    const double rounding = static_cast<double>(std::max(n, d)) * std::numeric_limits<double>::epsilon();
    for (Index c = 0; c < m; ++c)
      if (found.squares[c] > rounding * found.squares[0])
        result.scales[c] = std::sqrt(found.squares[c] / rows) * A.unit();
  }
  result.points = Projector(result.components, result.means, result.scales)("pca", X, threads);
  return result;
}

// See kmeans_impl.hpp.
#if defined(CORYMB_EXTERN_TEMPLATES)
#define CORYMB_PCA_INSTANCES(Template, T) \
  Template PcaResult<T> principal_components(const Points<T>&, Index, bool, const PcaOptions&)
CORYMB_PCA_INSTANCES(extern template, float);
CORYMB_PCA_INSTANCES(extern template, double);
#endif

}  // namespace detail

template <class Derived>
PcaResult<typename Derived::Scalar> pca(const Eigen::DenseBase<Derived>& X, Index m, const PcaOptions& options) {
  using T = typename Derived::Scalar;
  const Index n = X.rows(), d = X.cols();
  detail::check_pca_options(n, d, m, options);
  const bool randomized = detail::use_randomized(n, d, m, options);
  detail::require_memory("pca", detail::packed_bytes(X) + detail::pca_memory<T>(n, d, m, randomized, options),
                         options.execution.memory_limit,
                         randomized ? "ask for fewer components" : "use PcaSolver::randomized with few components");
  const Points<T> points(X);
  detail::check_entries("pca", points, resolve_threads(options.execution.threads), "X");
  return detail::principal_components(points, m, randomized, options);
}

template <class T, class Derived>
RowMatrix<T> transform(const PcaResult<T>& model, const Eigen::DenseBase<Derived>& X_new, const Execution& execution) {
  constexpr std::string_view function = "transform";
  detail::check_model(function, model);
  const Points<T> points =
      detail::new_rows<T>(function, X_new, "X_new", model.components.cols(), model.components.rows(), execution);
  return detail::Projector(model.components, model.means, model.scales)(function, points,
                                                                        resolve_threads(execution.threads));
}

template <class T, class Derived>
RowMatrix<T> inverse_transform(const PcaResult<T>& model, const Eigen::DenseBase<Derived>& Z,
                               const Execution& execution) {
  constexpr std::string_view function = "inverse_transform";
  detail::check_model(function, model);
  const Index m = model.components.rows(), d = model.components.cols();
  const Points<T> projections = detail::new_rows<T>(function, Z, "Z", m, d, execution);
  RowMatrix<T> result(projections.rows(), d);
  const Chunks chunks(projections.rows(), 32);
  parallel_for(resolve_threads(execution.threads), chunks.count(), [&](Index chunk) {
    std::vector<double> row(static_cast<std::size_t>(d));
    for (Index i = chunks.begin(chunk); i < chunks.end(chunk); ++i) {
      std::fill(row.begin(), row.end(), 0.0);
      for (Index c = 0; c < m; ++c) {
        const double along = static_cast<double>(projections(i, c)) * model.scales[c];
        const T* component = model.components.data() + c * d;
        for (Index j = 0; j < d; ++j) row[static_cast<std::size_t>(j)] += along * static_cast<double>(component[j]);
      }
      for (Index j = 0; j < d; ++j) row[static_cast<std::size_t>(j)] += model.means[j];
      detail::store_row(function, row.data(), i, result);
    }
  });
  return result;
}

CORYMB_END
