#pragma once

#include <corymb/core/types.hpp>
#include <corymb/density/cluster_selection.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <string>
#include <vector>

// HDBSCAN* straight from its definition, on a matrix of distances, set by set, for small n. It shares nothing with the
// library: sets are lists of rows, and what is connected is found by walking from row to row.
namespace reference {

using corymb::Index;
using corymb::noise;
using Rows = std::vector<Index>;

/// A cluster of at least min_cluster_size rows, as λ grows from its birth.
struct Cluster {
  int parent = -1;
  double birth = 0;
  double death = 0;
  Rows rows;                   // when it is born
  std::vector<double> lambda;  // by row of all: the λ at which it leaves this cluster; < 0 = it was never in it
  std::vector<int> children;

  double stability() const {
    double sum = 0;
    for (const Index row : rows) {
      const double left = lambda[static_cast<std::size_t>(row)];
      if (left > birth) sum += left - birth;
    }
    return sum;
  }
};

struct Clustering {
  std::vector<int> labels;
  std::vector<double> probabilities;
  std::vector<double> outlier_scores;
  std::vector<double> persistence;  // by label
  double mass = 0;                  // of all selected clusters
};

class Hdbscan {
 public:
  /// @param D  n × n
  Hdbscan(const corymb::RowMatrix<double>& D, Index min_cluster_size, Index min_samples, double alpha = 1)
      : n_(D.rows()), min_cluster_size_(min_cluster_size), W_(D.rows(), D.rows()) {
    const double infinity = std::numeric_limits<double>::infinity();
    std::vector<double> core;
    for (Index i = 0; i < n_; ++i) {
      std::vector<double> row;
      for (Index j = 0; j < n_; ++j) row.push_back(i == j ? 0 : D(i, j));
      std::sort(row.begin(), row.end());
      core.push_back(min_samples <= n_ ? row[static_cast<std::size_t>(min_samples - 1)] : infinity);
    }
    for (Index i = 0; i < n_; ++i)
      for (Index j = 0; j < n_; ++j)
        W_(i, j) = std::max(
            {core[static_cast<std::size_t>(i)], core[static_cast<std::size_t>(j)], std::min(D(i, j), D(j, i)) / alpha});
    if (n_ == 0) return;
    Rows all;
    for (Index i = 0; i < n_; ++i) all.push_back(i);
    grow(-1, 0, all);
  }

  const std::vector<Cluster>& clusters() const { return clusters_; }

  /// Without leaves that live shorter.
  void simplify(double min_lifetime) {
    if (!clusters_.empty()) simplify_below(0, min_lifetime);
  }

  Clustering select(const corymb::SelectionOptions& options) const {
    std::vector<int> chosen;
    if (!clusters_.empty()) {
      if (options.clusters)
        chosen = best_of(options, *options.clusters);
      else if (options.method == corymb::SelectionMethod::leaf)
        collect_leaves(0, options, chosen);
      else
        chosen = most_mass(0, options).second;
      if (options.epsilon > 0) chosen = joined(chosen, options);
    }
    return labelled(chosen, options);
  }

 private:
  static std::size_t at(Index number) { return static_cast<std::size_t>(number); }
  Cluster& cluster(int c) { return clusters_[static_cast<std::size_t>(c)]; }
  const Cluster& cluster(int c) const { return clusters_[static_cast<std::size_t>(c)]; }

  // The parts of a set that edges lighter than a weight connect.
  std::vector<Rows> parts(const Rows& rows, double weight) const {
    std::vector<Rows> result;
    std::vector<bool> seen(at(n_), false);
    for (const Index start : rows) {
      if (seen[at(start)]) continue;
      Rows part{start};
      seen[at(start)] = true;
      for (std::size_t next = 0; next < part.size(); ++next)
        for (const Index other : rows)
          if (!seen[at(other)] && W_(part[next], other) < weight) {
            seen[at(other)] = true;
            part.push_back(other);
          }
      result.push_back(part);
    }
    return result;
  }

  // The weight at which a set falls apart: without its edges of that weight it is not connected any more.
  double breaking_weight(const Rows& rows) const {
    std::vector<double> weights;
    for (const Index i : rows)
      for (const Index j : rows)
        if (i < j) weights.push_back(W_(i, j));
    std::sort(weights.begin(), weights.end());
    weights.erase(std::unique(weights.begin(), weights.end()), weights.end());
    while (weights.size() > 1 && parts(rows, weights.back()).size() == 1) weights.pop_back();
    return weights.back();
  }

  void grow(int parent, double birth, Rows rows) {
    const int id = static_cast<int>(clusters_.size());
    clusters_.push_back({parent, birth, birth, rows, std::vector<double>(at(n_), -1), {}});
    if (parent >= 0) cluster(parent).children.push_back(id);
    while (true) {
      const double weight = rows.size() > 1 ? breaking_weight(rows) : std::numeric_limits<double>::infinity();
      const double lambda = 1 / weight;
      std::vector<Rows> large;
      for (const Rows& part : rows.size() > 1 ? parts(rows, weight) : std::vector<Rows>{rows})
        if (static_cast<Index>(part.size()) >= min_cluster_size_)
          large.push_back(part);
        else
          for (const Index row : part) leave(id, row, lambda);
      if (large.size() == 1 && rows.size() > 1 && large[0].size() < rows.size()) {
        rows = large[0];
        continue;
      }
      for (const Rows& part : large)
        for (const Index row : part) leave(id, row, lambda);
      for (const Rows& part : large) grow(id, lambda, part);
      return;
    }
  }

  void leave(int c, Index row, double lambda) {
    cluster(c).lambda[at(row)] = lambda;
    cluster(c).death = std::max(cluster(c).death, lambda);
  }

  void simplify_below(int c, double min_lifetime) {
    std::vector<int> kept;
    for (const int child : std::vector<int>(cluster(c).children)) {
      simplify_below(child, min_lifetime);
      const bool is_short =
          cluster(child).children.empty() && cluster(child).death - cluster(child).birth < min_lifetime;
      if (!is_short)
        kept.push_back(child);
      else
        cluster(child).rows.clear();
    }
    cluster(c).children = kept;
    if (kept.size() != 1) return;
    const Cluster only = cluster(kept[0]);
    cluster(kept[0]).rows.clear();
    for (const Index row : only.rows) leave(c, row, only.lambda[at(row)]);
    cluster(c).death = only.death;
    cluster(c).children = only.children;
    for (const int child : only.children) cluster(child).parent = c;
  }

  bool is_eligible(int c, const corymb::SelectionOptions& options) const {
    const Cluster& of = cluster(c);
    if (of.parent < 0 && (!options.allow_single_cluster || static_cast<Index>(of.rows.size()) < min_cluster_size_))
      return false;
    return static_cast<double>(of.rows.size()) <= options.max_cluster_size && 1 / of.birth <= options.epsilon_max;
  }

  void collect_leaves(int c, const corymb::SelectionOptions& options, std::vector<int>& chosen) const {
    if (cluster(c).children.empty() && is_eligible(c, options)) chosen.push_back(c);
    for (const int child : cluster(c).children) collect_leaves(child, options, chosen);
  }

  std::pair<double, std::vector<int>> most_mass(int c, const corymb::SelectionOptions& options) const {
    double sum = 0;
    std::vector<int> chosen;
    for (const int child : cluster(c).children) {
      const auto [mass, of_child] = most_mass(child, options);
      sum += mass;
      chosen.insert(chosen.end(), of_child.begin(), of_child.end());
    }
    const double own = cluster(c).stability();
    if (!is_eligible(c, options) || sum > own * (1 + 1e-11)) return {sum, chosen};
    return {own, {c}};
  }

  // Of all sets of so many clusters without common rows, one with the largest mass.
  std::vector<int> best_of(const corymb::SelectionOptions& options, Index wanted) const {
    std::vector<int> best;
    double most = -1;
    std::vector<int> now;
    const std::function<void(std::vector<int>, double)> extend = [&](const std::vector<int>& open, double mass) {
      if (static_cast<Index>(now.size()) == wanted && mass > most) {
        most = mass;
        best = now;
      }
      if (open.empty()) return;
      const int c = open.back();
      std::vector<int> rest(open.begin(), open.end() - 1);
      if (is_eligible(c, options)) {
        now.push_back(c);
        extend(rest, mass + cluster(c).stability());
        now.pop_back();
      }
      rest.insert(rest.end(), cluster(c).children.begin(), cluster(c).children.end());
      extend(rest, mass);
    };
    extend({0}, 0);
    return best;
  }

  std::vector<int> joined(const std::vector<int>& chosen, const corymb::SelectionOptions& options) const {
    std::vector<int> result;
    for (int c : chosen) {
      while (1 / cluster(c).birth < options.epsilon && cluster(c).parent >= 0 &&
             is_eligible(cluster(c).parent, options))
        c = cluster(c).parent;
      if (std::find(result.begin(), result.end(), c) == result.end()) result.push_back(c);
    }
    return result;
  }

  bool is_below(int c, int above) const {
    for (; c >= 0; c = cluster(c).parent)
      if (c == above) return true;
    return false;
  }

  Clustering labelled(const std::vector<int>& chosen, const corymb::SelectionOptions& options) const {
    Clustering result;
    result.labels.assign(at(n_), noise);
    result.probabilities.assign(at(n_), 0);
    result.outlier_scores.assign(at(n_), 0);
    std::vector<int> number(clusters_.size(), noise);
    int next = 0;
    for (Index row = 0; row < n_; ++row) {
      int last = -1;  // the smallest cluster that the row was in
      for (std::size_t c = 0; c < clusters_.size(); ++c) {
        const bool is_in =
            std::find(clusters_[c].rows.begin(), clusters_[c].rows.end(), row) != clusters_[c].rows.end();
        if (is_in && (last < 0 || clusters_[c].rows.size() < cluster(last).rows.size())) last = static_cast<int>(c);
      }
      const double lambda = cluster(last).lambda[at(row)];
      double densest = 0;
      for (std::size_t c = 0; c < clusters_.size(); ++c)
        if (!clusters_[c].rows.empty() && is_below(static_cast<int>(c), last))
          densest = std::max(densest, clusters_[c].death);
      result.outlier_scores[at(row)] = lambda == densest ? 0 : 1 - lambda / densest;
      for (const int c : chosen) {
        if (!is_below(last, c)) continue;
        if (cluster(c).parent < 0 && (lambda == 0 || (options.epsilon > 0 && 1 / lambda > options.epsilon))) continue;
        if (number[static_cast<std::size_t>(c)] == noise) {
          number[static_cast<std::size_t>(c)] = next++;
          result.persistence.push_back(persistence(c));
          result.mass += cluster(c).stability();
        }
        result.labels[at(row)] = number[static_cast<std::size_t>(c)];
        const double death = cluster(c).death;
        result.probabilities[at(row)] = lambda >= death ? 1 : lambda / death;
      }
    }
    return result;
  }

  double persistence(int c) const {
    const Cluster& of = cluster(c);
    if (of.death == 0) return 0;
    double sum = 0;
    for (const Index row : of.rows) {
      const double lambda = of.lambda[at(row)];
      sum += std::isinf(of.death) ? (std::isinf(lambda) ? 1 : 0) : (lambda - of.birth) / of.death;
    }
    return sum / static_cast<double>(of.rows.size());
  }

  Index n_;
  Index min_cluster_size_;
  corymb::RowMatrix<double> W_;  // mutual reachability distances
  std::vector<Cluster> clusters_;
};

/// Empty if a result is that of the definition, else what differs.
template <class Result>
std::string difference(const Result& result, const Clustering& expected) {
  const auto near = [](double x, double y) { return x == y || std::abs(x - y) <= 1e-9 * std::max(1.0, std::abs(y)); };
  if (result.clusters != static_cast<std::int32_t>(expected.persistence.size()))
    return std::to_string(result.clusters) + " clusters instead of " + std::to_string(expected.persistence.size());
  for (std::size_t row = 0; row < expected.labels.size(); ++row) {
    const auto i = static_cast<Index>(row);
    const std::string of = " of row " + std::to_string(row) + ": ";
    if (result.labels[i] != expected.labels[row])
      return "label" + of + std::to_string(result.labels[i]) + " instead of " + std::to_string(expected.labels[row]);
    if (!near(result.probabilities[i], expected.probabilities[row]))
      return "probability" + of + std::to_string(result.probabilities[i]) + " instead of " +
             std::to_string(expected.probabilities[row]);
    if (!near(result.outlier_scores[i], expected.outlier_scores[row]))
      return "outlier score" + of + std::to_string(result.outlier_scores[i]) + " instead of " +
             std::to_string(expected.outlier_scores[row]);
  }
  for (std::size_t label = 0; label < expected.persistence.size(); ++label)
    if (!near(result.persistence[static_cast<Index>(label)], expected.persistence[label]))
      return "persistence of cluster " + std::to_string(label);
  return "";
}

}  // namespace reference
