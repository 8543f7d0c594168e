#pragma once

#include <corymb/partition/kmeans.hpp>
#include <corymb/transport/detail/sinkhorn/sinkhorn_impl.hpp>
#include <corymb/transport/online_prototypes.hpp>

#include <algorithm>
#include <string_view>

CORYMB_BEGIN

template <class T>
template <class Derived>
OnlinePrototypes<T>::OnlinePrototypes(const Eigen::DenseBase<Derived>& first_rows, Index k,
                                      const OnlinePrototypesOptions& options, const Execution& execution)
    : options_(options) {
  constexpr std::string_view function = "OnlinePrototypes";
  if (options.memory < 1) detail::reject(function, "memory = " + detail::to_text(options.memory) + " must be ≥ 1");
  if (!(options.momentum >= 0 && options.momentum < 1))
    detail::reject(function, "momentum = " + detail::to_text(options.momentum) + " must be in [0, 1)");
  detail::check_sinkhorn_options(function, transport_options(execution), k);
  auto start = kmeans(first_rows, k, {.seed = options.seed, .execution = execution});
  prototypes_ = std::move(start.centroids);
  memory_.resize(options.memory, prototypes_.cols());
  labels_.resize(options.memory);
  remember(first_rows, start.labels);
}

template <class T>
template <class Derived>
Labels OnlinePrototypes<T>::partial_fit(const Eigen::DenseBase<Derived>& batch, const Execution& execution) {
  constexpr std::string_view function = "OnlinePrototypes::partial_fit";
  detail::require_same_columns(function, "batch", batch.cols(), "the model", prototypes_.cols());
  if (batch.rows() == 0) return {};
  const RowMatrix<T> rows = batch;
  detail::check_points(function, detail::points_of(function, rows, execution), resolve_threads(execution.threads),
                       "batch");
  const CostMatrix<T> cost =
      point_costs(rows, prototypes_, {.metric = options_.metric, .power = 1, .execution = execution});
  const auto plan = detail::sinkhorn(function, cost, {}, {}, transport_options(execution));
  Labels labels = predict(plan, cost, {.threads = execution.threads});
  remember(rows, labels);
  const auto known = labels_.head(remembered_);
  if (prototypes_.rows() > 1 && remembered_ >= prototypes_.rows() && known.minCoeff() == known.maxCoeff())
    find_prototypes(execution);
  else
    move_prototypes();
  ++batches_;
  return labels;
}

template <class T>
SinkhornOptions OnlinePrototypes<T>::transport_options(const Execution& execution) const {
  return {.epsilon = options_.epsilon,
          .tolerance = options_.tolerance,
          .max_iterations = options_.max_iterations,
          .plan = false,
          .execution = {.threads = execution.threads, .memory_limit = execution.memory_limit}};
}

template <class T>
void OnlinePrototypes<T>::remember(const RowMatrix<T>& rows, const Labels& labels) {
  const Index first = std::max<Index>(rows.rows() - memory_.rows(), 0);  // more than fit: the latest
  for (Index i = first; i < rows.rows(); ++i) {
    memory_.row(next_) = rows.row(i);
    labels_[next_] = labels[i];
    next_ = (next_ + 1) % memory_.rows();
    remembered_ = std::min(remembered_ + 1, memory_.rows());
  }
}

template <class T>
void OnlinePrototypes<T>::find_prototypes(const Execution& execution) {
  ++restarts_;
  auto found = kmeans(memory_.topRows(remembered_), prototypes_.rows(),
                      {.seed = options_.seed + static_cast<std::uint64_t>(restarts_), .execution = execution});
  prototypes_ = std::move(found.centroids);
  labels_.head(remembered_) = found.labels;
}

template <class T>
void OnlinePrototypes<T>::move_prototypes() {
  const Index k = prototypes_.rows();
  RowMatrix<double> sums = RowMatrix<double>::Zero(k, prototypes_.cols());
  Vector counts = Vector::Zero(k);
  for (Index i = 0; i < remembered_; ++i) {
    sums.row(labels_[i]) += memory_.row(i).template cast<double>();
    counts[labels_[i]] += 1;
  }
  for (Index j = 0; j < k; ++j)
    if (counts[j] > 0)
      prototypes_.row(j) = (options_.momentum * prototypes_.row(j).template cast<double>() +
                            (1 - options_.momentum) / counts[j] * sums.row(j))
                               .template cast<T>();
}

CORYMB_END
