#pragma once

#include <corymb/core/detail/matrix_view.hpp>
#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/progress.hpp>
#include <corymb/core/detail/validate.hpp>
#include <corymb/partition/bisecting_kmeans.hpp>
#include <corymb/partition/detail/gathered_rows.hpp>
#include <corymb/partition/detail/kmeans_impl.hpp>

#include <algorithm>
#include <limits>
#include <numeric>
#include <queue>
#include <utility>

CORYMB_BEGIN
namespace detail {

/// label[i] = cluster of row i of x, found from the root downwards. The children of a node are neighbouring rows of
/// `centroids`, so each step asks for the nearest of two.
template <class T>
void descend(const RowsView<T>& x, const std::vector<BisectingNode>& nodes, const RowMatrix<T>& centroids,
             std::int32_t* label, Scratch<T>& scratch) {
  struct Part {  // rows at a node
    Index node, begin, end;
  };
  std::vector<Index> rows(static_cast<std::size_t>(x.n)), right;
  std::iota(rows.begin(), rows.end(), Index{0});
  std::vector<std::int32_t> side(rows.size());
  std::vector<Part> parts = {{0, 0, x.n}};
  while (!parts.empty()) {
    const Part part = parts.back();
    parts.pop_back();
    const BisectingNode& node = nodes[static_cast<std::size_t>(part.node)];
    const auto begin = rows.begin() + part.begin, end = rows.begin() + part.end;
    if (node.left < 0) {
      for (auto row = begin; row != end; ++row) label[*row] = node.label;
      continue;
    }
    kernels::nearest_defined(compiled::NearestTask<T>{
        PairValue::squared_euclidean, x, &*begin, part.end - part.begin,
        RowsView<T>{centroids.data() + node.left * centroids.cols(), 2, centroids.cols(), centroids.cols()},
        side.data(), nullptr, scratch.reserve(kernels::defined_scratch_size(T(), x.d))});
    const auto middle = std::partition(begin, end, [&](Index row) { return side[static_cast<std::size_t>(row)] == 0; });
    const Index split = middle - rows.begin();
    if (split > part.begin) parts.push_back({node.left, part.begin, split});
    if (part.end > split) parts.push_back({node.left + 1, split, part.end});
  }
}

/// Centroids, sizes and inertia of the clusters, from the leaves.
template <class T>
void collect_leaves(BisectingKMeansResult<T>& result) {
  const auto k = static_cast<Index>(result.nodes.size() / 2 + 1);
  result.centroids.resize(k, result.node_centroids.cols());
  result.sizes.resize(k);
  Vector inertia(k);
  for (std::size_t i = 0; i < result.nodes.size(); ++i) {
    const BisectingNode& node = result.nodes[i];
    if (node.left >= 0) continue;
    result.centroids.row(node.label) = result.node_centroids.row(static_cast<Index>(i));
    result.sizes[node.label] = node.size;
    inertia[node.label] = node.inertia;
  }
  result.inertia = std::accumulate(inertia.begin(), inertia.end(), 0.0);
}

template <class T>
class BisectingFit {
 public:
  BisectingFit(const Points<T>& X, Index k, const BisectingKMeansOptions& options)
      : X_(X),
        k_(k),
        options_(options),
        weight_(options.weights.size() > 0 ? options.weights.data() : nullptr),
        threads_(resolve_threads(options.execution.threads)),
        progress_(options.execution.on_progress) {}

  BisectingKMeansResult<T> run() {
    start();
    while (clusters() < k_) {
      if (to_split_.empty()) {
        add_empty_cluster();
        continue;
      }
      const auto label = static_cast<std::size_t>(-to_split_.top().second);
      to_split_.pop();
      if (!split(leaves_[label])) break;
    }
    result_.node_centroids.conservativeResize(static_cast<Index>(result_.nodes.size()), Eigen::NoChange);
    collect_leaves(result_);
    return std::move(result_);
  }

 private:
  // A cluster of the present result.
  struct Leaf {
    Index node;
    std::vector<Index> rows;  // ascending
  };

  Index clusters() const { return static_cast<Index>(leaves_.size()); }
  BisectingNode& node_of(const Leaf& leaf) { return result_.nodes[static_cast<std::size_t>(leaf.node)]; }

  void start() {
    const Index n = X_.rows(), d = X_.cols();
    result_.labels = Labels::Zero(n);
    result_.node_centroids.resize(2 * k_ - 1, d);
    const SumsPlan plan(n, d, 1);
    ClusterSums total{RowMatrix<double>::Zero(1, d), Vector::Zero(1)};
    sum_clusters(X_, nullptr, weight_, threads_, plan, total);
    for (Index j = 0; j < d; ++j) result_.node_centroids(0, j) = static_cast<T>(total.sums(0, j) / total.weights[0]);
    const RowMatrix<T> centre = result_.node_centroids.topRows(1);
    inertia_ = inertias(X_, centre, result_.labels, weight_)[0];
    result_.nodes = {{.label = 0, .size = total.weights[0], .inertia = inertia_}};
    leaves_ = {{0, std::vector<Index>(static_cast<std::size_t>(n))}};
    std::iota(leaves_[0].rows.begin(), leaves_[0].rows.end(), Index{0});
    may_be_split(0);
  }

  void may_be_split(std::int32_t label) {
    const BisectingNode& node = node_of(leaves_[static_cast<std::size_t>(label)]);
    to_split_.emplace(options_.next == BisectNext::largest_inertia ? node.inertia : node.size, -label);
  }

  // Splits a cluster, or finds that it cannot be split. False if that was cancelled.
  bool split(Leaf& leaf) {
    const auto absent = [&](Index row) { return weight_ != nullptr && weight_[row] == 0; };
    if (static_cast<Index>(leaf.rows.size()) - std::count_if(leaf.rows.begin(), leaf.rows.end(), absent) < 2)
      return true;
    const GatheredRows<T> gathered = gather(leaf);
    const Points<T> rows =
        clusters() == 1 ? Points<T>(X_.row(0), X_.rows(), X_.cols(), X_.stride()) : Points<T>(gathered.rows);
    const KMeansResult<T> parts = two_means(rows, gathered.weights, leaf.node);
    if (parts.status == Status::cancelled) {
      result_.status = Status::cancelled;
      return false;
    }
    if (!(parts.sizes.minCoeff() > 0)) return true;  // in one piece
    if (parts.status == Status::iteration_limit) result_.status = Status::iteration_limit;
    const Eigen::Array2d inertia = inertias(rows, parts.centroids, parts.labels, gathered.weight());
    inertia_ += inertia.sum() - node_of(leaf).inertia;
    const Index left = add_children(leaf, parts.centroids);
    for (const Index side : {0, 1}) {
      BisectingNode& child = result_.nodes[static_cast<std::size_t>(left + side)];
      child.size = parts.sizes[side];
      child.inertia = inertia[side];
    }
    Leaf right{left + 1, {}};
    std::vector<Index> stay;
    for (std::size_t i = 0; i < leaf.rows.size(); ++i)
      (parts.labels[static_cast<Index>(i)] == 0 ? stay : right.rows).push_back(leaf.rows[i]);
    for (const Index row : right.rows) result_.labels[row] = static_cast<std::int32_t>(clusters());
    leaf.node = left;
    leaf.rows = std::move(stay);
    leaves_.push_back(std::move(right));
    may_be_split(result_.nodes[static_cast<std::size_t>(left)].label);
    may_be_split(result_.nodes[static_cast<std::size_t>(left) + 1].label);
    return true;
  }

  // Cluster 0 becomes itself and, on the right, one that no row reaches: ties go to the left.
  void add_empty_cluster() {
    Leaf& leaf = leaves_.front();
    const BisectingNode before = node_of(leaf);
    const RowMatrix<T> twice = result_.node_centroids.row(leaf.node).replicate(2, 1);
    leaf.node = add_children(leaf, twice);
    node_of(leaf).size = before.size;
    node_of(leaf).inertia = before.inertia;
    leaves_.push_back({leaf.node + 1, {}});
  }

  // Returns the left child.
  Index add_children(const Leaf& leaf, const RowMatrix<T>& centroids) {
    const auto left = static_cast<Index>(result_.nodes.size());
    BisectingNode& parent = node_of(leaf);
    const std::int32_t label = std::exchange(parent.label, -1);
    parent.left = left;
    result_.nodes.push_back({.parent = leaf.node, .label = label});
    result_.nodes.push_back({.parent = leaf.node, .label = static_cast<std::int32_t>(clusters())});
    result_.node_centroids.middleRows(left, 2) = centroids;
    return left;
  }

  // Only the weights for the root, whose rows are used where they are.
  GatheredRows<T> gather(const Leaf& leaf) const {
    GatheredRows<T> result;
    if (clusters() == 1) {
      result.weights = options_.weights;
      return result;
    }
    gather_rows(
        X_, weight_, static_cast<Index>(leaf.rows.size()), threads_,
        [&](Index i) { return leaf.rows[static_cast<std::size_t>(i)]; }, result);
    return result;
  }

  // The random numbers of a split depend on the number of the node only.
  KMeansResult<T> two_means(const Points<T>& rows, const Vector& weights, Index node) const {
    KMeansOptions options;
    options.init = options_.init;
    options.restarts = options_.restarts;
    options.max_iterations = options_.max_iterations;
    options.tolerance = options_.tolerance;
    options.weights = weights;
    options.seed = Random(options_.seed, {static_cast<std::uint64_t>(node)}).bits();
    options.execution.threads = threads_;
    options.execution.memory_limit = std::numeric_limits<std::uint64_t>::max();  // it is looked at once, at the start
    if (options_.execution.on_progress)
      options.execution.on_progress = [&](const Progress&) {
        return progress_("splitting", clusters(), k_ - 1, inertia_);
      };
    return kmeans(matrix_view(rows), 2, options);
  }

  // Of at most two clusters.
  Eigen::Array2d inertias(const Points<T>& rows, const RowMatrix<T>& centroids, const Labels& labels,
                          const double* weight) const {
    return parallel_sum(threads_, Chunks(rows.rows()), Eigen::Array2d(0, 0), [&](Index begin, Index end) {
      T squared[256];
      Eigen::Array2d sum(0, 0);
      for (Index first = begin; first < end; first += 256) {
        const Index last = std::min<Index>(first + 256, end);
        kernels::squared_to_assigned(rows_view(rows, first, last), rows_view(centroids), labels.data() + first,
                                     squared);
        for (Index i = first; i < last; ++i)
          sum[labels[i]] += (weight != nullptr ? weight[i] : 1.0) * static_cast<double>(squared[i - first]);
      }
      return sum;
    });
  }

  const Points<T>& X_;
  Index k_;
  const BisectingKMeansOptions& options_;
  const double* weight_;
  int threads_;
  ProgressReporter progress_;
  BisectingKMeansResult<T> result_;
  std::vector<Leaf> leaves_;  // by label
  double inertia_ = 0;        // of all of them
  // Clusters that may be split, the next one on top: how much there is of it, −label.
  std::priority_queue<std::pair<double, std::int32_t>> to_split_;
};

/// Checks everything, what is cheap first, and returns the view of X.
template <class Derived>
Points<typename Derived::Scalar> check_bisecting_kmeans(const Eigen::DenseBase<Derived>& X, Index k,
                                                        const BisectingKMeansOptions& options) {
  using T = typename Derived::Scalar;
  constexpr std::string_view function = "bisecting_kmeans";
  require_columns(function, X.cols());
  KMeansOptions shared;
  shared.init = options.init;
  shared.restarts = options.restarts;
  shared.max_iterations = options.max_iterations;
  shared.tolerance = options.tolerance;
  shared.weights = options.weights;
  shared.execution.threads = options.execution.threads;
  check_kmeans_options(function, X.rows(), k, false, shared);
  const Index n = X.rows(), d = X.cols();
  const double rows = static_cast<double>(n) * (2 * sizeof(std::int32_t) + 2 * sizeof(Index));
  const double split =
      static_cast<double>(n) * 4 * sizeof(T) + SumsPlan::memory(n, d, 2) + seeding_memory<T>(n, d, 2, shared) +
      static_cast<double>(options.weights.size()) * 2 * sizeof(double) + (k > 2 ? matrix_bytes<T>(n, d) : 0);
  require_memory(function, packed_bytes(X) + rows + (k > 1 ? split : 0) + 3 * matrix_bytes<double>(k, d + 8),
                 options.execution.memory_limit, "use float instead of double, row-major data, or corymb::kmeans");
  Points<T> points(X);
  check_points(function, points, resolve_threads(options.execution.threads));
  return points;
}

template <class T>
void require_nodes(std::string_view function, const BisectingKMeansResult<T>& model) {
  if (model.nodes.empty()) reject(function, "the model has no centroids");
}

}  // namespace detail

template <class Derived>
BisectingKMeansResult<typename Derived::Scalar> bisecting_kmeans(const Eigen::DenseBase<Derived>& X, Index k,
                                                                 const BisectingKMeansOptions& options) {
  using T = typename Derived::Scalar;
  const Points<T> points = detail::check_bisecting_kmeans(X, k, options);
  return detail::BisectingFit<T>(points, k, options).run();
}

template <class T>
BisectingKMeansResult<T> cut(const BisectingKMeansResult<T>& model, Index k) {
  detail::require_nodes("cut", model);
  if (k < 1 || k > model.sizes.size())
    detail::reject("cut", "k = " + detail::to_text(k) + " must be in [1, " + detail::to_text(model.sizes.size()) +
                              "], the number of clusters of the model");
  BisectingKMeansResult<T> result;
  result.status = model.status;
  result.nodes.assign(model.nodes.begin(), model.nodes.begin() + (2 * k - 1));
  result.node_centroids = model.node_centroids.topRows(2 * k - 1);
  // The label that each node was given when it arose; a leaf of the result takes it back.
  std::vector<std::int32_t> given(model.nodes.size(), 0);
  for (std::size_t i = 1; i < given.size(); ++i)
    given[i] = i % 2 == 0 ? static_cast<std::int32_t>(i / 2) : given[static_cast<std::size_t>(model.nodes[i].parent)];
  for (std::size_t i = 0; i < result.nodes.size(); ++i) {
    BisectingNode& node = result.nodes[i];
    if (node.left < 2 * k - 1 && node.left >= 0) continue;
    node.left = -1;
    node.label = given[i];
  }
  // A label that arose later joins the label of the node that was split then.
  std::vector<std::int32_t> joined(static_cast<std::size_t>(model.sizes.size()));
  for (std::size_t label = 0; label < joined.size(); ++label)
    joined[label] =
        static_cast<Index>(label) < k
            ? static_cast<std::int32_t>(label)
            : joined[static_cast<std::size_t>(given[static_cast<std::size_t>(model.nodes[2 * label].parent)])];
  result.labels.resize(model.labels.size());
  for (Index i = 0; i < model.labels.size(); ++i) result.labels[i] = joined[static_cast<std::size_t>(model.labels[i])];
  detail::collect_leaves(result);
  return result;
}

template <class T, class Derived>
Labels predict(const BisectingKMeansResult<T>& model, const Eigen::DenseBase<Derived>& X_new,
               const Execution& execution) {
  constexpr std::string_view function = "predict";
  detail::require_nodes(function, model);
  const Points<T> X = detail::points_of(function, X_new, execution);
  detail::require_same_columns(function, "X_new", X.cols(), "the model", model.node_centroids.cols());
  detail::require_threads(function, execution.threads);
  const int threads = resolve_threads(execution.threads);
  detail::check_points(function, X, threads, "X_new");
  Labels labels(X.rows());
  std::vector<detail::Scratch<T>> scratch(static_cast<std::size_t>(threads));
  const Index tasks = (X.rows() + detail::rows_per_task - 1) / detail::rows_per_task;
  parallel_for(threads, tasks, [&](Index task, int worker) {
    const Index first = task * detail::rows_per_task, last = std::min(first + detail::rows_per_task, X.rows());
    detail::descend<T>(detail::rows_view(X, first, last), model.nodes, model.node_centroids, labels.data() + first,
                       scratch[static_cast<std::size_t>(worker)]);
  });
  return labels;
}

template <class T, class Derived>
RowMatrix<T> transform(const BisectingKMeansResult<T>& model, const Eigen::DenseBase<Derived>& X_new,
                       const Execution& execution) {
  constexpr std::string_view function = "transform";
  detail::require_nodes(function, model);
  const Points<T> X = detail::points_of(function, X_new, execution);
  detail::require_same_columns(function, "X_new", X.cols(), "the model", model.centroids.cols());
  return detail::pairwise_by_metric(function, X, Points<T>(model.centroids), Metric::euclidean, execution);
}

CORYMB_END
