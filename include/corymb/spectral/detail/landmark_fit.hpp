#pragma once

#include <corymb/spectral/landmark_spectral_clustering.hpp>  // first, whose end may include this

#include <corymb/core/detail/gather_rows.hpp>
#include <corymb/core/detail/matrix_view.hpp>
#include <corymb/core/detail/memory.hpp>
#include <corymb/core/random.hpp>
#include <corymb/core/union_find.hpp>
#include <corymb/spectral/detail/eigen/find_eigenpairs.hpp>

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

// ---- choosing landmarks ----

inline Index number_of_landmarks(Index n, Index k, const LandmarkSpectralOptions& options) {
  if (!options.landmark_rows.empty()) return static_cast<Index>(options.landmark_rows.size());
  return options.landmarks ? *options.landmarks : std::min(n, std::max<Index>(500, 10 * k));
}

template <class T>
void check_landmark_options(std::string_view function, const Points<T>& X, Index k,
                            const LandmarkSpectralOptions& options) {
  const Index n = X.rows();
  require_threads(function, options.execution.threads);
  require_columns(function, X.cols());
  if (k < 1 || k > n) reject(function, "k = " + to_text(k) + " must be in [1, n = " + to_text(n) + "]");
  if (!options.landmark_rows.empty()) {
    if (options.landmarks) reject(function, "landmarks must be empty where landmark_rows are given");
    std::vector<Index> sorted = options.landmark_rows;
    std::sort(sorted.begin(), sorted.end());
    if (sorted.front() < 0 || sorted.back() >= n)
      reject(function, "landmark_rows has " + to_text(sorted.front() < 0 ? sorted.front() : sorted.back()) +
                           "; rows must be in [0, n = " + to_text(n) + ")");
    const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
    if (twice != sorted.end()) reject(function, "landmark_rows has " + to_text(*twice) + " twice");
  }
  const Index m = number_of_landmarks(n, k, options);
  if (m < k || m > n)
    reject(function, "landmarks = " + to_text(m) + " must be in [k = " + to_text(k) + ", n = " + to_text(n) + "]");
  if (options.nearest < 1 || (options.method == LandmarkMethod::anchor_graph && options.nearest > m))
    reject(function, "nearest = " + to_text(options.nearest) + " must be in [1, landmarks = " + to_text(m) + "]");
  if (options.landmark_iterations < 1)
    reject(function, "landmark_iterations = " + to_text(options.landmark_iterations) + " must be at least 1");
  check_gamma(function, options.gamma);
  check_solver_and_restarts(function, options);
  const double bytes = 8 * (static_cast<double>(n) * static_cast<double>(2 * k + 2 * options.nearest) +
                            4 * static_cast<double>(m) * static_cast<double>(m));
  require_memory(function, bytes, options.execution.memory_limit, "fewer landmarks take less");
  check_points(function, X, resolve_threads(options.execution.threads));
}

template <class T>
RowMatrix<T> choose_landmarks(std::string_view function, const Points<T>& X, Index m,
                              const LandmarkSpectralOptions& options) {
  std::vector<Index> rows = options.landmark_rows;
  if (rows.empty() && options.choice == LandmarkChoice::kmeans) {
    auto result = kmeans_stage(function, matrix_view(X), m,
                               {.init = KMeansInit::random,
                                .max_iterations = options.landmark_iterations,
                                .seed = options.seed,
                                .execution = options.execution});
    return std::move(result.centroids);
  }
  if (rows.empty()) {
    rows.resize(static_cast<std::size_t>(X.rows()));
    std::iota(rows.begin(), rows.end(), Index{0});
    Random random(options.seed, {0x1a4d});
    for (Index i = 0; i < m; ++i)
      std::swap(rows[static_cast<std::size_t>(i)], rows[static_cast<std::size_t>(i + random.below(X.rows() - i))]);
    rows.resize(static_cast<std::size_t>(m));
    std::sort(rows.begin(), rows.end());
  }
  return gather_rows(X, rows);
}

// ---- the small eigenproblem ----

/// A symmetric matrix of positive trace whose eigenvalues are at most about 1, as the solvers take operators.
class SmallMatrix {
 public:
  SmallMatrix(const RowMatrix<double>& matrix, int threads) : matrix_(matrix), threads_(threads) {}
  Index rows() const { return matrix_.rows(); }
  double shift() const { return 1; }

  template <class Finish>
  void multiply(const TallBlock& x, TallBlock& y, const Finish& finish) const {
    const Chunks chunks(rows(), 48);
    parallel_for(rows() < 512 ? 1 : threads_, chunks.count(), [&](Index chunk) {
      const Index first = chunks.begin(chunk), last = chunks.end(chunk);
      spectral_kernels::dense_product(compiled::spectral::DenseProductTask<double>{
          matrix_.row(first).data(), rows(), last - first, rows(), x.row(0), x.width(), y.row(first)});
      finish(first, last);
    });
  }

 private:
  const RowMatrix<double>& matrix_;
  int threads_;
};

/// Chunks of rows whose partial m × m sums together take little memory.
inline Chunks chunks_of_squares(Index n, Index m) {
  return Chunks(n, 1024, std::clamp<Index>((Index{1} << 23) / (m * m), 2, 64));
}

/// Fills in the model's projection for the anchor graph.
template <class T>
void fit_anchor_graph(std::string_view function, LandmarkSpectralClustering<T>& model, const AnchorWeights& weights,
                      Index k, const LandmarkSpectralOptions& options, int threads, const ProgressReporter& progress) {
  const Index n = weights.weight.rows(), m = model.landmarks.rows(), r = weights.weight.cols();
  // Zᵀ Z, and the sums Λ of the columns of Z.
  const Chunks chunks = chunks_of_squares(n, m);
  Vector column = Vector::Zero(m);
  for (Index i = 0; i < n; ++i)
    for (Index c = 0; c < r; ++c) column[weights.landmark(i, c)] += weights.weight(i, c);
  RowMatrix<double> shared =
      parallel_sum(threads, chunks, RowMatrix<double>(RowMatrix<double>::Zero(m, m)), [&](Index begin, Index end) {
        RowMatrix<double> part = RowMatrix<double>::Zero(m, m);
        for (Index i = begin; i < end; ++i)
          for (Index a = 0; a < r; ++a)
            for (Index b = 0; b < r; ++b)
              part(weights.landmark(i, a), weights.landmark(i, b)) += weights.weight(i, a) * weights.weight(i, b);
        return part;
      });
  report_or_cancel(function, "landmarks", progress, 1, 1);
  // Landmarks are connected by the points they share. One that no point is joined to counts for nothing: it is put
  // aside with the components that are too many.
  std::vector<Index> used;
  for (Index a = 0; a < m; ++a)
    if (column[a] > 0) used.push_back(a);
  UnionFind sets(static_cast<Index>(used.size()));
  for (std::size_t a = 0; a < used.size(); ++a)
    for (std::size_t b = 0; b < a; ++b)
      if (shared(used[a], used[b]) > 0) sets.unite(static_cast<Index>(a), static_cast<Index>(b));
  const ConnectedComponents all{sets.labels(), static_cast<std::int32_t>(sets.sets())};
  const ConnectedComponents counted = components_that_count(all, 1, k);
  model.components = all.components;
  Labels component = Labels::Constant(m, -1);
  for (std::size_t a = 0; a < used.size(); ++a) component[used[a]] = counted.labels[static_cast<Index>(a)];
  const Index c_used = counted.components;

  const Vector root = column.cwiseSqrt();
  for (Index a = 0; a < m; ++a)
    for (Index b = 0; b < m; ++b)
      shared(a, b) = component[a] >= 0 && component[b] >= 0 ? shared(a, b) / (root[a] * root[b]) : 0;
  const KnownVectors known(component, c_used, root.unaryExpr([](double x) { return x > 0 ? x : 1; }));
  model.eigenvalues = Vector::Zero(k);
  model.projection = RowMatrix<double>::Zero(m, k);
  for (Index c = 0; c < c_used; ++c)
    for (Index a = 0; a < m; ++a) model.projection(a, c) = known(a, c);
  if (k > c_used) {
    const EigenTask task{k - c_used, options.eigen_tolerance, options.max_eigen_iterations, options.seed, threads};
    const Eigenpairs pairs =
        find_eigenpairs(function, SmallMatrix(shared, threads), known, task, Eigensolver::automatic, progress);
    model.eigenvalues.tail(k - c_used) = (1 - pairs.values.array()).max(0.0);
    model.projection.rightCols(k - c_used) = pairs.vectors;
    model.status = pairs.converged ? Status::converged : Status::iteration_limit;
    model.iterations = pairs.iterations;
  }
  // From vectors of landmarks to those of points: Z Λ^-1/2 V S^-1/2. What has no eigenvalue left has no vector either.
  for (Index c = 0; c < k; ++c) {
    const double value = 1 - model.eigenvalues[c];
    model.projection.col(c) /= value > 1e-12 ? std::sqrt(value) : 1;
  }
  std::vector<Index> kept;
  for (Index a = 0; a < m; ++a)
    if (component[a] >= 0) kept.push_back(a);
  for (const Index a : kept) model.projection.row(a) /= root[a];
  if (static_cast<Index>(kept.size()) == m) return;
  const RowMatrix<T> kept_landmarks = gather_rows(Points<T>(model.landmarks), kept);
  const NearestResult<T> near = nearest(model.landmarks, kept_landmarks, Metric::euclidean, {.threads = threads});
  for (Index a = 0; a < m; ++a)
    if (component[a] < 0)
      model.projection.row(a) = model.projection.row(kept[static_cast<std::size_t>(near.labels[a])]);
}

/// Fills in the model's projection for Nyström's method.
template <class T>
void fit_nystrom(std::string_view function, LandmarkSpectralClustering<T>& model, const Points<T>& X, Index k,
                 const LandmarkSpectralOptions& options, int threads, const ProgressReporter& progress) {
  const Index m = model.landmarks.rows();
  // The affinities A of the landmarks to each other: A^-1/2 on the span of its eigenvectors that are not rounding.
  RowMatrix<double> among(m, m);
  for_nystrom_rows(function, Points<T>(model.landmarks), model.landmarks, model.gamma, threads, 64, progress,
                   [&](Index first, Index last, const auto& affinities, int) {
                     among.middleRows(first, last - first) = affinities;
                   });
  Eigen::MatrixXd inverse_root(m, m);
  one_thread([&] {
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(Eigen::MatrixXd((among + among.transpose()) / 2));
    const double least = 1e-12 * static_cast<double>(m) * solver.eigenvalues()[m - 1];
    const Vector roots = solver.eigenvalues().unaryExpr([&](double x) { return x > least ? 1 / std::sqrt(x) : 0; });
    inverse_root = solver.eigenvectors() * roots.asDiagonal() * solver.eigenvectors().transpose();
  });
  // Degrees of all points: C A^-1 Cᵀ 1.
  const Index grain = std::max<Index>(64, (X.rows() + 63) / 64), tasks = (X.rows() + grain - 1) / grain;
  std::vector<Vector> sums(static_cast<std::size_t>(tasks), Vector::Zero(m));
  for_nystrom_rows(function, X, model.landmarks, model.gamma, threads, grain, progress,
                   [&](Index first, Index, const auto& affinities, int) {
                     sums[static_cast<std::size_t>(first / grain)] = affinities.colwise().sum().transpose();
                   });
  Vector sum = Vector::Zero(m);
  for (const Vector& part : sums) sum += part;
  if (!(sum.maxCoeff() > 0))
    throw NumericalError("corymb::" + std::string(function) + ": the affinities of the landmarks to all points are 0");
  one_thread([&] { model.degree_weights = inverse_root * (inverse_root * sum); });
  // Fᵀ F for F = D^-1/2 C A^-1/2.
  const Chunks chunks = chunks_of_squares(X.rows(), m);
  const Index square_grain = std::max<Index>((X.rows() + chunks.count() - 1) / chunks.count(), 1);
  const Index square_tasks = (X.rows() + square_grain - 1) / square_grain;
  std::vector<RowMatrix<double>> squares(static_cast<std::size_t>(square_tasks));
  const ProgressCallback nobody;  // blocks within a task are not reported
  parallel_for(threads, square_tasks, [&](Index task) {
    const Index begin = task * square_grain, end = std::min(begin + square_grain, X.rows());
    RowMatrix<double>& square = squares[static_cast<std::size_t>(task)];
    square = RowMatrix<double>::Zero(m, m);
    const ProgressReporter silent(nobody);
    for_nystrom_rows(function, Points<T>(X.row(begin), end - begin, X.cols(), X.stride()), model.landmarks, model.gamma,
                     1, 64, silent, [&](Index, Index, const auto& affinities, int) {
                       one_thread([&] {
                         const Vector degrees = affinities * model.degree_weights;
                         RowMatrix<double> scaled = affinities;
                         for (Index i = 0; i < degrees.size(); ++i) {
                           const bool counts = degrees[i] > 1e-9 * affinities.row(i).sum() && degrees[i] > 0;
                           scaled.row(i) *= counts ? 1 / std::sqrt(degrees[i]) : 0;
                         }
                         square.noalias() += scaled.transpose() * scaled;
                       });
                     });
  });
  RowMatrix<double> total = RowMatrix<double>::Zero(m, m);
  for (const RowMatrix<double>& part : squares) total += part;
  one_thread([&] { total = (inverse_root * total * inverse_root).eval(); });
  total = ((total + total.transpose()) / 2).eval();
  const KnownVectors none(Labels::Constant(m, -1), 0, Vector::Ones(m));
  const EigenTask task{k, options.eigen_tolerance, options.max_eigen_iterations, options.seed, threads};
  const Eigenpairs pairs =
      find_eigenpairs(function, SmallMatrix(total, threads), none, task, Eigensolver::automatic, progress);
  model.components = 1;
  model.status = pairs.converged ? Status::converged : Status::iteration_limit;
  model.iterations = pairs.iterations;
  model.eigenvalues = (1 - pairs.values.array()).max(0.0);
  const Vector per_root = pairs.values.unaryExpr([](double x) { return x > 1e-12 ? 1 / std::sqrt(x) : 0; });
  one_thread([&] { model.projection = inverse_root * pairs.vectors * per_root.asDiagonal(); });
}

template <class T>
LandmarkSpectralClustering<T> cluster_by_landmarks(std::string_view function, const Points<T>& X, Index k,
                                                   const LandmarkSpectralOptions& options) {
  const ProgressReporter progress(options.execution.on_progress);
  check_landmark_options(function, X, k, options);
  const int threads = resolve_threads(options.execution.threads);
  LandmarkSpectralClustering<T> model;
  model.method = options.method;
  model.nearest = options.nearest;
  model.landmarks = choose_landmarks(function, X, number_of_landmarks(X.rows(), k, options), options);
  model.degree_weights = Vector::Ones(model.landmarks.rows());
  AnchorWeights weights;
  if (options.method == LandmarkMethod::anchor_graph) {
    std::optional<double> gamma = options.gamma;
    weights = anchor_weights(X, model.landmarks, options.nearest, gamma, threads);
    model.gamma = *gamma;
    fit_anchor_graph(function, model, weights, k, options, threads, progress);
  } else {
    model.gamma = options.gamma ? *options.gamma : gamma_by_variance(X, threads);
    fit_nystrom(function, model, X, k, options, threads, progress);
  }
  model.embedding = embed_by_landmarks(function, model, X, &weights, threads, progress);
  auto clusters = kmeans_stage(function, model.embedding, k,
                               {.restarts = options.restarts, .seed = options.seed, .execution = options.execution});
  model.labels = std::move(clusters.labels);
  model.centroids = std::move(clusters.centroids);
  return model;
}

}  // namespace detail
CORYMB_END
