// A hierarchy of wines by 13 chemical analyses: what each linkage finds of their three cultivars, how true its
// hierarchy is to the distances, and the hierarchy by Ward's linkage, cut into three.
#include <corymb/datasets/bundled.hpp>
#include <corymb/distance/pairwise.hpp>
#include <corymb/hierarchy/agglomerative.hpp>
#include <corymb/metrics/pairs.hpp>
#include <corymb/preprocess/standardize.hpp>
#include <corymb/viz/dendrogram.hpp>
#include <corymb/viz/scatter.hpp>

#include <cmath>
#include <cstdio>
#include <utility>

namespace {

/// The correlation of the distances with the heights at which rows come together.
double cophenetic_correlation(const corymb::Dendrogram& tree, const corymb::RowMatrix<double>& X) {
  const corymb::RowMatrix<double> D = corymb::pairwise_distances(X, X);
  corymb::Vector heights = corymb::cophenetic_distances(tree), distances(heights.size());
  for (corymb::Index i = 0, at = 0; i < D.rows(); ++i)
    for (corymb::Index j = i + 1; j < D.rows(); ++j) distances[at++] = D(i, j);
  heights.array() -= heights.mean();
  distances.array() -= distances.mean();
  return heights.dot(distances) / std::sqrt(heights.squaredNorm() * distances.squaredNorm());
}

}  // namespace

int main() {
  const corymb::BundledData wines = corymb::wine();
  const corymb::RowMatrix<double> X = corymb::standardize(wines.points).points;

  std::printf("%-9s %6s %23s  %s\n", "linkage", "ARI", "cophenetic correlation", "clusters");
  for (const auto& [linkage, name] :
       {std::pair{corymb::Linkage::single, "single"}, std::pair{corymb::Linkage::complete, "complete"},
        std::pair{corymb::Linkage::average, "average"}, std::pair{corymb::Linkage::weighted, "weighted"},
        std::pair{corymb::Linkage::ward, "ward"}}) {
    const corymb::Dendrogram tree = corymb::agglomerative(X, linkage);
    const corymb::Labels labels = corymb::cut_into(tree, 3);
    std::printf("%-9s %6.3f %23.3f  %td, %td and %td wines\n", name, corymb::adjusted_rand_index(wines.labels, labels),
                cophenetic_correlation(tree, X), (labels.array() == 0).count(), (labels.array() == 1).count(),
                (labels.array() == 2).count());
  }

  const corymb::Dendrogram tree = corymb::agglomerative(X, corymb::Linkage::ward);
  corymb::write_svg("wines.svg", corymb::dendrogram_plot(
                                     tree, {.title = "Wines, by Ward's linkage", .clusters = 3, .most_leaves = 30}));
  corymb::write_svg("clusters.svg", corymb::scatter(X, corymb::cut_into(tree, 3),
                                                    {.title = "The three clusters, by two of 13 dimensions"}));
}
