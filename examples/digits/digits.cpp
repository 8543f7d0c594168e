// Handwritten digits, clustered without their names and then scored against them: how well do ten clusters of images
// agree with the ten digits, and what does each cluster look like?
#include <corymb/datasets/bundled.hpp>
#include <corymb/metrics/contingency.hpp>
#include <corymb/metrics/external.hpp>
#include <corymb/partition/kmeans.hpp>
#include <corymb/viz/scatter.hpp>

#include <cmath>
#include <cstdio>
#include <vector>

namespace {

/// An 8 × 8 image as text, dark to light.
void print_image(const double* image) {
  constexpr const char* inks = " .:-=+*#%@";
  for (int y = 0; y < 8; ++y) {
    std::printf("    ");
    for (int x = 0; x < 8; ++x) {
      const char ink = inks[std::lround(image[8 * y + x] / 16 * 9)];
      std::printf("%c%c", ink, ink);
    }
    std::printf("\n");
  }
}

}  // namespace

int main() {
  const corymb::BundledData digits = corymb::digits();
  const auto result = corymb::kmeans(digits.points, 10, {.restarts = 10, .seed = 1});

  const auto table = corymb::contingency_table(digits.labels, result.labels);
  const auto matching = corymb::match_labels(table);
  std::printf("n = %td, d = %td, inertia = %.0f after %td iterations\n", digits.points.rows(), digits.points.cols(),
              result.inertia, static_cast<corymb::Index>(result.iterations));
  std::printf("ARI = %.3f, NMI = %.3f, accuracy = %.3f\n", corymb::adjusted_rand_index(table),
              corymb::normalized_mutual_information(table), matching.accuracy);
  for (const corymb::LabelMatch& match : matching.mapping) {
    if (!match.truth) continue;
    std::printf("\n  cluster %d stands for %d:\n", static_cast<int>(match.predicted), static_cast<int>(*match.truth));
    print_image(result.centroids.row(match.predicted).data());
  }

  // In the colour of the digit that a cluster stands for.
  std::vector<int> digit_of(10), named;
  for (const corymb::LabelMatch& match : matching.mapping)
    digit_of[static_cast<std::size_t>(match.predicted)] = static_cast<int>(match.truth.value_or(corymb::noise));
  for (const auto label : result.labels) named.push_back(digit_of[static_cast<std::size_t>(label)]);
  corymb::write_svg("digits.svg",
                    corymb::grid({corymb::scatter(digits.points, named, {.title = "clusters"}),
                                  corymb::scatter(digits.points, digits.labels, {.title = "digits"})},
                                 {.columns = 2, .title = "Handwritten digits: what k-means found, and what they are"}));
}
