#pragma once

#include <corymb/core/config.hpp>

#include <cstdint>

CORYMB_BEGIN

/// Sizes, offsets and row numbers: signed, 64 bits.
using Index = Eigen::Index;

/// One cluster number per point. Clusters are numbered from 0; `noise` marks points in no cluster.
using Labels = Eigen::Matrix<std::int32_t, Eigen::Dynamic, 1>;

/// The label of a point that belongs to no cluster.
inline constexpr std::int32_t noise = -1;

/// Result matrices are row-major: one point, centroid or component per row.
template <class T>
using RowMatrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// One number per row or cluster, in double.
using Vector = Eigen::VectorXd;

/// Numbers of clusters to choose from: first, first + 1, …, last.
struct KRange {
  Index first;
  Index last;
};

CORYMB_END
