#pragma once

#include <corymb/core/detail/concurrent_union_find.hpp>
#include <corymb/core/detail/reported_tasks.hpp>
#include <corymb/density/detail/dbscan/cell_grid.hpp>
#include <corymb/density/detail/dbscan/density_state.hpp>
#include <corymb/density/detail/dbscan/pairs_within.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <string_view>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// DBSCAN on a grid whose cells hold rows that are all within eps of each other (Gan and Tao 2015): a cell that counts
/// enough is core as a whole, the core rows of a cell are in one cluster, and two cells are joined by one pair. What is
/// around a row stands in a few runs of positions.
template <class T>
class GridDbscan {
 public:
  /// @param limit  the largest value within eps
  GridDbscan(const DbscanSettings& settings, const Points<T>& X, GridLayout<T> layout, PairValue kind, T limit)
      : settings_(settings),
        weights_(settings.weights),
        kind_(kind),
        limit_(limit),
        grid_(X, std::move(layout), settings.threads),
        density_(static_cast<std::size_t>(grid_.rows()), Density::sparse),
        cores_(static_cast<std::size_t>(grid_.cells()), 0),
        sets_(grid_.cells()) {}

  static double memory(Index n, Index d) {
    const double points = static_cast<double>(d) * sizeof(T) + sizeof(std::int32_t);
    const double cells = sizeof(std::uint64_t) + 4 * sizeof(std::int32_t);  // as many as rows, at worst
    const double state = sizeof(Density) + 2 * sizeof(std::int32_t);
    return static_cast<double>(n) *
           (std::max(points, RadixSort::bytes_per_key) + RadixSort::bytes_per_key + cells + state);
  }

  DbscanResult run() {
    for_cells("cores", [&](Index cell, Worker& worker) { find_cores(cell, worker); });
    const Index tasks = (grid_.cells() + cells_per_task - 1) / cells_per_task;
    parallel_for(settings_.threads, tasks, [&](Index task) {
      const Index first = task * cells_per_task;
      for (Index cell = first; cell < std::min(first + cells_per_task, grid_.cells()); ++cell) put_cores_first(cell);
    });
    // Cells next to each other first: most of the others are in one cluster by then.
    for (const bool far : {false, true})
      for_cells("clusters", [&](Index cell, Worker& worker) { join(cell, far, worker); });
    DbscanResult result;
    number_clusters(result);
    for_cells("borders", [&](Index cell, Worker& worker) { reach(cell, worker, result.labels); });
    return result;
  }

 private:
  /// Memory of one worker.
  struct Worker {
    std::vector<T> query;
    std::vector<std::int32_t> runs;  // positions: first, last, …
    std::vector<std::int32_t> found;
    PairsWithin<T> pairs;
    const std::vector<typename CellRuns<T>::Run>* around = nullptr;  // the cell at hand
  };

  static constexpr Index cells_per_task = 512;

  template <class Use>
  void for_cells(std::string_view stage, const Use& use) {
    std::vector<Worker> workers(static_cast<std::size_t>(settings_.threads));
    const Index tasks = (grid_.cells() + cells_per_task - 1) / cells_per_task;
    reported_tasks(settings_.function, stage, settings_.progress, settings_.threads, tasks, [&](Index task, int w) {
      Worker& worker = workers[static_cast<std::size_t>(w)];
      const Index first = task * cells_per_task;
      CellRuns<T> runs(grid_, first);
      for (Index cell = first; cell < std::min(first + cells_per_task, grid_.cells()); ++cell) {
        worker.around = &runs.around(cell);
        use(cell, worker);
      }
    });
  }

  bool has_cores(Index cell) const { return cores_[static_cast<std::size_t>(cell)] > 0; }
  /// Behind the last core row of a cell, once they have been found.
  std::int32_t cores_end(Index cell) const { return grid_.begin(cell) + cores_[static_cast<std::size_t>(cell)]; }

  Density& density(Index position) { return density_[static_cast<std::size_t>(position)]; }

  const T* coordinates(Index position, Worker& worker) const {
    worker.query.resize(static_cast<std::size_t>(grid_.cols()));
    grid_.copy_row(position, worker.query.data());
    return worker.query.data();
  }

  Index within(Index position, Worker& worker, Index enough, std::int32_t* found) const {
    return kernels::points_within(
        compiled::RunsTask<T>{kind_, grid_.cols(), coordinates(position, worker), grid_.points(), grid_.stride(),
                              worker.runs.data(), static_cast<Index>(worker.runs.size() / 2), limit_, enough, found});
  }

  // All rows around the cell.
  void list_runs(Worker& worker) const {
    worker.runs.clear();
    for (const auto& run : *worker.around)
      if (run.first < run.last) {
        worker.runs.push_back(grid_.begin(run.first));
        worker.runs.push_back(grid_.begin(run.last));
      }
  }

  // ---- cores: density_ by position ----

  void find_cores(Index cell, Worker& worker) {
    const std::int32_t begin = grid_.begin(cell), end = grid_.end(cell);
    PointWeights::Count inside = 0;
    for (Index p = begin; p < end; ++p) inside += weights_(grid_.row(p));
    const bool is_dense = inside >= weights_.needed();
    if (!is_dense) list_runs(worker);
    for (Index p = begin; p < end; ++p)
      density(p) = density_of(is_dense || has_enough(p, worker), weights_(grid_.row(p)) > 0);
  }

  bool has_enough(Index position, Worker& worker) const {
    if (!weights_.is_weighted()) return within(position, worker, weights_.needed(), nullptr) >= weights_.needed();
    std::size_t room = 0;
    for (std::size_t r = 0; r < worker.runs.size(); r += 2)
      room += static_cast<std::size_t>(worker.runs[r + 1] - worker.runs[r]);
    worker.found.resize(room);
    const Index count = within(position, worker, std::numeric_limits<Index>::max(), worker.found.data());
    PointWeights::Count sum = 0;
    for (Index i = 0; i < count; ++i) sum += weights_(grid_.row(worker.found[static_cast<std::size_t>(i)]));
    return sum >= weights_.needed();
  }

  // Those of a cell stand before its other rows, and both in the order of the rows.
  void put_cores_first(Index cell) {
    std::vector<std::int32_t> order(static_cast<std::size_t>(grid_.size(cell)));
    std::iota(order.begin(), order.end(), grid_.begin(cell));
    const auto middle =
        std::stable_partition(order.begin(), order.end(), [&](std::int32_t p) { return density(p) == Density::core; });
    cores_[static_cast<std::size_t>(cell)] = static_cast<std::int32_t>(middle - order.begin());
    if (middle == order.begin() || middle == order.end()) return;
    grid_.reorder(cell, order);
    std::vector<Density> densities(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) densities[i] = density(order[i]);
    std::copy(densities.begin(), densities.end(), density_.begin() + grid_.begin(cell));
  }

  // ---- clusters: sets of cells ----

  /// @param far  whether cells that do not touch this one count, too
  void join(Index cell, bool far, Worker& worker) {
    if (!has_cores(cell)) return;
    const auto& offsets = grid_.layout().offsets();
    for (std::size_t o = 0; o < offsets.size(); ++o) {
      if (!far && !offsets[o].is_next) continue;
      const auto& run = (*worker.around)[o];
      const auto centre = static_cast<std::int64_t>(grid_.key(cell)) + offsets[o].key;
      for (Index other = std::max(run.first, cell + 1); other < run.last; ++other) {
        if (!far && std::abs(static_cast<std::int64_t>(grid_.key(other)) - centre) > 1) continue;
        if (!has_cores(other) || sets_.same(cell, other)) continue;
        if (worker.pairs.any(grid_, kind_, limit_, {grid_.begin(cell), cores_end(cell)},
                             {grid_.begin(other), cores_end(other)}))
          sets_.unite(cell, other);
      }
    }
  }

  // By the lowest core row of each.
  void number_clusters(DbscanResult& result) {
    constexpr std::int32_t none = std::numeric_limits<std::int32_t>::max();
    std::vector<std::int32_t> lowest(static_cast<std::size_t>(grid_.cells()), none);
    for (Index cell = 0; cell < grid_.cells(); ++cell) {
      if (!has_cores(cell)) continue;
      std::int32_t& of_set = lowest[static_cast<std::size_t>(sets_.find(cell))];
      of_set = std::min(of_set, grid_.row(grid_.begin(cell)));
    }
    std::vector<std::pair<std::int32_t, std::int32_t>> sets;  // lowest row, root
    for (std::size_t cell = 0; cell < lowest.size(); ++cell)
      if (lowest[cell] != none) sets.emplace_back(lowest[cell], static_cast<std::int32_t>(cell));
    std::sort(sets.begin(), sets.end());
    std::vector<std::int32_t>& number = lowest;
    for (std::size_t s = 0; s < sets.size(); ++s)
      number[static_cast<std::size_t>(sets[s].second)] = static_cast<std::int32_t>(s);
    result.clusters = static_cast<std::int32_t>(sets.size());
    result.labels = Labels::Constant(grid_.rows(), noise);
    result.is_core.resize(static_cast<std::size_t>(grid_.rows()));
    label_.assign(density_.size(), noise);
    for (Index cell = 0; cell < grid_.cells(); ++cell) {
      if (!has_cores(cell)) continue;
      const std::int32_t label = number[static_cast<std::size_t>(sets_.find(cell))];
      for (Index p = grid_.begin(cell); p < cores_end(cell); ++p) {
        label_[static_cast<std::size_t>(p)] = label;
        result.labels[grid_.row(p)] = label;
        result.is_core[static_cast<std::size_t>(grid_.row(p))] = true;
      }
    }
  }

  // ---- borders ----

  void reach(Index cell, Worker& worker, Labels& labels) {
    bool are_listed = false;
    for (Index p = cores_end(cell); p < grid_.end(cell); ++p) {
      if (!may_be_reached(density(p), settings_.border)) continue;
      if (!are_listed) list_cores(worker);
      are_listed = true;
      const Index count = within(p, worker, std::numeric_limits<Index>::max(), worker.found.data());
      std::int32_t lowest = noise;
      for (Index i = 0; i < count; ++i)
        reach_by(label_[static_cast<std::size_t>(worker.found[static_cast<std::size_t>(i)])], lowest);
      labels[grid_.row(p)] = lowest;
    }
  }

  // The core rows around the cell, and room to find them.
  void list_cores(Worker& worker) const {
    worker.runs.clear();
    std::size_t room = 0;
    for (const auto& run : *worker.around)
      for (Index other = run.first; other < run.last; ++other) {
        if (!has_cores(other)) continue;
        if (!worker.runs.empty() && worker.runs.back() == grid_.begin(other)) {
          worker.runs.back() = cores_end(other);
        } else {
          worker.runs.push_back(grid_.begin(other));
          worker.runs.push_back(cores_end(other));
        }
        room += static_cast<std::size_t>(cores_end(other) - grid_.begin(other));
      }
    worker.found.resize(room);
  }

  const DbscanSettings& settings_;
  const PointWeights& weights_;
  PairValue kind_;
  T limit_;
  CellGrid<T> grid_;
  std::vector<Density> density_;     // by position
  std::vector<std::int32_t> cores_;  // by cell: how many of its rows are core
  ConcurrentUnionFind sets_;         // of cells
  std::vector<std::int32_t> label_;  // by position: the cluster of a core row
};

}  // namespace detail
CORYMB_END
