#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/validate.hpp>
#include <corymb/density/detail/hdbscan/attachment.hpp>
#include <corymb/density/detail/hdbscan/distance_forms.hpp>
#include <corymb/density/detail/point_weights.hpp>
#include <corymb/density/hdbscan.hpp>
#include <corymb/distance/detail/check_points.hpp>
#include <corymb/distance/detail/missing_rows.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

inline constexpr std::string_view hdbscan_name = "hdbscan";

inline Index samples_of(const HdbscanOptions& options) {
  return options.min_samples.value_or(options.min_cluster_size);
}

/// What every form of the call must satisfy.
inline void check_hdbscan(Index n, const HdbscanOptions& options) {
  constexpr std::string_view function = hdbscan_name;
  require_threads(function, options.execution.threads);
  constexpr Index most = (Index{1} << 30) - 1;  // rows and sets are numbered in 32 bits
  if (n > most) reject(function, "n = " + to_text(n) + " must be at most " + to_text(most));
  if (options.min_cluster_size < 2)
    reject(function, "min_cluster_size = " + to_text(options.min_cluster_size) + " must be ≥ 2");
  if (samples_of(options) < 1) reject(function, "min_samples = " + to_text(samples_of(options)) + " must be ≥ 1");
  if (!(options.alpha > 0) || std::isinf(options.alpha))
    reject(function, "alpha = " + to_text(options.alpha) + " must be finite and > 0");
  if (!(options.min_lifetime >= 0))
    reject(function, "min_lifetime = " + to_text(options.min_lifetime) + " must be ≥ 0");
  check_selection(function, options.selection);
  check_weights(function, options.weights, n);
}

/// Fits one form of distances (see distance_forms.hpp), stage by stage.
/// @tparam Form  of all rows
template <class Form>
class HdbscanFit {
 public:
  using T = typename Form::T;

  /// @param missing  ascending: rows that are left out
  HdbscanFit(const Form& form, const HdbscanOptions& options, std::span<const Index> missing)
      : form_(form), options_(options), weights_(options.weights) {
    result_.min_samples = samples_of(options);
    result_.alpha = options.alpha;
    result_.selection = options.selection;
    leave_out(missing);
  }

  HdbscanResult run() {
    const Index n = form_.rows();
    require_memory(hdbscan_name, static_cast<double>(n) * bytes_per_row, options_.execution.memory_limit,
                   "take a sample of the rows");
    span();
    result_.single_linkage = single_linkage(n, result_.spanning_tree);
    condense_tree();
    select_clusters();
    join_weightless();  // which number no cluster
    result_.outlier_scores = outlier_scores(result_.condensed_tree);
    return std::move(result_);
  }

 private:
  // The result, and what turns a spanning tree into it.
  static constexpr double bytes_per_row = 140;

  static std::size_t at(Index number) { return static_cast<std::size_t>(number); }

  // Notes which rows are present, where not all are, and gives the others no weight.
  void leave_out(std::span<const Index> missing) {
    const Index n = form_.rows();
    if (missing.empty() && (weights_.size() == 0 || (weights_.array() > 0).all())) return;
    if (weights_.size() == 0) weights_ = Vector::Ones(n);
    std::vector<bool> is_missing(at(n), false);
    for (const Index row : missing) {
      is_missing[at(row)] = true;
      weights_[row] = 0;
    }
    for (Index row = 0; row < n; ++row)
      if (weights_[row] > 0)
        present_.push_back(row);
      else if (!is_missing[at(row)])
        weightless_.push_back(row);
    is_part_ = true;
  }

  // The weights of the rows that are present, if any weighs something else than 1.
  Vector weights_of_present() const {
    if (options_.weights.size() == 0) return {};
    if (!is_part_) return options_.weights;
    return options_.weights(present_);
  }

  // Core distances and the spanning tree, where the rows weigh enough for any of them to be dense.
  void span() {
    const auto run = [&](const auto& sides, const auto& values, const auto& trees, const auto& find) {
      const PointWeights weights(weights_of_present(), result_.min_samples);
      if (weights.total(sides.X.rows()) < weights.needed()) return;
      const HdbscanOptions& o = options_;
      if (weights.is_weighted()) {
        core_ = core_distances_of(call(), sides, values, trees, weights, result_.min_samples);
        SpanningTreeCall with_core(hdbscan_name, o.algorithm, o.alpha, o.execution, core_);
        result_.spanning_tree = find(with_core);
      } else {
        SpanningTreeCall finds_core(hdbscan_name, o.algorithm, o.alpha, o.execution, result_.min_samples - 1);
        result_.spanning_tree = find(finds_core);
        core_ = finds_core.take_core();
        if (core_.size() == 0) core_ = Vector::Zero(sides.X.rows());
      }
    };
    const Index n = form_.rows();
    result_.core_distances = Vector::Constant(n, std::numeric_limits<double>::infinity());
    if (n == 0) return;
    if (!is_part_) {
      form_.whole(run);
      if (core_.size() > 0) result_.core_distances.swap(core_);
      return;
    }
    if (present_.empty()) return;
    form_.part(present_, run);
    for (Index i = 0; i < core_.size(); ++i) result_.core_distances[present_[at(i)]] = core_[i];
    for (Edge& edge : result_.spanning_tree) {
      edge.a = static_cast<std::int32_t>(present_[at(edge.a)]);
      edge.b = static_cast<std::int32_t>(present_[at(edge.b)]);
    }
  }

  void condense_tree() {
    CondenseOptions of_tree{.weights = std::move(weights_)};
    if (of_tree.weights.size() > 0) of_tree.core_distances = result_.core_distances;
    result_.condensed_tree = Condenser(result_.single_linkage, options_.min_cluster_size, of_tree).run();
    if (options_.min_lifetime > 0) result_.condensed_tree = simplify(result_.condensed_tree, options_.min_lifetime);
  }

  void select_clusters() {
    const CondensedTree& tree = result_.condensed_tree;
    const SelectionOptions& selection = options_.selection;
    SelectedClusters selected = label_rows(tree, ClusterSelector(tree, selection).run(hdbscan_name), selection.epsilon);
    result_.labels = std::move(selected.labels);
    result_.probabilities = std::move(selected.probabilities);
    result_.selected = std::move(selected.cluster);
    result_.clusters = static_cast<std::int32_t>(result_.selected.size());
    result_.persistence.resize(result_.clusters);
    for (Index label = 0; label < result_.clusters; ++label)
      result_.persistence[label] = tree.persistence[at(result_.selected[at(label)])];
  }

  // Rows without weight get the places that predict would give them.
  void join_weightless() {
    if (core_.size() == 0)  // nothing is dense: like all others they are in the root only
      for (const Index row : weightless_) result_.condensed_tree.row_cluster[at(row)] = 0;
    if (weightless_.empty() || core_.size() == 0) return;
    form_.pairs(weightless_, present_, [&](const auto& sides, const auto& values, const auto& trees) {
      const PointWeights weights(weights_of_present(), result_.min_samples);
      const Vector core_of_new = core_distances_of(call(), sides, values, trees, weights, result_.min_samples);
      const auto attached = attach(call(), sides, values, trees, core_, core_of_new);
      CondensedTree& tree = result_.condensed_tree;
      const Selection selection(tree, result_.selected, options_.selection.epsilon);
      for (std::size_t i = 0; i < attached.size(); ++i) {
        const TreePlace place = place_beside(tree, present_[at(attached[i].row)], attached[i].distance);
        const Index row = weightless_[i];
        tree.row_cluster[at(row)] = place.cluster;
        tree.row_lambda[at(row)] = place.lambda;
        result_.labels[row] = selection.label(place.cluster, place.lambda);
        result_.probabilities[row] = selection.probability(result_.labels[row], place.lambda);
      }
    });
  }

  AttachmentCall call() const { return {hdbscan_name, options_.alpha, options_.execution}; }

  const Form& form_;
  const HdbscanOptions& options_;
  Vector weights_;                 // of all rows, 0 for those that are left out; empty = all 1
  bool is_part_ = false;           // whether rows are left out
  std::vector<Index> present_;     // ascending, where not all rows are
  std::vector<Index> weightless_;  // ascending: absent only because they weigh nothing
  Vector core_;                    // of the rows that are present; empty where too few are
  HdbscanResult result_;
};

/// Rows under a metric.
/// @param missing  ascending: rows that are left out
template <class T>
HdbscanResult hdbscan_of_rows(const Points<T>& X, const HdbscanOptions& options, const std::vector<Index>& missing) {
  const MetricForm<T> form(hdbscan_name, X, options.metric, options.algorithm, options.execution);
  HdbscanResult result = HdbscanFit(form, options, missing).run();
  result.metric = options.metric.value_or(Metric::euclidean);
  return result;
}

template <class T>
HdbscanResult hdbscan_of_matrix(const DistanceMatrix<T>& D, const HdbscanOptions& options) {
  const auto objects = objects_of(D);
  const ObjectForm form(hdbscan_name, objects, options.algorithm, NeighborSearch::brute_force, options.execution);
  return HdbscanFit(form, options, {}).run();
}

// See kmeans_impl.hpp.
#if defined(CORYMB_EXTERN_TEMPLATES)
#define CORYMB_HDBSCAN_INSTANCES(Template, T)                                                                 \
  Template HdbscanResult hdbscan_of_rows(const Points<T>&, const HdbscanOptions&, const std::vector<Index>&); \
  Template HdbscanResult hdbscan_of_matrix(const DistanceMatrix<T>&, const HdbscanOptions&)
CORYMB_HDBSCAN_INSTANCES(extern template, float);
CORYMB_HDBSCAN_INSTANCES(extern template, double);
#endif

}  // namespace detail

template <class Derived>
HdbscanResult hdbscan(const Eigen::DenseBase<Derived>& X, const HdbscanOptions& options) {
  using T = typename Derived::Scalar;
  constexpr auto function = detail::hdbscan_name;
  detail::check_hdbscan(X.rows(), options);
  detail::require_columns(function, X.cols());
  const Points<T> points = detail::points_of(function, X, options.execution);
  return detail::hdbscan_of_rows(points, options,
                                 detail::missing_rows(function, points, options.missing_as_noise, options.execution));
}

template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    HdbscanResult hdbscan(const Eigen::DenseBase<Derived>& X, const Callable& f, const HdbscanOptions& options) {
  using T = typename Derived::Scalar;
  constexpr auto function = detail::hdbscan_name;
  detail::check_hdbscan(X.rows(), options);
  detail::require_no_metric(detail::hdbscan_name, options.metric, "callable");
  detail::require_columns(function, X.cols());
  const Points<T> points = detail::points_of(function, X, options.execution);
  const auto missing = detail::missing_rows<Callable>(function, points, options.missing_as_noise, options.execution);
  const detail::CallableForm<T, Callable> form(function, points, f, options.algorithm, options.execution);
  return detail::HdbscanFit(form, options, missing).run();
}

template <class T>
HdbscanResult hdbscan(const DistanceMatrix<T>& D, const HdbscanOptions& options) {
  constexpr auto function = detail::hdbscan_name;
  detail::check_hdbscan(D.size(), options);
  detail::require_no_metric(detail::hdbscan_name, options.metric, "matrix");
  detail::check_distances(function, D, resolve_threads(options.execution.threads));
  return detail::hdbscan_of_matrix(D, options);
}

template <class F>
HdbscanResult hdbscan(const Dissimilarity<F>& D, const HdbscanOptions& options) {
  constexpr auto function = detail::hdbscan_name;
  detail::check_hdbscan(D.size, options);
  detail::require_no_metric(detail::hdbscan_name, options.metric, "callable");
  const detail::ObjectForm form(function, D, options.algorithm, NeighborSearch::ball_tree, options.execution);
  return detail::HdbscanFit(form, options, {}).run();
}

inline Labels cut(const HdbscanResult& result, double eps) {
  if (!(eps >= 0)) detail::reject("cut", "eps = " + detail::to_text(eps) + " must be ≥ 0");
  Labels labels = cut(result.single_linkage, eps);
  std::vector<std::int32_t> number(static_cast<std::size_t>(labels.size()), noise);
  std::int32_t next = 0;
  for (Index row = 0; row < labels.size(); ++row) {
    if (!(result.core_distances[row] <= eps)) {
      labels[row] = noise;
      continue;
    }
    std::int32_t& of = number[static_cast<std::size_t>(labels[row])];
    if (of == noise) of = next++;
    labels[row] = of;
  }
  return labels;
}

CORYMB_END
