#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/distance/detail/cluster_sums_impl.hpp>
#include <corymb/partition/detail/nearest_finder.hpp>

#include <algorithm>
#include <bit>
#include <functional>
#include <numeric>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Hamerly's and Yinyang k-means: for every row an upper bound of the distance to its own centroid, and for every group
/// of centroids a lower bound of the distances to its members other than the own one. By the triangle inequality the
/// bounds stay valid when they shrink by the movements. A group is searched only if its bound is within reach, and then
/// by the dense kernel, for all rows of a block that need it together.
///
/// Few centroids often move far while most hardly move; one of them would spoil the bound of its whole group. So every
/// group has two parts, each with its bound: the members that move little and those that move much.
///
/// Hamerly (2010), SDM, 130–140; Ding et al. (2015), Yinyang K-means, ICML, 579–587.
template <class T>
class GroupBounds : public NearestFinder<T> {
 public:
  /// @param groups  1 = Hamerly's algorithm; at most most_groups.
  GroupBounds(const Points<T>& X, Index k, Index groups, int threads)
      : X_(X),
        threads_(threads),
        arithmetic_(X.cols()),
        parts_(std::min<Index>(groups, k) > 1 ? 2 : 1),
        home_groups_(std::clamp<Index>(groups, 1, std::min<Index>(k, most_groups))),
        stride_(bounds_per_row(home_groups_)),
        upper_(static_cast<std::size_t>(X.rows())),
        lower_(static_cast<std::size_t>(X.rows() * stride_), std::numeric_limits<T>::infinity()),
        members_(static_cast<std::size_t>(stride_)),
        home_(static_cast<std::size_t>(k)),
        group_(static_cast<std::size_t>(k)),
        workers_(static_cast<std::size_t>(threads)) {}

  static constexpr Index most_groups = compiled::most_groups / 2;

  static double memory(Index n, Index groups) {
    return static_cast<double>(n) * static_cast<double>(bounds_per_row(std::min(groups, most_groups)) + 1) * sizeof(T);
  }

  void find(const RowMatrix<T>& centroids, std::int32_t* label) override {
    const bool starts = before_.rows() == 0;
    if (starts)
      form_groups(centroids);
    else
      take_in_movements(centroids);
    before_ = centroids;
    pack(centroids);
    const Index blocks = (X_.rows() + rows_per_block - 1) / rows_per_block;
    parallel_for(threads_, blocks, [&](Index task, int w) {
      const Index first = task * rows_per_block, last = std::min(first + rows_per_block, X_.rows());
      Worker& worker = workers_[static_cast<std::size_t>(w)];
      if (starts)
        list_all(last - first, worker);
      else
        list_within_reach(first, last, label + first, worker);
      search(first, last, worker);
      settle(first, last, centroids, label + first, worker);
    });
  }

  void forget() override { before_.resize(0, before_.cols()); }

 private:
  struct Worker {
    std::vector<std::uint64_t> within;  // by row of the block
    std::vector<std::int32_t> row, own;
    std::vector<T> value;
    // By position among the rows that are searched, near centroids together: see SearchGroupsTask.
    std::vector<Index> rows;
    std::vector<std::uint64_t> reachable;
    std::vector<std::int32_t> nearest, group, taken, gathered;
    std::vector<T> above, below, others;
    std::vector<Index> place;  // by centroid, in order_: where its rows start
    std::vector<Index> unsettled;
    Scratch<T> scratch;
  };

  static constexpr Index rows_per_block = 16384;

  /// Two for every group, in two halves as the kernels want them.
  static Index bounds_per_row(Index groups) {
    constexpr Index unit = compiled::bounds_alignment;
    const auto few = static_cast<Index>(std::bit_ceil(static_cast<std::size_t>(groups)));
    return 2 * (few < unit ? few : (groups + unit - 1) / unit * unit);
  }

  T* lower(Index row) { return &lower_[static_cast<std::size_t>(row * stride_)]; }
  T& upper(Index row) { return upper_[static_cast<std::size_t>(row)]; }

  /// Groups of near centroids, by a few iterations of k-means among them.
  void form_groups(const RowMatrix<T>& centroids) {
    const Index k = centroids.rows();
    RowMatrix<T> centre(home_groups_, centroids.cols());
    for (Index g = 0; g < home_groups_; ++g) centre.row(g) = centroids.row(g * k / home_groups_);
    const Points<T> points(centroids);
    const SumsPlan plan(k, centroids.cols(), home_groups_);
    ClusterSums sums{RowMatrix<double>::Zero(home_groups_, centroids.cols()), Vector::Zero(home_groups_)};
    for (int iteration = 0; home_groups_ > 1 && iteration < 5; ++iteration) {
      assign_all<T>(points, rows_view(centre), threads_, home_.data(), nullptr);
      sum_clusters(points, home_.data(), nullptr, threads_, plan, sums);
      for (Index g = 0; g < home_groups_; ++g)
        if (sums.weights[g] > 0) centre.row(g) = (sums.sums.row(g) / sums.weights[g]).template cast<T>();
    }
    group_ = home_;
    list_members();
    // Rows are searched in the order of their centroids' groups: near ones together.
    order_.resize(home_.size());
    std::int32_t next = 0;
    for (const auto& list : members_)
      for (const std::int32_t c : list) order_[static_cast<std::size_t>(c)] = next++;
  }

  void list_members() {
    for (auto& list : members_) list.clear();
    occupied_ = 0;
    for (const std::int32_t g : group_) occupied_ |= std::uint64_t{1} << g;
    for (std::size_t c = 0; c < group_.size(); ++c)
      members_[static_cast<std::size_t>(group_[c])].push_back(static_cast<std::int32_t>(c));
  }

  /// Divides the groups into their slow and their fast parts, and notes by how much bounds shrink. A centroid that was
  /// fast is still so if it is among twice as many.
  void take_in_movements(const RowMatrix<T>& centroids) {
    moved_ = movements(before_, centroids);
    joined_.assign(static_cast<std::size_t>(stride_), std::numeric_limits<T>::infinity());
    if (parts_ == 2) {
      std::vector<T> sorted = moved_;
      const auto threshold = [&](std::size_t share) {
        const auto place = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / share);
        std::nth_element(sorted.begin(), place, sorted.end(), std::greater<T>());
        return *place;
      };
      const T becomes_fast = threshold(8), stays_fast = threshold(4);
      for (std::size_t c = 0; c < moved_.size(); ++c) {
        const bool was_fast = group_[c] != home_[c];
        const bool fast = moved_[c] > (was_fast ? stays_fast : becomes_fast);
        if (fast == was_fast) continue;
        group_[c] = home_[c] + (fast ? static_cast<std::int32_t>(stride_ / 2) : 0);
        joined_[static_cast<std::size_t>(group_[c])] = T(0);
      }
      list_members();
    }
    group_moved_.assign(static_cast<std::size_t>(stride_), T(0));
    for (std::size_t c = 0; c < moved_.size(); ++c) {
      T& most = group_moved_[static_cast<std::size_t>(group_[c])];
      most = std::max(most, moved_[c]);
    }
  }

  void pack(const RowMatrix<T>& centroids) {
    const PackedCentroids<T> all(rows_view(centroids));
    centre_.assign(all.centre(), all.centre() + centroids.cols());
    largest_norm_ = all.largest_norm();
    packed_.clear();
    pointers_.clear();
    sizes_.clear();
    numbers_.clear();
    for (const auto& list : members_) {
      RowMatrix<T> rows(static_cast<Index>(list.size()), centroids.cols());
      for (Index i = 0; i < rows.rows(); ++i) rows.row(i) = centroids.row(list[static_cast<std::size_t>(i)]);
      packed_.emplace_back(rows_view(rows), centre_);
      pointers_.push_back(packed_.back().packed());
      sizes_.push_back(rows.rows());
      numbers_.push_back(list.data());
    }
  }

  compiled::GroupsView<T> groups(Index first) {
    return {
        static_cast<Index>(members_.size()), sizes_.data(), pointers_.data(), numbers_.data(), lower(first), stride_};
  }

  void reserve(Index rows, Worker& worker) {
    const auto size = static_cast<std::size_t>(rows);
    for (auto* list : {&worker.within, &worker.reachable}) list->resize(size);
    for (auto* list : {&worker.row, &worker.own, &worker.nearest, &worker.group, &worker.taken}) list->resize(size);
    worker.gathered.resize(static_cast<std::size_t>(compiled::most_groups * compiled::gathered_rows));
    for (auto* list : {&worker.value, &worker.above, &worker.below, &worker.others}) list->resize(size);
    worker.rows.resize(size);
    worker.unsettled.clear();
  }

  void list_all(Index size, Worker& worker) {
    reserve(size, worker);
    std::iota(worker.rows.begin(), worker.rows.end(), Index{0});
    std::fill(worker.reachable.begin(), worker.reachable.end(), (std::uint64_t{1} << home_groups_) - 1);
    std::fill(worker.group.begin(), worker.group.end(), -1);
  }

  /// Brings all bounds up to date; where one is within reach, computes the distance to the own centroid and lists the
  /// row if one still is.
  void list_within_reach(Index first, Index last, const std::int32_t* label, Worker& worker) {
    reserve(last - first, worker);
    kernels::shrink_bounds(compiled::ShrinkBoundsTask<T>{
        last - first, lower(first), stride_, &upper(first), label, moved_.data(), group_moved_.data(), joined_.data(),
        arithmetic_.certain(), arithmetic_.smallest(), worker.within.data()});
    Index open = 0;
    for (Index i = 0; i < last - first; ++i) {
      worker.row[static_cast<std::size_t>(open)] = static_cast<std::int32_t>(i);
      worker.own[static_cast<std::size_t>(open)] = label[i];
      open += (worker.within[static_cast<std::size_t>(i)] & occupied_) != 0 ? 1 : 0;
    }
    kernels::pair_values(compiled::PairsTask<T>{rows_view(X_, first, last), rows_view(before_), worker.row.data(),
                                                worker.own.data(), open, worker.value.data()});
    // Which groups are within reach of the distance itself, and how many rows each centroid has to be searched for.
    auto& place = worker.place;
    place.assign(home_.size() + 1, 0);
    for (Index p = 0; p < open; ++p) {
      const auto position = static_cast<std::size_t>(p);
      const Index i = worker.row[position];
      upper(first + i) = arithmetic_.above(std::sqrt(arithmetic_.squared_above(worker.value[position])));
      const T reach = arithmetic_.reach(upper(first + i));
      const T* bound = lower(first + i);
      std::uint64_t within = 0;
      for (std::uint64_t bits = worker.within[static_cast<std::size_t>(i)] & occupied_; bits != 0; bits &= bits - 1) {
        const int g = __builtin_ctzll(bits);
        if (bound[g] <= reach) within |= std::uint64_t{1} << g;
      }
      worker.within[static_cast<std::size_t>(i)] = within;
      if (within != 0) ++place[static_cast<std::size_t>(order_[static_cast<std::size_t>(worker.own[position])]) + 1];
    }
    std::partial_sum(place.begin(), place.end(), place.begin());
    const Index listed = place.back();
    for (Index p = 0; p < open; ++p) {
      const auto position = static_cast<std::size_t>(p);
      const Index i = worker.row[position];
      const std::uint64_t within = worker.within[static_cast<std::size_t>(i)];
      if (within == 0) continue;
      const std::int32_t own = worker.own[position];
      const auto to =
          static_cast<std::size_t>(place[static_cast<std::size_t>(order_[static_cast<std::size_t>(own)])]++);
      worker.rows[to] = i;
      worker.reachable[to] = within;
      worker.nearest[to] = own;
      worker.group[to] = group_[static_cast<std::size_t>(own)];
      worker.above[to] = upper(first + i);
      worker.below[to] =
          arithmetic_.below(std::sqrt(std::max(arithmetic_.squared_below(worker.value[position]), T(0))));
    }
    worker.rows.resize(static_cast<std::size_t>(listed));
  }

  void search(Index first, Index last, Worker& worker) {
    T* scratch = worker.scratch.reserve(
        std::max(kernels::expanded_scratch_size(T(), X_.cols()), kernels::defined_scratch_size(T(), X_.cols())));
    kernels::search_groups(compiled::SearchGroupsTask<T>{
        rows_view(X_, first, last), worker.rows.data(), static_cast<Index>(worker.rows.size()), groups(first),
        centre_.data(), largest_norm_, worker.reachable.data(), worker.nearest.data(), worker.group.data(),
        worker.above.data(), worker.below.data(), worker.others.data(), worker.taken.data(), worker.gathered.data(),
        scratch});
  }

  /// Labels the rows that were searched; where two centroids are too close to tell, by the defined value.
  void settle(Index first, Index last, const RowMatrix<T>& centroids, std::int32_t* label, Worker& worker) {
    for (std::size_t p = 0; p < worker.rows.size(); ++p) {
      const Index i = worker.rows[p];
      label[i] = worker.nearest[p];
      upper(first + i) = worker.above[p];
      if (worker.others[p] > arithmetic_.reach(worker.above[p])) continue;
      worker.unsettled.push_back(i);
      // Any of the others may turn out to be the nearest.
      T& bound = lower(first + i)[worker.group[p]];
      bound = std::min(bound, worker.below[p]);
    }
    if (worker.unsettled.empty()) return;
    kernels::nearest_defined(compiled::NearestTask<T>{PairValue::squared_euclidean, rows_view(X_, first, last),
                                                      worker.unsettled.data(),
                                                      static_cast<Index>(worker.unsettled.size()), rows_view(centroids),
                                                      label, worker.value.data(), worker.scratch.data()});
    for (const Index i : worker.unsettled)
      upper(first + i) =
          arithmetic_.above(std::sqrt(arithmetic_.squared_above(worker.value[static_cast<std::size_t>(i)])));
  }

  const Points<T>& X_;
  int threads_;
  BoundArithmetic<T> arithmetic_;
  int parts_;  // of a group: slow and fast, or one
  Index home_groups_;
  Index stride_;                                    // bounds per row, padded with infinity
  std::vector<T> upper_;                            // by row: ≥ the distance to the own centroid
  std::vector<T> lower_;                            // by row and group: ≤ the distance to any other member
  std::vector<std::vector<std::int32_t>> members_;  // by group: the slow parts, then from stride / 2 on the fast ones
  std::vector<std::int32_t> home_;                  // by centroid: the group of near ones
  std::vector<std::int32_t> group_;                 // by centroid: its home or the fast part of it
  std::vector<std::int32_t> order_;                 // by centroid: its place when groups stand one after the other
  std::uint64_t occupied_ = 0;                      // bit g: group g has members
  RowMatrix<T> before_;                             // centroids that the bounds are about
  std::vector<T> moved_, group_moved_;              // in the last step, at most
  std::vector<T> joined_;                           // by group: 0 where the other part gave a member, else infinity
  std::vector<T> centre_;
  double largest_norm_ = 0;
  std::vector<PackedCentroids<T>> packed_;  // by group, and what kernels want of them
  std::vector<const T*> pointers_;
  std::vector<Index> sizes_;
  std::vector<const std::int32_t*> numbers_;
  std::vector<Worker> workers_;
};

}  // namespace detail
CORYMB_END
