#pragma once

#include <corymb/density/detail/dbscan/cell_grid.hpp>
#include <corymb/neighbors/detail/leaf_search.hpp>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Positions of a grid from one to another.
struct PositionRange {
  std::int32_t begin;
  std::int32_t end;
  Index size() const { return end - begin; }
};

/// Whether two ranges of positions have a pair within a limit. Memory of one worker.
template <class T>
class PairsWithin {
 public:
  bool any(const CellGrid<T>& grid, PairValue kind, T limit, PositionRange a, PositionRange b) {
    if (a.size() > b.size()) std::swap(a, b);
    if (a.size() * b.size() > most_pairs) return any_by_trees(grid, kind, limit, a, b);
    query_.resize(static_cast<std::size_t>(grid.cols()));
    const std::int32_t run[2] = {b.begin, b.end};
    for (Index p = a.begin; p < a.end; ++p) {
      grid.copy_row(p, query_.data());
      if (kernels::points_within(compiled::RunsTask<T>{kind, grid.cols(), query_.data(), grid.points(), grid.stride(),
                                                       run, 1, limit, 1, nullptr}) > 0)
        return true;
    }
    return false;
  }

 private:
  static constexpr Index most_pairs = Index{1} << 14;

  static bool any_by_trees(const CellGrid<T>& grid, PairValue kind, T limit, PositionRange a, PositionRange b) {
    const RowMatrix<T> queries = rows_of(grid, a), points = rows_of(grid, b);
    const KdTree<T> query_tree(Points<T>(queries), 1), point_tree(Points<T>(points), 1);
    const BoxGeometry<T> geometry(point_tree, query_tree, kind);
    LeafSearch<BoxGeometry<T>> search(geometry);
    const std::vector<T> limits(static_cast<std::size_t>(leaf_places), limit);
    bool found = false;
    for (Index leaf = 0; leaf < query_tree.leaves() && !found; ++leaf)
      search.run(
          leaf, -1, limits.data(), [&](T value, Index) { return !found && value <= limit; },
          [&](const LeafPair<T>&, Index) { found = true; });
    return found;
  }

  static RowMatrix<T> rows_of(const CellGrid<T>& grid, PositionRange range) {
    RowMatrix<T> rows(range.size(), grid.cols());
    for (Index i = 0; i < rows.rows(); ++i) grid.copy_row(range.begin + i, rows.row(i).data());
    return rows;
  }

  std::vector<T> query_;
};

}  // namespace detail
CORYMB_END
