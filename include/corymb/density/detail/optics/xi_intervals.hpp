#pragma once

#include <corymb/density/optics_clusters.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// A reachability plot by places, and what its clusters are to be like.
struct XiPlot {
  double xi;
  Index min_cluster_size;
  Index most_level;                // places in a row that a steep area may have which are not steep
  std::vector<double> height;      // n + 1: reachabilities, and infinity behind the last
  std::vector<Index> predecessor;  // n places, −1 = none; empty = clusters are not corrected by them
};

/// Clusters between falls and rises of the plot. Names and numbers in comments are those of Ankerst et al.
class XiIntervals {
 public:
  explicit XiIntervals(const XiPlot& plot) : plot_(plot), height_(plot.height), lower_(1 - plot.xi) {}

  /// By their ends, those within another one before it.
  std::vector<XiCluster> find() {
    const auto n = static_cast<Index>(height_.size()) - 1;
    for (Index at = 0; at < n;) {
      highest_ = std::max(highest_, height(at));
      if (is_steep_fall(at)) {
        forget_low_falls();
        falls_.push_back({at, end_of_fall(at), 0});
        at = falls_.back().last + 1;
        highest_ = height(at);
      } else if (is_steep_rise(at)) {
        forget_low_falls();
        const Index last = end_of_rise(at);
        // The shorter clusters first.
        for (auto fall = falls_.rbegin(); fall != falls_.rend(); ++fall) add_between(*fall, at, last);
        at = last + 1;
        highest_ = height(at);
      } else {
        ++at;
      }
    }
    std::stable_sort(clusters_.begin(), clusters_.end(), [](const XiCluster& a, const XiCluster& b) {
      return a.end < b.end || (a.end == b.end && a.begin > b.begin);
    });
    return std::move(clusters_);
  }

 private:
  /// A steep downward area, whose heights do not rise.
  struct Fall {
    Index first;
    Index last;
    double highest_behind;  // up to the area that was found last
  };

  double height(Index place) const { return height_[static_cast<std::size_t>(place)]; }
  // Not a number between two infinite heights, or two of 0: then the plot neither falls nor rises.
  double ratio(Index place) const { return height(place) / height(place + 1); }
  bool is_steep_fall(Index place) const { return ratio(place) >= 1 / lower_; }
  bool is_steep_rise(Index place) const { return ratio(place) <= lower_; }

  Index end_of_fall(Index first) const {
    return end_of_area(
        first, [&](Index place) { return is_steep_fall(place); }, [&](Index place) { return ratio(place) < 1; });
  }
  Index end_of_rise(Index first) const {
    return end_of_area(
        first, [&](Index place) { return is_steep_rise(place); }, [&](Index place) { return ratio(place) > 1; });
  }

  // The last steep place of a maximal area (definition 10).
  template <class Steep, class Against>
  Index end_of_area(Index first, const Steep& is_steep, const Against& is_against) const {
    const auto n = static_cast<Index>(height_.size()) - 1;
    Index last = first, level = 0;
    for (Index place = first; place < n; ++place) {
      if (is_steep(place)) {
        last = place;
        level = 0;
      } else if (is_against(place) || ++level > plot_.most_level) {
        break;
      }
    }
    return last;
  }

  // Falls that begin lower, by xi, than the plot was since then begin no cluster any more.
  void forget_low_falls() {
    std::erase_if(falls_,
                  [&](const Fall& fall) { return std::isinf(highest_) || !(highest_ <= height(fall.first) * lower_); });
    for (Fall& fall : falls_) fall.highest_behind = std::max(fall.highest_behind, highest_);
  }

  /// The cluster from a fall to a rise, if there is one (definition 11).
  void add_between(const Fall& fall, Index rise_first, Index rise_last) {
    const double before = height(fall.first), behind = height(rise_last + 1);
    if (behind * lower_ < fall.highest_behind) return;
    // 4: where one side is higher by xi the cluster has only so much of it as is not above the other. Heights do not
    // rise within a fall, nor fall within a rise.
    Index first = fall.first, last = rise_last;
    const auto from = [&](Index place) { return height_.begin() + place; };
    if (before * lower_ >= behind)
      first += std::partition_point(from(fall.first + 1), from(fall.last + 1), [&](double h) { return h > behind; }) -
               from(fall.first + 1);
    else if (behind * lower_ >= before)
      last =
          rise_first + (std::partition_point(from(rise_first), from(rise_last), [&](double h) { return h <= before; }) -
                        from(rise_first));
    if (!plot_.predecessor.empty()) last = corrected_end(first, last);
    if (last - first + 1 < plot_.min_cluster_size || last < rise_first) return;
    clusters_.push_back({first, last + 1, -1, noise});
  }

  // Without the rows at the end that no row of the cluster reached, unless the cluster begins higher than they are.
  Index corrected_end(Index first, Index last) const {
    while (last > first && !(height(first) > height(last))) {
      const Index by = plot_.predecessor[static_cast<std::size_t>(last)];
      if (by >= first && by < last) break;
      --last;
    }
    return last;
  }

  const XiPlot& plot_;
  const std::vector<double>& height_;
  double lower_;        // 1 − xi
  double highest_ = 0;  // since the area that was found last
  std::vector<Fall> falls_;
  std::vector<XiCluster> clusters_;
};

}  // namespace detail
CORYMB_END
