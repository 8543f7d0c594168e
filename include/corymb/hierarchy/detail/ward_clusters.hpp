#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/core/types.hpp>
#include <corymb/distance/detail/kernels.hpp>
#include <corymb/hierarchy/detail/hierarchy_kernels.hpp>
#include <corymb/hierarchy/detail/nearest_links.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Clusters by their centroids and sizes, under Ward's distance (see merge_in_rounds). Values are its squares.
///
/// The clusters whose nearest is not known are searched for together: a panel of them against one block of clusters
/// after the other. Both are of clusters that are near each other, so a block that is too far from a panel is left out
/// by their boxes; and scores in float, from the block's own centre, are precise enough to leave few pairs whose
/// defined value has to be asked for: |A| |B| 2 / (|A| + |B|) · Σ (a_j − b_j)² in double.
class WardClusters {
 public:
  /// @param centroids  the rows; no two are equal
  /// @param size       by row, > 0
  /// @param order      of the rows, so that near ones stand together
  WardClusters(RowMatrix<double> centroids, std::vector<double> size, std::vector<std::int32_t> order, int threads)
      : centroid_(std::move(centroids)),
        size_(std::move(size)),
        order_(std::move(order)),
        threads_(threads),
        panel_rows_(hierarchy_kernels::ward_panel_rows()),
        place_(size_.size(), -1),
        alive_(clusters()),
        scratch_(static_cast<std::size_t>(threads)) {
    choose_scale();
    pack();
  }

  /// Bytes for so many clusters of d coordinates.
  static double memory(Index clusters, Index d, int threads) {
    const auto n = static_cast<double>(clusters), coordinates = static_cast<double>(d);
    return n * (coordinates * (sizeof(double) + sizeof(float)) + 64) +
           threads * (static_cast<double>(block_clusters * sizeof(compiled::hierarchy::WardPair)) + 16 * coordinates) *
               64;
  }

  Index size() const { return clusters(); }
  static double height(double value) { return std::sqrt(value); }

  void start(NearestLinks& links) { search(order_, links); }

  void merge(std::span<const ClusterPair> pairs, NearestLinks& links) {
    for (const ClusterPair& pair : pairs) {
      links.leave(pair.a);
      links.leave(pair.b);
      join(pair.a, pair.b);
    }
    std::vector<std::int32_t> lost;  // clusters whose nearest is not known any more
    for (const ClusterPair& pair : pairs) {
      lost.push_back(pair.a);
      for (const std::int32_t merged : {pair.a, pair.b})
        links.for_fans(merged, [&](std::int32_t fan) {
          const NearestCluster known = links.nearest(fan);
          const double value = value_of(fan, pair.a);
          if (value <= known.value || value < known.beyond)
            links.set(fan, {pair.a, value, known.beyond});
          else
            lost.push_back(fan);
        });
    }
    if (8 * (packed_ - alive_) > packed_) pack();
    std::sort(lost.begin(), lost.end(), [&](std::int32_t x, std::int32_t y) { return place(x) < place(y); });
    search(lost, links);
  }

 private:
  static constexpr Index block_clusters = 32 * compiled::hierarchy::ward_tile;
  static constexpr Index tiles = block_clusters / compiled::hierarchy::ward_tile;

  /// Clusters that stand together.
  struct Block {
    Index count = 0;
    float largest_norm = 0;        // squared
    float largest_reciprocal = 0;  // of the sizes
  };
  /// What a worker needs.
  struct Workspace {
    Scratch<float> kernel;
    Scratch<double> panel;
    std::vector<double> box;
    std::vector<compiled::hierarchy::WardPair> pairs;
    std::vector<compiled::hierarchy::WardPair> candidates;  // point = the cluster
    std::vector<float> reciprocal, lowest, second;
    std::vector<std::int32_t> own;
  };

  static std::size_t at(Index number) { return static_cast<std::size_t>(number); }
  Index clusters() const { return centroid_.rows(); }
  Index cols() const { return centroid_.cols(); }
  Index place(std::int32_t cluster) const { return place_[static_cast<std::size_t>(cluster)]; }
  Index blocks() const { return static_cast<Index>(block_.size()); }

  double value_of(std::int32_t i, std::int32_t j) const {
    const double *x = centroid_.data() + i * cols(), *y = centroid_.data() + j * cols();
    double sum = 0;
    for (Index c = 0; c < cols(); ++c) sum += (x[c] - y[c]) * (x[c] - y[c]);
    return weight_of(size_[at(i)], size_[at(j)]) * sum;
  }
  static double weight_of(double x, double y) { return x == y ? x : 2 * (x * y / (x + y)); }

  void join(std::int32_t a, std::int32_t b) {
    const double all = size_[at(a)] + size_[at(b)], share_a = size_[at(a)] / all, share_b = size_[at(b)] / all;
    double* of_a = centroid_.data() + a * cols();
    const double* of_b = centroid_.data() + b * cols();
    for (Index c = 0; c < cols(); ++c) of_a[c] = share_a * of_a[c] + share_b * of_b[c];
    size_[at(a)] = all;
    --alive_;
    forget(b);
    put(a, place(a));
  }

  // ---- blocks ----

  // A power of two that brings the coordinates into the range of float.
  void choose_scale() {
    double spread = 0;
    for (Index c = 0; c < cols(); ++c)
      spread = std::max(spread, centroid_.col(c).maxCoeff() - centroid_.col(c).minCoeff());
    int exponent = 0;
    if (spread > 0) std::frexp(spread, &exponent);
    scale_ = std::ldexp(1.0, std::clamp(-exponent, -1000, 1000));
    largest_size_ = *std::max_element(size_.begin(), size_.end());
  }

  float* packed_of(Index block) { return values_.data() + block * block_clusters * (cols() + 1); }
  const float* packed_of(Index block) const { return values_.data() + block * block_clusters * (cols() + 1); }
  double* centre_of(Index block) { return centre_.data() + block * cols(); }
  double* box_of(Index block) { return box_.data() + 2 * block * cols(); }

  // Puts the clusters that are left into blocks.
  void pack() {
    std::erase_if(order_, [&](std::int32_t c) { return is_gone(c); });
    packed_ = static_cast<Index>(order_.size());
    const Index count = (packed_ + block_clusters - 1) / block_clusters;
    block_.assign(at(count), Block{});
    values_.reserve(count * block_clusters * (cols() + 1));
    reciprocal_.assign(at(count * block_clusters), 0);
    most_in_tile_.assign(at(count * tiles), 0);
    centre_.assign(at(count * cols()), 0);
    box_.resize(at(2 * count * cols()));
    at_place_.assign(at(count * block_clusters), -1);
    parallel_for(packed_ < 4096 ? 1 : threads_, count, [&](Index block) { pack_block(block); });
  }

  void pack_block(Index block) {
    const Index first = block * block_clusters, last = std::min(first + block_clusters, packed_);
    std::vector<std::int32_t> members(order_.begin() + first, order_.begin() + last);
    // Tiles of like sizes: one factor serves all of a tile.
    std::stable_sort(members.begin(), members.end(),
                     [&](std::int32_t x, std::int32_t y) { return size_[at(x)] < size_[at(y)]; });
    block_[at(block)].count = last - first;
    double* centre = centre_of(block);
    for (const std::int32_t c : members)
      for (Index j = 0; j < cols(); ++j) centre[j] += centroid_(c, j);
    for (Index j = 0; j < cols(); ++j) centre[j] /= static_cast<double>(members.size());
    std::fill_n(box_of(block), cols(), std::numeric_limits<double>::infinity());
    std::fill_n(box_of(block) + cols(), cols(), -std::numeric_limits<double>::infinity());
    std::fill_n(packed_of(block), block_clusters * (cols() + 1), 0.0f);
    std::fill_n(packed_of(block), block_clusters, std::numeric_limits<float>::infinity());
    Index to = first;
    for (const std::int32_t c : members) put(c, to++);
  }

  // Where the numbers of a place stand: its norm, and the first of its coefficients, which are a tile apart.
  float* norm_at(Index at_place) {
    const Index block = at_place / block_clusters;
    return packed_of(block) + at_place % block_clusters;
  }
  float* coefficients_at(Index at_place) {
    constexpr Index tile = compiled::hierarchy::ward_tile;
    const Index block = at_place / block_clusters, within = at_place % block_clusters;
    const Index norms = (block_[at(block)].count + tile - 1) / tile * tile;
    return packed_of(block) + norms + within / tile * tile * cols() + within % tile;
  }

  void put(std::int32_t c, Index to) {
    constexpr Index tile = compiled::hierarchy::ward_tile;
    const Index index = to / block_clusters;
    Block& block = block_[at(index)];
    place_[at(c)] = static_cast<std::int32_t>(to);
    at_place_[at(to)] = c;
    const double* centre = centre_of(index);
    double *low = box_of(index), *high = low + cols();
    float* out = coefficients_at(to);
    double norm = 0;
    for (Index j = 0; j < cols(); ++j, out += tile) {
      const double coordinate = centroid_(c, j);
      const auto value = static_cast<float>((coordinate - centre[j]) * scale_);
      *out = -2 * value;
      norm += static_cast<double>(value) * static_cast<double>(value);
      low[j] = std::min(low[j], coordinate);
      high[j] = std::max(high[j], coordinate);
    }
    *norm_at(to) = static_cast<float>(norm);
    block.largest_norm = std::max(block.largest_norm, std::nextafter(static_cast<float>(norm), 2e38f));
    const float reciprocal = reciprocal_of(c);
    reciprocal_[at(to)] = reciprocal;
    float& most = most_in_tile_[at(to / tile)];
    most = std::max(most, reciprocal);
    block.largest_reciprocal = std::max(block.largest_reciprocal, reciprocal);
  }

  void forget(std::int32_t c) {
    *norm_at(place(c)) = std::numeric_limits<float>::infinity();
    at_place_[at(place(c))] = -1;
    place_[at(c)] = gone;
  }
  bool is_gone(std::int32_t c) const { return place(c) == gone; }
  static constexpr std::int32_t gone = -2;

  // Of the size in units of the largest one.
  float reciprocal_of(std::int32_t c) const { return static_cast<float>(largest_size_ / size_[at(c)]); }

  // ---- searches ----

  // Finds the nearest of some clusters, by ascending places.
  void search(const std::vector<std::int32_t>& wanted, NearestLinks& links) {
    std::vector<NearestCluster> found(wanted.size());
    const auto count = static_cast<Index>(wanted.size());
    const int threads = count * packed_ < 500000 ? 1 : threads_;  // waking them takes longer
    parallel_for(threads, (count + panel_rows_ - 1) / panel_rows_, [&](Index task, int worker) {
      const Index first = task * panel_rows_, last = std::min(first + panel_rows_, count);
      search_panel(std::span(wanted).subspan(at(first), at(last - first)),
                   std::span(found).subspan(at(first), at(last - first)), scratch_[at(worker)]);
    });
    for (std::size_t i = 0; i < wanted.size(); ++i) links.set(wanted[i], found[i]);
    links.agree(wanted);
  }

  void search_panel(std::span<const std::int32_t> rows, std::span<NearestCluster> found, Workspace& work) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const float largest_reciprocal = fill_panel(rows, work);
    std::fill(found.begin(), found.end(), NearestCluster{-1, infinity, infinity});
    work.candidates.clear();
    work.pairs.resize(at(panel_rows_ * block_clusters));
    float* scratch = work.kernel.reserve(panel_rows_ * cols());
    const Index home = place(rows[0]) / block_clusters;
    for (Index step = 0; step < blocks(); ++step) {
      const Index index = (home + step) % blocks();
      const Block& block = block_[at(index)];
      if (is_beyond(index, largest_reciprocal, rows.size(), work)) continue;
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const Index own = place(rows[i]) - index * block_clusters;
        work.own[i] = own >= 0 && own < block_clusters ? static_cast<std::int32_t>(own) : -1;
      }
      const Index pairs = hierarchy_kernels::ward_pairs(compiled::hierarchy::WardPairsTask{
          cols(), work.panel.data(), static_cast<Index>(rows.size()), work.reciprocal.data(), work.own.data(), scale_,
          centre_of(index), packed_of(index), block.count, reciprocal_.data() + index * block_clusters,
          most_in_tile_.data() + index * tiles, block.largest_norm, work.lowest.data(), work.second.data(),
          work.pairs.data(), scratch});
      for (Index p = 0; p < pairs; ++p) {
        compiled::hierarchy::WardPair pair = work.pairs[at(p)];
        pair.point = at_place_[at(index * block_clusters + pair.point)];
        work.candidates.push_back(pair);
      }
      if (work.candidates.size() > 65536) settle(rows, found, work);
    }
    settle(rows, found, work);
  }

  // Asks the candidates that may still be among the two nearest for their values.
  void settle(std::span<const std::int32_t> rows, std::span<NearestCluster> found, Workspace& work) const {
    for (const compiled::hierarchy::WardPair& pair : work.candidates) {
      if (pair.least > work.second[at(pair.row)]) continue;
      NearestCluster& nearest = found[at(pair.row)];
      const double value = value_of(rows[at(pair.row)], pair.point);
      if (value < nearest.value || (value == nearest.value && pair.point < nearest.cluster) || nearest.cluster < 0) {
        nearest.beyond = nearest.value;
        nearest.value = value;
        nearest.cluster = pair.point;
      } else {
        nearest.beyond = std::min(nearest.beyond, value);
      }
    }
    work.candidates.clear();
  }

  float fill_panel(std::span<const std::int32_t> rows, Workspace& work) const {
    constexpr float none = std::numeric_limits<float>::max();
    double* panel = work.panel.reserve(panel_rows_ * cols());
    work.reciprocal.assign(at(panel_rows_), 1);
    work.lowest.assign(at(panel_rows_), -1);
    work.second.assign(at(panel_rows_), -1);
    work.own.assign(at(panel_rows_), -1);
    work.box.resize(at(2 * cols()));
    float largest = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      work.lowest[i] = work.second[i] = none;
      work.reciprocal[i] = reciprocal_of(rows[i]);
      largest = std::max(largest, work.reciprocal[i]);
    }
    for (Index j = 0; j < cols(); ++j) {
      double low = centroid_(rows[0], j), high = low;
      for (Index i = 0; i < panel_rows_; ++i) {
        const double value = centroid_(rows[std::min(at(i), rows.size() - 1)], j);
        panel[j * panel_rows_ + i] = value;
        low = std::min(low, value);
        high = std::max(high, value);
      }
      work.box[at(j)] = low;
      work.box[at(cols() + j)] = high;
    }
    return largest;
  }

  // Whether no cluster of a block can be among the two nearest of any row of the panel.
  bool is_beyond(Index block, float largest_reciprocal, std::size_t rows, const Workspace& work) {
    const float most = *std::max_element(work.second.begin(), work.second.begin() + static_cast<Index>(rows));
    const double *low = box_of(block), *high = low + cols();
    double squared = 0;
    for (Index j = 0; j < cols(); ++j) {
      const double gap = std::max({low[j] - work.box[at(cols() + j)], work.box[at(j)] - high[j], 0.0}) * scale_;
      squared += gap * gap;
    }
    const double reciprocals = static_cast<double>(largest_reciprocal + block_[at(block)].largest_reciprocal);
    return squared * (2 / reciprocals) * (1 - 1e-6) > static_cast<double>(most);
  }

  RowMatrix<double> centroid_;
  std::vector<double> size_;
  std::vector<std::int32_t> order_;  // clusters, near ones together
  int threads_;
  Index panel_rows_;
  std::vector<std::int32_t> place_;  // by cluster
  Index alive_;
  std::vector<Workspace> scratch_;
  double scale_ = 1;
  double largest_size_ = 1;
  // Since they were packed last, with what has changed. By block:
  Index packed_ = 0;  // clusters
  std::vector<Block> block_;
  Scratch<float> values_;
  std::vector<double> centre_;
  std::vector<double> box_;
  // By place:
  std::vector<std::int32_t> at_place_;  // the cluster; −1 = none
  std::vector<float> reciprocal_;
  std::vector<float> most_in_tile_;
};

}  // namespace detail
CORYMB_END
