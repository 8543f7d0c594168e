#pragma once

// Everything that the build mode offers. Programs that compile often include what they use instead.

#include <corymb/core/errors.hpp>
#include <corymb/core/execution.hpp>
#include <corymb/core/linalg.hpp>
#include <corymb/core/linear_assignment.hpp>
#include <corymb/core/parallel.hpp>
#include <corymb/core/points.hpp>
#include <corymb/core/random.hpp>
#include <corymb/core/row_source.hpp>
#include <corymb/core/types.hpp>
#include <corymb/core/union_find.hpp>
#include <corymb/datasets/bundled.hpp>
#include <corymb/datasets/generators.hpp>
#include <corymb/distance/cluster_sums.hpp>
#include <corymb/distance/distance_matrix.hpp>
#include <corymb/distance/gower.hpp>
#include <corymb/distance/metric.hpp>
#include <corymb/distance/nearest.hpp>
#include <corymb/distance/pairwise.hpp>
#include <corymb/metrics/contingency.hpp>
#include <corymb/metrics/external.hpp>
#include <corymb/metrics/information.hpp>
#include <corymb/metrics/overlap.hpp>
#include <corymb/metrics/pairs.hpp>
#include <corymb/partition/bisecting_kmeans.hpp>
#include <corymb/partition/clara.hpp>
#include <corymb/partition/clarans.hpp>
#include <corymb/partition/kmeans.hpp>
#include <corymb/partition/kmedoids.hpp>
#include <corymb/partition/medoid_silhouette.hpp>
#include <corymb/partition/minibatch_kmeans.hpp>
#include <corymb/partition/sparse_kmeans.hpp>
#include <corymb/partition/spherical_kmeans.hpp>
#include <corymb/preprocess/pca.hpp>
#include <corymb/preprocess/standardize.hpp>
#if defined(CORYMB_COMPILED)
#include <corymb/io/csv.hpp>
#include <corymb/io/idx.hpp>
#include <corymb/io/labels.hpp>
#include <corymb/io/matrix.hpp>
#include <corymb/io/npy.hpp>
#include <corymb/viz/picture.hpp>
#include <corymb/viz/scatter.hpp>
#endif
