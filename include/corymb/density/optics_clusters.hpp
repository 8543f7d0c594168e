#pragma once

#include <corymb/core/types.hpp>
#include <corymb/density/optics_result.hpp>

#include <cstdint>
#include <optional>
#include <vector>

CORYMB_BEGIN

/// The clusters of one density: those of dbscan with this eps and the min_points of the fit, in time O(n). Core rows,
/// those whose core distance is at most eps, have exactly dbscan's labels where distances are symmetric. A row that is
/// not core but within eps of one that is belongs to the cluster that comes first in the ordering of those that reach
/// it, and is noise where it stands before all of them (ExtractDBSCAN-Clustering of the paper): dbscan may give it
/// another of the clusters that reach it.
/// @param eps  in [0, max_eps], finite; a distance equal to it is within it
/// @return     n labels; clusters are numbered by their lowest core row, noise is −1
/// @throws InvalidArgument  eps out of range, or a result that optics() did not make.
inline Labels cut(const OpticsResult& result, double eps);

struct XiOptions {
  /// In (0, 1): how much lower, as a part, the reachability must fall into a cluster from one row to the next, and how
  /// much it must rise at its end. Larger values find only clusters that stand out.
  double xi = 0.05;
  /// ≥ 2: clusters of fewer rows are not reported. Empty = min_samples of the fit, or 2 if that is less.
  std::optional<Index> min_cluster_size = {};
  /// Whether a cluster ends before rows at its end whose predecessors are not in it (Schubert and Gertz): they belong
  /// to what is around it.
  bool predecessor_correction = true;
};

/// A cluster of a hierarchy: the rows ordering[begin], …, ordering[end − 1].
struct XiCluster {
  Index begin = 0;
  Index end = 0;
  std::int32_t parent = -1;    ///< the number of the smallest cluster around it; −1 = none
  std::int32_t label = noise;  ///< that its rows have, where no smaller cluster is within it; else noise
};

struct XiClusters {
  Labels labels;                     ///< n; clusters are numbered by their lowest row, noise is −1
  std::int32_t clusters = 0;         ///< how many there are
  std::vector<XiCluster> hierarchy;  ///< by their ends, those within another one before it
};

/// Clusters of different densities, and those within one another, from the shape of the reachability plot: a cluster
/// begins where the plot falls steeply and ends where it rises steeply, by the part xi from one row to the next. The
/// labels are those of the clusters that have no others within them.
///
/// A steep area may hold up to min_samples rows in a row that are not steep. Parameters mean the same as in
/// scikit-learn's cluster_optics_xi, and so do the clusters.
/// @throws InvalidArgument  xi or min_cluster_size out of range, or a result that optics() did not make.
/// @note Time O(n + c log n) for c pairs of steep areas in usual plots, memory O(n). M. Ankerst, M. M. Breunig, H.-P.
///       Kriegel, J. Sander, SIGMOD 1999, definitions 9 to 11, with r(x) > r(start of the fall) in 11.4c, as must be
///       meant. E. Schubert, M. Gertz, "Improving the cluster structure extracted from OPTICS plots", LWDA 2018.
inline XiClusters xi_clusters(const OpticsResult& result, const XiOptions& options = {});

CORYMB_END

#include <corymb/density/detail/optics/optics_clusters_impl.hpp>
