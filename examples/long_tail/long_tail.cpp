// Uneven clusters: eight groups of which the largest has a hundred times the points of the smallest, labelled by a
// model that learns from its own labels. Equal partition (as SwAV and SeLa have it) must cut the large groups up;
// progressive partial optimal transport (P²OT) labels what is sure first and lets sizes differ. Paler points count
// less.
#include <corymb/core/random.hpp>
#include <corymb/datasets/generators.hpp>
#include <corymb/metrics/external.hpp>
#include <corymb/transport/partial_assignment.hpp>
#include <corymb/viz/scatter.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <limits>
#include <utility>
#include <vector>

namespace {

using corymb::Index;
using corymb::Labels;
using corymb::PartialAssignment;
using corymb::RowMatrix;

constexpr Index k = 8;
constexpr Index steps = 20;

/// What a model with these prototypes predicts, as costs.
RowMatrix<double> predict(const RowMatrix<double>& X, const RowMatrix<double>& prototypes) {
  RowMatrix<double> logits(X.rows(), k);
  corymb::point_costs(X, prototypes).block(0, X.rows(), 0, k, logits.data());
  return corymb::softmax_costs(-logits);
}

/// Self-labelling: the labels of a step move the prototypes of the next.
PartialAssignment<double> learn(
    const RowMatrix<double>& X, RowMatrix<double> prototypes,
    const std::function<PartialAssignment<double>(const RowMatrix<double>& costs, Index step)>& label) {
  PartialAssignment<double> labelled;
  for (Index step = 0; step <= steps; ++step) {
    labelled = label(predict(X, prototypes), step);
    const corymb::Vector masses = labelled.memberships.colwise().sum();
    for (Index c = 0; c < k; ++c)
      if (masses[c] > 0) prototypes.row(c) = labelled.memberships.col(c).transpose() * X / masses[c];
  }
  return labelled;
}

/// Mean F1 of the groups, each matched to the cluster that has most of it in common.
double macro_f1(const Labels& truth, const Labels& labels) {
  double sum = 0;
  for (std::int32_t group = 0; group < k; ++group) {
    double best = 0;
    for (std::int32_t c = 0; c < k; ++c) {
      const auto in_group = truth.array() == group, in_cluster = labels.array() == c;
      const double both = static_cast<double>((in_group && in_cluster).count());
      best = std::max(best, 2 * both / static_cast<double>(std::max<Index>(in_group.count() + in_cluster.count(), 1)));
    }
    sum += best;
  }
  return sum / k;
}

}  // namespace

int main() {
  std::vector<Index> sizes;
  corymb::BlobOptions blobs{.spread = {0.8}, .centers = RowMatrix<double>(k, 2), .seed = 1};
  for (Index c = 0; c < k; ++c) {
    sizes.push_back(static_cast<Index>(std::lround(2000 * std::pow(0.01, static_cast<double>(c) / (k - 1)))));
    const double angle = 2 * 3.14159265358979 * static_cast<double>(3 * c % k) / k;  // no two large ones side by side
    blobs.centers.row(c) << 5 * std::cos(angle), 5 * std::sin(angle);
  }
  const auto data = corymb::make_blobs(sizes, 2, blobs);
  const RowMatrix<double>& X = data.points;
  // A first model that knows roughly where the groups are.
  RowMatrix<double> start = data.centers;
  corymb::Random random(3);
  for (Index i = 0; i < start.size(); ++i) start.data()[i] += 0.8 * random.normal();

  const auto equal = learn(X, start, [&](const RowMatrix<double>& costs, Index) {
    // Equal clusters, everything assigned: what partial assignment is where nothing may give way.
    return corymb::progressive_partial_assignment(costs, 1, {.strength = std::numeric_limits<double>::infinity()});
  });
  const auto partial = learn(X, start, [&](const RowMatrix<double>& costs, Index step) {
    return corymb::progressive_partial_assignment(costs, corymb::progressive_mass(step, steps), {.strength = 0.1});
  });
  std::printf("%td points in groups of", X.rows());
  for (const Index size : sizes) std::printf(" %td", size);
  std::printf("\n%-18s %8s %8s %6s   sizes of clusters\n", "labels by", "accuracy", "F1", "ARI");
  for (const auto& [name, result] : {std::pair("equal partition", &equal), std::pair("P2OT", &partial)}) {
    const corymb::ExternalScores scores = corymb::external_scores(data.labels, result->labels);
    std::printf("%-18s %8.3f %8.3f %6.3f  ", name, scores.clustering_accuracy, macro_f1(data.labels, result->labels),
                scores.adjusted_rand_index);
    for (std::int32_t c = 0; c < k; ++c) std::printf(" %td", (result->labels.array() == c).count());
    std::printf("\n");
  }
  corymb::write_svg("groups.svg", corymb::scatter(X, data.labels, {.title = "Eight groups, 2000 to 20 points"}));
  corymb::write_svg("equal_partition.svg", corymb::scatter(X, equal.labels, {.title = "Equal partition"}));
  // How sure labels are half-way, when 36 % of the points are assigned.
  const auto half = learn(X, start, [&](const RowMatrix<double>& costs, Index step) {
    return corymb::progressive_partial_assignment(costs, corymb::progressive_mass((step + 1) / 2, steps),
                                                  {.strength = 0.1});
  });
  corymb::write_svg(
      "partial_transport.svg",
      corymb::scatter(X, partial.labels, {.title = "Progressive partial transport", .opacity = half.confidence}));
}
