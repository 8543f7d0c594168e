#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/core/errors.hpp>
#include <corymb/core/parallel.hpp>
#include <corymb/core/types.hpp>
#include <corymb/distance/detail/metric_values.hpp>
#include <corymb/hierarchy/detail/hierarchy_kernels.hpp>
#include <corymb/hierarchy/detail/linkage_rules.hpp>
#include <corymb/hierarchy/detail/nearest_links.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Memory that one worker keeps between blocks of values.
struct LinkageScratch {
  ValuesScratch kernels;
  Scratch<std::byte> pairs;  // values of rows, where clusters have two
  Scratch<std::byte> wide;   // values in double, where they are kept in float
};

/// Clusters and the distances of all pairs, as the lower triangle of a matrix (see merge_in_rounds).
///
/// A round that merges many pairs is one sweep over the triangle: each row is read, loses and changes the columns of
/// clusters that merge, and is searched, a few rows at a time, so that all of it happens while they are in the cache. A
/// round of few merges goes to their entries alone. Clusters stand at positions, in ascending order. The place of a
/// cluster that is gone stays, marked as absent, until a sweep closes the gaps; rows stay where they are in memory.
/// @tparam Rule  see linkage_rules.hpp
template <class T, class Rule>
class TriangleClusters {
 public:
  /// @param size  by cluster, > 0; empty = all 1
  TriangleClusters(Index clusters, std::span<const double> size, int threads)
      : clusters_(clusters),
        width_(clusters),
        alive_(clusters),
        threads_(threads),
        row_(at(clusters)),
        cluster_(at(clusters)),
        position_(at(clusters)),
        size_(at(clusters), T(1)),
        absent_(at(clusters), T(0)),
        found_(at(clusters)),
        columns_(static_cast<std::size_t>(threads)) {
    std::iota(cluster_.begin(), cluster_.end(), 0);
    std::iota(position_.begin(), position_.end(), 0);
    for (std::size_t c = 0; c < size.size(); ++c) size_[c] = static_cast<T>(size[c]);
  }

  /// Bytes for so many clusters.
  static double memory(Index clusters, int threads) {
    const auto n = static_cast<double>(clusters);
    return n * (n - 1) / 2 * sizeof(T) + n * bytes_per_cluster(threads);
  }

  Index size() const { return clusters_; }
  static double height(double value) { return Rule::height(value); }

  /// Takes all values, and finds the nearest of all clusters on the way.
  /// @param values  values(rows, columns, out, scratch) writes those of some clusters and some lower ones; what it
  ///                writes for others does not count
  /// @param report  report(clusters that are done), may throw
  template <class Values, class Report>
  void fill(const Values& values, const Report& report) {
    const Index entries = clusters_ * (clusters_ - 1) / 2;
    value_.reset(new T[at(entries)]);
    prefer_large_pages(value_.get(), at(entries) * sizeof(T));
    for (Index p = 0; p < clusters_; ++p) row_[at(p)] = value_.get() + p * (p - 1) / 2;
    find_nearest(values, report, [](Index, Index, std::size_t) {});
  }

  /// Finds the nearest of all clusters, and keeps no values.
  template <class Values, class Report>
  void look(const Values& values, const Report& report) {
    std::vector<Scratch<T>> rows(columns_.size());
    find_nearest(values, report, [&](Index first, Index last, std::size_t worker) {
      T* row = rows[worker].reserve(block_rows * clusters_);
      for (Index p = first; p < last; ++p, row += clusters_) row_[at(p)] = row;
    });
  }

  void start(NearestLinks& links) const {
    for (Index p = 0; p < width_; ++p) links.set(cluster_[at(p)], nearest_of(p));
  }

  void merge(std::span<const ClusterPair> pairs, NearestLinks& links) {
    std::vector<PositionPair> joined;
    joined.reserve(pairs.size());
    Index fans = 0;
    for (const ClusterPair& pair : pairs) {
      links.leave(pair.a);
      links.leave(pair.b);
      for (const std::int32_t cluster : {pair.a, pair.b}) links.for_fans(cluster, [&](std::int32_t) { ++fans; });
      const Index a = position(pair.a), b = position(pair.b);
      joined.push_back({a, b, {static_cast<T>(pair.value), size_[at(a)], size_[at(b)]}});
    }
    // A merge reads columns: two entries from memory for each row; so does a search, one for every second row. But
    // both pass over gaps, which a sweep closes.
    if (32 * static_cast<Index>(pairs.size()) + 12 * fans > width_ || alive_ < fewest_in(width_))
      sweep(joined, links);
    else
      merge_few(joined, links);
  }

 private:
  struct PositionPair {
    Index a;
    Index b;
    JoinedClusters<T> clusters;
  };
  using Place = compiled::PlaceOf<T>;
  /// What a worker has seen of the columns.
  struct Columns {
    std::vector<T> lowest;
    std::vector<T> second;
    std::vector<Place> place;
  };
  static constexpr T infinity = std::numeric_limits<T>::infinity();

  static std::size_t at(Index number) { return static_cast<std::size_t>(number); }
  // Sums and squares of very large distances are infinite: then nothing is the nearest.
  template <class V>
  static void require_finite(V value) {
    if (!(value < std::numeric_limits<V>::infinity()))
      throw NumericalError("corymb::agglomerative: sums or squares of distances overflow; scale the distances down" +
                           std::string(sizeof(T) == sizeof(float) ? ", or use double" : ""));
  }
  // With fewer clusters, gaps are closed.
  static Index fewest_in(Index width) { return width * 7 / 10; }
  // Waking threads takes longer than a few entries.
  int threads_for(Index entries) const { return entries < 50000 ? 1 : threads_; }
  static double bytes_per_cluster(int threads) {
    return 2 * sizeof(T*) + 4 * sizeof(std::int32_t) + 6 * sizeof(T) + sizeof(compiled::hierarchy::TwoLowest<T>) +
           threads * static_cast<double>(2 * sizeof(T) + sizeof(Place));
  }
  Index position(std::int32_t cluster) const { return position_[static_cast<std::size_t>(cluster)]; }
  bool is_absent(Index p) const { return absent_[at(p)] != T(0); }

  T& entry(Index p, Index q) { return p < q ? row_[at(q)][p] : row_[at(p)][q]; }
  T entry(Index p, Index q) const { return p < q ? row_[at(q)][p] : row_[at(p)][q]; }
  /// What decides which of two clusters is the nearer one.
  T distance(Index p, Index q) const {
    if constexpr (Rule::is_mean) return entry(p, q) / (size_[at(p)] * size_[at(q)]);
    return entry(p, q);
  }

  static constexpr Index block_rows = 32;  // of a task, when all rows are found
  static constexpr Index block_columns = 1024;

  /// @param begin  begin(first, last, worker) tells where rows go
  template <class Values, class Report, class Begin>
  void find_nearest(const Values& values, const Report& report, const Begin& begin) {
    begin_search();
    std::vector<LinkageScratch> scratch(columns_.size());
    std::vector<Scratch<T>> buffer(columns_.size());
    const Index tasks = (clusters_ + block_rows - 1) / block_rows, rounds = std::min<Index>(tasks, 16);
    for (Index round = 0; round < rounds; ++round) {
      const Index first_task = tasks * round / rounds, last_task = tasks * (round + 1) / rounds;
      parallel_for(threads_for(clusters_ * clusters_ / 2), last_task - first_task, [&](Index task, int worker) {
        const auto w = static_cast<std::size_t>(worker);
        const Index first = (first_task + task) * block_rows, last = std::min(first + block_rows, clusters_);
        begin(first, last, w);
        T* out = buffer[w].reserve(block_rows * block_columns);
        for (RowRange range{0, 0}; range.first < last; range.first = range.last) {
          range.last = std::min(range.first + block_columns, last);
          values(RowRange{first, last}, range, out, scratch[w]);
          for (Index i = std::max(first, range.first + 1); i < last; ++i)
            std::copy_n(out + (i - first) * range.size(), std::min(range.last, i) - range.first,
                        row_[at(i)] + range.first);
        }
        for (Index i = first; i < last; ++i) search_row(row_[at(i)], i, worker);
      });
      report(std::min(last_task * block_rows, clusters_));
    }
    end_search();
  }

  // A search of all rows: each is searched once, in ascending order by each worker.
  void begin_search() {
    if constexpr (Rule::is_mean) {
      inverse_.resize(at(width_));
      for (Index p = 0; p < width_; ++p) inverse_[at(p)] = T(1) / size_[at(p)];
    }
    for (Columns& columns : columns_) {
      columns.lowest.assign(at(width_), infinity);
      columns.second.assign(at(width_), infinity);
      columns.place.assign(at(width_), 0);
    }
  }

  void search_row(const T* row, Index p, int worker) {
    Columns& columns = columns_[static_cast<std::size_t>(worker)];
    const T *size = nullptr, *inverse = nullptr;
    if constexpr (Rule::is_mean) {
      size = size_.data();
      inverse = inverse_.data();
    }
    found_[at(p)] = hierarchy_kernels::scan_triangle_row(compiled::hierarchy::TriangleRowTask<T>{
        row, p, static_cast<Place>(p), size, inverse, size_[at(p)], absent_.data(), columns.lowest.data(),
        columns.second.data(), columns.place.data()});
  }

  void end_search() {
    for (const Columns& columns : columns_)
      for (Index p = 0; p < width_; ++p) {
        auto& found = found_[at(p)];
        join(found, {columns.lowest[at(p)], columns.second[at(p)], columns.place[at(p)]});
      }
  }

  static void join(compiled::hierarchy::TwoLowest<T>& found, const compiled::hierarchy::TwoLowest<T>& other) {
    const bool is_first = other.lowest < found.lowest || (other.lowest == found.lowest && other.place < found.place);
    found.second = std::min({std::max(found.lowest, other.lowest), found.second, other.second});
    if (!is_first) return;
    found.lowest = other.lowest;
    found.place = other.place;
  }

  NearestCluster nearest_of(Index p) const {
    const auto& found = found_[at(p)];
    require_finite(found.lowest);
    return {cluster_[at(static_cast<Index>(found.place))], static_cast<double>(found.lowest),
            static_cast<double>(found.second)};
  }

  // ---- many merges: one sweep ----

  static constexpr Index sweep_rows = 16;

  /// A pair's columns, and its number.
  struct ColumnPair {
    std::int32_t a;
    std::int32_t b;
    std::int32_t number;
  };
  /// The pairs as the rows of a task of a sweep see them, by their numbers.
  struct PairsOfTask {
    std::vector<ColumnPair> left;      // both columns are in all of its rows
    std::vector<std::int32_t> around;  // a is a column of all of its rows, b is a row below them
    std::vector<std::int32_t> within;  // anything else that concerns one of its rows
    std::vector<T> below;              // of those around: the entries of row b, sweep_rows of them
  };

  void sweep(const std::vector<PositionPair>& pairs, NearestLinks& links) {
    own_.assign(at(width_), -1);
    for (std::size_t p = 0; p < pairs.size(); ++p) own_[at(pairs[p].a)] = static_cast<std::int32_t>(p);
    std::vector<T> new_absent = absent_, new_size = size_;
    for (const PositionPair& pair : pairs) {
      new_absent[at(pair.b)] = infinity;
      new_size[at(pair.a)] += new_size[at(pair.b)];
    }
    alive_ -= static_cast<Index>(pairs.size());
    const bool closes_gaps = alive_ < fewest_in(width_);
    old_absent_.swap(absent_);
    old_size_.swap(size_);
    old_width_ = width_;
    if (closes_gaps) {
      close_gaps(new_absent, new_size);
    } else {
      absent_.swap(new_absent);
      size_.swap(new_size);
    }
    begin_search();
    std::vector<PairsOfTask> of_worker(columns_.size());
    parallel_for(threads_for(old_width_ * old_width_ / 2), (old_width_ + sweep_rows - 1) / sweep_rows,
                 [&](Index task, int worker) {
                   sweep_task(pairs, task * sweep_rows, of_worker[static_cast<std::size_t>(worker)], closes_gaps,
                              worker);
                 });
    if (closes_gaps) {
      for (std::size_t p = 0; p < kept_.size(); ++p) row_[p] = row_[at(kept_[p])];
      row_.resize(kept_.size());
    }
    end_search();
    for (Index p = 0; p < width_; ++p) {
      if (is_absent(p)) continue;
      const NearestCluster found = nearest_of(p);
      const NearestCluster& known = links.nearest(cluster_[at(p)]);
      if (known.cluster != found.cluster || known.value != found.value) links.set(cluster_[at(p)], found);
    }
  }

  /// The positions that are left, and their numbers from now on.
  void close_gaps(const std::vector<T>& new_absent, const std::vector<T>& new_size) {
    kept_.clear();
    new_position_.assign(at(width_), -1);
    absent_.assign(at(alive_), T(0));
    size_.resize(at(alive_));
    std::vector<std::int32_t> clusters(at(alive_));
    for (Index p = 0; p < width_; ++p) {
      if (new_absent[at(p)] != T(0)) continue;
      const auto to = kept_.size();
      new_position_[at(p)] = static_cast<std::int32_t>(to);
      size_[to] = new_size[at(p)];
      clusters[to] = cluster_[at(p)];
      position_[static_cast<std::size_t>(clusters[to])] = static_cast<std::int32_t>(to);
      kept_.push_back(static_cast<std::int32_t>(p));
    }
    cluster_.swap(clusters);
    width_ = alive_;
  }

  /// Rows [first, first + sweep_rows) by their old positions. What a row needs of others is of clusters that are gone
  /// after this sweep: nobody changes those rows.
  void sweep_task(const std::vector<PositionPair>& pairs, Index first, PairsOfTask& of, bool closes_gaps, int worker) {
    const Index last = std::min(first + sweep_rows, old_width_);
    sort_out(pairs, first, last, of);
    read_below(pairs, first, last, of);
    for (Index x = first; x < last; ++x) {
      if (is_gone(x)) continue;
      T* row = row_[at(x)];
      const std::int32_t own = own_[at(x)];
      if (own >= 0) join_rows(pairs[static_cast<std::size_t>(own)]);
      const T size = size_of(x, pairs);
      const T* below = of.below.data() + (x - first);
      for (std::size_t p = 0; p < of.around.size(); ++p, below += sweep_rows) {
        const PositionPair& pair = pairs[static_cast<std::size_t>(of.around[p])];
        const T to_b = own < 0 ? *below : entry_below(pairs, pair, x);
        row[pair.a] = Rule::join(row[pair.a], to_b, pair.clusters, size);
      }
      for (const ColumnPair& columns : of.left)
        row[columns.a] =
            Rule::join(row[columns.a], row[columns.b], pairs[static_cast<std::size_t>(columns.number)].clusters, size);
      for (const std::int32_t p : of.within) {
        const PositionPair& pair = pairs[static_cast<std::size_t>(p)];
        if (pair.b < x)
          row[pair.a] = Rule::join(row[pair.a], row[pair.b], pair.clusters, size);
        else if (pair.a < x && x < pair.b)
          row[pair.a] = Rule::join(row[pair.a], entry_below(pairs, pair, x), pair.clusters, size);
      }
      if (closes_gaps) {
        Index to = 0;
        for (; kept_[at(to)] < x; ++to) row[to] = row[kept_[at(to)]];
        search_row(row, to, worker);
      } else {
        search_row(row, x, worker);
      }
    }
  }

  void sort_out(const std::vector<PositionPair>& pairs, Index first, Index last, PairsOfTask& of) const {
    of.left.clear();
    of.around.clear();
    of.within.clear();
    for (std::size_t p = 0; p < pairs.size() && pairs[p].a < last; ++p) {
      const auto number = static_cast<std::int32_t>(p);
      if (pairs[p].b < first)
        of.left.push_back({static_cast<std::int32_t>(pairs[p].a), static_cast<std::int32_t>(pairs[p].b), number});
      else if (pairs[p].a < first && pairs[p].b >= last)
        of.around.push_back(number);
      else
        of.within.push_back(number);
    }
  }

  // Columns of rows below, of which a few entries stand side by side: once for all rows of the task.
  void read_below(const std::vector<PositionPair>& pairs, Index first, Index last, PairsOfTask& of) const {
    constexpr std::size_t ahead = 16;
    of.below.resize(of.around.size() * static_cast<std::size_t>(sweep_rows));
    T* below = of.below.data();
    const auto start = [&](std::size_t p) { return row_[at(pairs[static_cast<std::size_t>(of.around[p])].b)] + first; };
    for (std::size_t p = 0; p < of.around.size(); ++p, below += sweep_rows) {
#if defined(__GNUC__)
      if (p + ahead < of.around.size()) {
        __builtin_prefetch(start(p + ahead));
        __builtin_prefetch(start(p + ahead) + sweep_rows - 1);
      }
#endif
      std::copy_n(start(p), last - first, below);
    }
  }

  // By its old position: whether a cluster is or has become absent.
  bool is_gone(Index x) const { return width_ != old_width_ ? new_position_[at(x)] < 0 : is_absent(x); }
  // That it has from now on.
  T size_of(Index x, const std::vector<PositionPair>& pairs) const {
    const std::int32_t own = own_[at(x)];
    if (own < 0) return old_size_[at(x)];
    const JoinedClusters<T>& joined = pairs[static_cast<std::size_t>(own)].clusters;
    return joined.size_a + joined.size_b;
  }

  /// Joins row b to row a as far as that goes.
  void join_rows(const PositionPair& pair) {
    T* a = row_[at(pair.a)];
    const T* b = row_[at(pair.b)];
    for (Index j = 0; j < pair.a; ++j) a[j] = Rule::join(a[j], b[j], pair.clusters, old_size_[at(j)]);
  }

  /// The distance of row x, joined with its own partner, to the b of a pair whose row is below.
  T entry_below(const std::vector<PositionPair>& pairs, const PositionPair& pair, Index x) const {
    const T value = row_[at(pair.b)][x];
    const std::int32_t own = own_[at(x)];
    if (own < 0) return value;
    const PositionPair& of_x = pairs[static_cast<std::size_t>(own)];
    return Rule::join(value, entry(pair.b, of_x.b), of_x.clusters, old_size_[at(pair.b)]);
  }

  // ---- few merges: their entries alone ----

  void merge_few(const std::vector<PositionPair>& pairs, NearestLinks& links) {
    for (const PositionPair& pair : pairs) {
      const Chunks chunks(width_, 4096);
      parallel_for(threads_, chunks.count(), [&](Index chunk) {
        for (Index x = chunks.begin(chunk); x < chunks.end(chunk); ++x) {
          ask_for_column(pair.a, x);
          if (pair.b > pair.a + 7) ask_for_column(pair.b, x);  // else mostly the same line
          if (x == pair.a || x == pair.b || is_absent(x)) continue;
          T& value = entry(pair.a, x);
          value = Rule::join(value, entry(pair.b, x), pair.clusters, size_[at(x)]);
        }
      });
      absent_[at(pair.b)] = infinity;
      size_[at(pair.a)] += size_[at(pair.b)];
      --alive_;
    }
    std::vector<std::int32_t> lost;  // clusters whose nearest is not known any more
    for (const PositionPair& pair : pairs) {
      const std::int32_t a = cluster_[at(pair.a)];
      lost.push_back(a);
      for (const std::int32_t merged : {a, cluster_[at(pair.b)]})
        links.for_fans(merged, [&](std::int32_t fan) {
          const NearestCluster known = links.nearest(fan);
          const auto value = static_cast<double>(distance(position(fan), pair.a));
          if (value <= known.value || value < known.beyond)
            links.set(fan, {a, value, known.beyond});
          else
            lost.push_back(fan);
        });
    }
    std::vector<NearestCluster> found(lost.size());
    parallel_for(threads_for(width_ * static_cast<Index>(lost.size())), static_cast<Index>(lost.size()),
                 [&](Index i) { found[at(i)] = search_one(position(lost[at(i)])); });
    for (std::size_t i = 0; i < lost.size(); ++i) links.set(lost[i], found[i]);
    links.agree(lost);
  }

  /// Begins to read the entry of a column that will be wanted soon, when that of row x is: no processor foresees it.
  void ask_for_column([[maybe_unused]] Index column, [[maybe_unused]] Index x) const {
#if defined(__GNUC__)
    constexpr Index ahead = 24;
    if (x >= column && x + ahead < width_) __builtin_prefetch(row_[at(x + ahead)] + column);
#endif
  }

  NearestCluster search_one(Index p) const {
    NearestCluster nearest{-1, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};
    for (Index q = 0; q < width_; ++q) {
      ask_for_column(p, q);
      if (q == p || is_absent(q)) continue;
      const auto value = static_cast<double>(distance(p, q));
      if (nearest.cluster < 0 || value < nearest.value) {
        nearest.beyond = nearest.value;
        nearest.value = value;
        nearest.cluster = cluster_[at(q)];
      } else {
        nearest.beyond = std::min(nearest.beyond, value);
      }
    }
    require_finite(nearest.value);
    return nearest;
  }

  Index clusters_;  // at first
  Index width_;     // positions
  Index alive_;     // clusters that are left
  int threads_;
  std::unique_ptr<T[]> value_;
  std::vector<T*> row_;                 // by position, as what follows
  std::vector<std::int32_t> cluster_;   // that stands there
  std::vector<std::int32_t> position_;  // by cluster
  std::vector<T> size_;
  std::vector<T> inverse_;  // 1 / size, where values are of means
  std::vector<T> absent_;   // 0, or infinity
  std::vector<compiled::hierarchy::TwoLowest<T>> found_;
  std::vector<Columns> columns_;  // by worker
  // Of a sweep.
  Index old_width_ = 0;
  std::vector<T> old_absent_;
  std::vector<T> old_size_;
  std::vector<std::int32_t> own_;           // by old position: the pair whose a it is; −1 = none
  std::vector<std::int32_t> kept_;          // where gaps are closed: the old positions that stay
  std::vector<std::int32_t> new_position_;  // by old position; −1 = absent
};

}  // namespace detail
CORYMB_END
