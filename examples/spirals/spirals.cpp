// Shapes that no centre describes, by spectral clustering: a graph of neighbours is cut where that cuts least. The
// number of clusters can be chosen by the gap of the eigenvalues; a model of landmarks labels points that it has not
// seen.
#include <corymb/datasets/generators.hpp>
#include <corymb/metrics/external.hpp>
#include <corymb/partition/kmeans.hpp>
#include <corymb/spectral/landmark_spectral_clustering.hpp>
#include <corymb/spectral/spectral_clustering.hpp>
#include <corymb/viz/line_plot.hpp>
#include <corymb/viz/scatter.hpp>

#include <cstdio>
#include <string>
#include <vector>

namespace {

struct Shape {
  const char* name;
  corymb::Dataset<double> data;
  corymb::Index k;
};

corymb::Picture draw(const corymb::RowMatrix<double>& points, const corymb::Labels& labels, const std::string& title) {
  return corymb::scatter(points, labels,
                         {.title = title, .axis_names = {" ", " "}, .legend = false, .width = 300, .height = 270});
}

}  // namespace

int main() {
  const corymb::Index n = 900;
  const std::vector<Shape> shapes = {{"moons", corymb::make_moons(n, {.noise = 0.06, .seed = 1}), 2},
                                     {"circles", corymb::make_circles(n, {.noise = 0.04, .seed = 1}), 2},
                                     {"spirals", corymb::make_spirals(n, 3, {.noise = 0.012, .seed = 1}), 3}};
  // Six neighbours, near ones counting more: enough to hold a spiral together, too few to jump to the next one.
  const corymb::SpectralOptions options{
      .affinity = corymb::Affinity::knn, .neighbors = 6, .edges = corymb::EdgeAffinity::self_tuning};
  std::vector<corymb::Picture> pictures;
  for (const Shape& shape : shapes) {
    const auto centres = corymb::kmeans(shape.data.points, shape.k, {.restarts = 10});
    const auto graph = corymb::spectral_clustering(shape.data.points, shape.k, options);
    std::printf("%-8s ARI of k-means %5.2f, of spectral clustering %5.2f; %d components, eigenvalue %td is %.1e\n",
                shape.name, corymb::adjusted_rand_index(shape.data.labels, centres.labels),
                corymb::adjusted_rand_index(shape.data.labels, graph.labels), graph.components, shape.k,
                graph.eigenvalues[shape.k - 1]);
    pictures.push_back(draw(shape.data.points, centres.labels, std::string(shape.name) + ", k-means"));
    pictures.push_back(draw(shape.data.points, graph.labels, std::string(shape.name) + ", spectral"));
  }
  corymb::write_svg("spirals.svg", corymb::grid(pictures, {.columns = 2, .title = "k-means and spectral clustering"}));

  const auto blobs = corymb::make_blobs(n, 2, 5, {.spread = {0.7}, .seed = 3});
  const auto chosen = corymb::select_spectral_clustering(blobs.points, {1, 9}, {.gamma = 0.5});
  std::printf("\nfive blobs: the largest gap of the eigenvalues is behind number %td, ARI %.2f\n", chosen.k,
              corymb::adjusted_rand_index(blobs.labels, chosen.best.labels));
  corymb::write_svg(
      "eigenvalues.svg",
      corymb::line_plot(
          {{.x =
                corymb::Vector::LinSpaced(chosen.eigenvalues.size(), 1, static_cast<double>(chosen.eigenvalues.size())),
            .y = chosen.eigenvalues,
            .marks = true}},
          {.title = "Five blobs: which k?", .x_name = "number", .y_name = "eigenvalue of the Laplacian"}));

  const Shape& spirals = shapes.back();
  const auto many = corymb::make_spirals(100'000, 3, {.noise = 0.012, .seed = 2});
  const auto model = corymb::landmark_spectral_clustering(many.points, 3, {.landmarks = 600, .nearest = 3});
  std::printf("100 000 points by 600 landmarks: ARI %.3f; of the %td points above, which it has not seen: %.3f\n",
              corymb::adjusted_rand_index(many.labels, model.labels), n,
              corymb::adjusted_rand_index(spirals.data.labels, corymb::predict(model, spirals.data.points)));
}
