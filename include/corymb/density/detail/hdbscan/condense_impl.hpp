#pragma once

#include <corymb/core/detail/validate.hpp>
#include <corymb/density/condensed_tree.hpp>
#include <corymb/density/detail/point_weights.hpp>
#include <corymb/graph/detail/check_core_distances.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string_view>
#include <utility>

CORYMB_BEGIN
namespace detail {

/// λ at a distance.
inline double lambda_at(double distance) { return 1 / distance; }

/// The mean share of [0, death] that rows of a cluster spend in it.
/// @param endless  the share of its rows that leave at infinity
inline double persistence_of(double stability, double size, double death, double endless) {
  if (std::isinf(death)) return endless;
  return death > 0 && size > 0 ? stability / (size * death) : 0;
}

/// Condenses a hierarchy from its top, set by set.
class Condenser {
 public:
  Condenser(const SingleLinkage& tree, Index min_cluster_size, const CondenseOptions& options)
      : tree_(tree),
        weights_(options.weights, min_cluster_size),
        core_(options.core_distances),
        sets_(tree.height.size() + 1) {
    result_.rows = tree.rows;
    result_.min_cluster_size = min_cluster_size;
    result_.row_cluster.assign(at(tree.rows), -1);
    result_.row_lambda.assign(at(tree.rows), 0);
  }

  CondensedTree run() {
    if (tree_.rows == 0) return std::move(result_);
    find_top();
    for (Index node = 0; node < tree_.nodes(); ++node)
      if (is_below_top(node)) weigh(node);
    place_at(top_) = {new_cluster(-1, 0, weights_.total(tree_.rows)), still_in};
    if (!is_row(top_)) part(top_);
    for (Index node = tree_.nodes() - 1; node >= 0; --node) {
      if (is_below_top(node)) place_at(node) = below(node, parent(node));
      if (is_row(node))
        leave(node);
      else if (node != top_ && place_at(node).left_at == still_in)
        part(node);
    }
    finish_clusters();
    number_clusters();
    return std::move(result_);
  }

 private:
  using Count = PointWeights::Count;
  static constexpr double infinity = std::numeric_limits<double>::infinity();
  static constexpr std::int32_t still_in = -1;

  // Where a node is: in a cluster, which it has left where another node parted.
  struct Place {
    std::int32_t cluster = -1;
    std::int32_t left_at = still_in;
  };
  // Together, because sets are met in no order.
  struct Set {
    Count units = 0;         // what it weighs
    Count leaving = 0;       // what its small parts weigh
    std::int32_t large = 0;  // how many large parts it has
    Place place;
  };

  static std::size_t at(Index number) { return static_cast<std::size_t>(number); }
  bool is_row(Index node) const { return node < tree_.rows; }
  Index parts() const { return tree_.nodes(); }  // the node above all components
  Set& set(Index node) { return sets_[at(node - tree_.rows)]; }
  double height(Index node) const { return node == parts() ? infinity : tree_.height[at(node - tree_.rows)]; }
  Index parent(Index node) const {
    const std::int32_t of = tree_.parent[at(node)];
    return of >= 0 ? of : top_;
  }
  Count units(Index node) { return is_row(node) ? weights_(node) : set(node).units; }
  double size_of(Count units) const { return weights_.weight_of(units); }
  double core_distance(Index row) const { return core_.size() > 0 ? core_[row] : 0; }
  Place& place_at(Index node) { return is_row(node) ? row_place_ : set(node).place; }

  // A row weighs enough to be a cluster where its copies have joined already.
  bool is_large(Index node) {
    return units(node) >= weights_.needed() && (!is_row(node) || core_distance(node) < height(parent(node)));
  }

  // Whether a node is part of another one; not so the top, and rows that are absent.
  bool is_below_top(Index node) const {
    return tree_.parent[at(node)] >= 0 || (node != top_ && !(is_row(node) && weights_(node) == 0));
  }

  // The only component, or what is above all of them.
  void find_top() {
    top_ = parts();
    Index roots = 0;
    for (Index node = tree_.nodes() - 1; node >= 0; --node) {
      if (tree_.parent[at(node)] >= 0 || (is_row(node) && weights_(node) == 0)) continue;
      top_ = ++roots == 1 ? node : parts();
    }
  }

  // Children come before their parents, so a node's weight is known.
  void weigh(Index node) {
    Set& above = set(parent(node));
    const Count weight = units(node);
    above.units += weight;
    if (is_large(node))
      ++above.large;
    else
      above.leaving += weight;
  }

  std::int32_t new_cluster(std::int32_t parent, double birth, Count units) {
    result_.parent.push_back(parent);
    result_.birth.push_back(birth);
    result_.death.push_back(birth);
    result_.size.push_back(size_of(units));
    result_.stability.push_back(0);
    endless_.push_back(0);
    return static_cast<std::int32_t>(result_.parent.size() - 1);
  }

  // Where a node is, whose parent's place is known.
  Place below(Index node, Index above) {
    const Set& of = set(above);
    if (of.place.left_at != still_in) return of.place;
    if (!is_large(node)) return {of.place.cluster, static_cast<std::int32_t>(above)};
    if (of.large == 1) return of.place;
    return {new_cluster(of.place.cluster, lambda_at(height(above)), units(node)), still_in};
  }

  // The parts of a set that is in a cluster go apart.
  void part(Index node) {
    const Set& of = set(node);
    const Count leaving = of.large > 1 ? of.units : of.leaving;
    if (leaving > 0) add_leaving(of.place.cluster, lambda_at(height(node)), leaving);
  }

  void add_leaving(std::int32_t cluster, double lambda, Count units) {
    const std::size_t c = at(cluster);
    result_.death[c] = lambda;  // sets are visited from the highest: λ ascends
    if (lambda > result_.birth[c]) result_.stability[c] += size_of(units) * (lambda - result_.birth[c]);
    if (std::isinf(lambda)) endless_[c] += size_of(units) / result_.size[c];
  }

  // A row whose place is known.
  void leave(Index row) {
    if (row != top_ && !is_below_top(row)) return;
    result_.row_cluster[at(row)] = row_place_.cluster;
    double& lambda = result_.row_lambda[at(row)];
    if (row_place_.left_at != still_in) {
      lambda = lambda_at(height(row_place_.left_at));
    } else if (weights_(row) >= weights_.needed()) {  // a cluster by itself
      lambda = lambda_at(core_distance(row));
      add_leaving(row_place_.cluster, lambda, weights_(row));
    }
  }

  void finish_clusters() {
    result_.persistence.resize(result_.parent.size());
    for (std::size_t c = 0; c < result_.parent.size(); ++c)
      result_.persistence[c] = persistence_of(result_.stability[c], result_.size[c], result_.death[c], endless_[c]);
  }

  // By birth, then by the lowest row.
  void number_clusters() {
    CondensedTree& tree = result_;
    const std::size_t clusters = tree.parent.size();
    constexpr std::int32_t none = std::numeric_limits<std::int32_t>::max();
    std::vector<std::int32_t> lowest(clusters, none);
    for (Index row = tree.rows - 1; row >= 0; --row)
      if (tree.row_cluster[at(row)] >= 0) lowest[at(tree.row_cluster[at(row)])] = static_cast<std::int32_t>(row);
    for (std::size_t c = clusters; c-- > 1;) {  // clusters were made from the top
      std::int32_t& above = lowest[at(tree.parent[c])];
      above = std::min(above, lowest[c]);
    }
    std::vector<std::int32_t> order(clusters), number(clusters);
    std::iota(order.begin(), order.end(), 0);
    if (clusters > 0)
      std::sort(order.begin() + 1, order.end(), [&](std::int32_t a, std::int32_t b) {
        return std::pair(tree.birth[at(a)], lowest[at(a)]) < std::pair(tree.birth[at(b)], lowest[at(b)]);
      });
    for (std::size_t i = 0; i < clusters; ++i) number[at(order[i])] = static_cast<std::int32_t>(i);
    for (std::vector<double>* of_cluster : {&tree.birth, &tree.death, &tree.size, &tree.stability, &tree.persistence}) {
      const std::vector<double> old = *of_cluster;
      for (std::size_t i = 0; i < clusters; ++i) (*of_cluster)[i] = old[at(order[i])];
    }
    const std::vector<std::int32_t> parents = tree.parent;
    for (std::size_t i = 0; i < clusters; ++i) {
      const std::int32_t of = parents[at(order[i])];
      tree.parent[i] = of < 0 ? -1 : number[at(of)];
    }
    for (std::int32_t& cluster : tree.row_cluster)
      if (cluster >= 0) cluster = number[at(cluster)];
  }

  const SingleLinkage& tree_;
  PointWeights weights_;
  const Vector& core_;
  Index top_ = -1;
  std::vector<Set> sets_;        // the last one is above all components
  Place row_place_;              // of the row that is visited
  std::vector<double> endless_;  // by cluster: the share of it that leaves at infinity
  CondensedTree result_;
};

inline void check_condense(const SingleLinkage& tree, Index min_cluster_size, const CondenseOptions& options) {
  constexpr std::string_view function = "condense";
  if (min_cluster_size < 2) reject(function, "min_cluster_size = " + to_text(min_cluster_size) + " must be ≥ 2");
  for (std::size_t s = 0; s < tree.height.size(); ++s)
    if (!(tree.height[s] >= 0))
      reject(function, "tree.height[" + to_text(s) + "] = " + to_text(tree.height[s]) + " must be ≥ 0");
  check_weights(function, options.weights, tree.rows);
  check_core_distances(function, options.core_distances, tree.rows);
}

/// What simplify() does, from the last cluster to the root.
class Simplifier {
 public:
  Simplifier(const CondensedTree& tree, double min_lifetime)
      : tree_(tree),
        min_lifetime_(min_lifetime),
        fate_(tree.parent.size()),
        children_(fate_.size(), 0),
        only_(fate_.size()) {}

  CondensedTree run() {
    for (std::size_t c = tree_.parent.size(); c-- > 0;) decide(c);
    return rebuilt();
  }

 private:
  enum class Fate { kept, dissolved, merged };  // merged: it and its parent are one

  static std::size_t at(Index number) { return static_cast<std::size_t>(number); }

  // Children come after their parents, so all of them have told what became of them.
  void decide(std::size_t c) {
    if (children_[c] == 1) {
      fate_[at(only_[c])] = Fate::merged;
      tree_.death[c] = tree_.death[at(only_[c])];
      const double endless = tree_.persistence[at(only_[c])] * tree_.size[at(only_[c])] / tree_.size[c];
      tree_.stability[c] += tree_.stability[at(only_[c])];
      tree_.persistence[c] = persistence_of(tree_.stability[c], tree_.size[c], tree_.death[c], endless);
      children_[c] = children_[at(only_[c])];
    }
    if (tree_.parent[c] < 0) return;
    if (children_[c] == 0 && tree_.death[c] - tree_.birth[c] < min_lifetime_) {
      fate_[c] = Fate::dissolved;
      return;
    }
    ++children_[at(tree_.parent[c])];
    only_[at(tree_.parent[c])] = static_cast<std::int32_t>(c);
  }

  CondensedTree rebuilt() {
    CondensedTree result;
    result.rows = tree_.rows;
    result.min_cluster_size = tree_.min_cluster_size;
    std::vector<std::int32_t> number(fate_.size());
    std::vector<double> left(fate_.size());  // by cluster that is gone: the λ at which its rows left; infinite = later
    for (std::size_t c = 0; c < fate_.size(); ++c) {
      const Index above = tree_.parent[c];
      left[c] = std::numeric_limits<double>::infinity();
      if (fate_[c] == Fate::kept) {
        number[c] = static_cast<std::int32_t>(result.parent.size());
        result.parent.push_back(above < 0 ? -1 : number[at(above)]);
        result.birth.push_back(tree_.birth[c]);
        result.death.push_back(tree_.death[c]);
        result.size.push_back(tree_.size[c]);
        result.stability.push_back(tree_.stability[c]);
        result.persistence.push_back(tree_.persistence[c]);
        continue;
      }
      number[c] = number[at(above)];
      left[c] = fate_[c] == Fate::dissolved ? std::min(tree_.birth[c], left[at(above)]) : left[at(above)];
    }
    result.row_cluster = std::move(tree_.row_cluster);
    result.row_lambda = std::move(tree_.row_lambda);
    for (std::size_t row = 0; row < result.row_cluster.size(); ++row) {
      std::int32_t& cluster = result.row_cluster[row];
      if (cluster < 0) continue;
      result.row_lambda[row] = std::min(result.row_lambda[row], left[at(cluster)]);
      cluster = number[at(cluster)];
    }
    return result;
  }

  CondensedTree tree_;
  double min_lifetime_;
  std::vector<Fate> fate_;
  std::vector<std::int32_t> children_;  // by cluster: how many are kept
  std::vector<std::int32_t> only_;      // by cluster: the last of them
};

/// The outlier scores of rows that leave clusters at λ.
inline Vector scores_at(const CondensedTree& tree, const std::vector<std::int32_t>& cluster,
                        const std::vector<double>& lambda) {
  std::vector<double> densest = tree.death;  // by cluster, of it and those below
  for (std::size_t c = densest.size(); c-- > 1;) {
    double& above = densest[static_cast<std::size_t>(tree.parent[c])];
    above = std::max(above, densest[c]);
  }
  Vector scores(static_cast<Index>(cluster.size()));
  for (std::size_t row = 0; row < cluster.size(); ++row) {
    const double most = cluster[row] < 0 ? 0 : densest[static_cast<std::size_t>(cluster[row])];
    scores[static_cast<Index>(row)] = cluster[row] < 0 ? 1 : lambda[row] < most ? 1 - lambda[row] / most : 0;
  }
  return scores;
}

}  // namespace detail

inline CondensedTree condense(const SingleLinkage& tree, Index min_cluster_size, const CondenseOptions& options) {
  detail::check_condense(tree, min_cluster_size, options);
  return detail::Condenser(tree, min_cluster_size, options).run();
}

inline CondensedTree simplify(const CondensedTree& tree, double min_lifetime) {
  if (!(min_lifetime >= 0))
    detail::reject("simplify", "min_lifetime = " + detail::to_text(min_lifetime) + " must be ≥ 0");
  return detail::Simplifier(tree, min_lifetime).run();
}

inline Vector outlier_scores(const CondensedTree& tree) {
  return detail::scores_at(tree, tree.row_cluster, tree.row_lambda);
}

CORYMB_END
