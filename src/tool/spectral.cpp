#include <corymb/core/errors.hpp>
#include <corymb/spectral/landmark_spectral_clustering.hpp>
#include <corymb/spectral/spectral_clustering.hpp>
#include <corymb/viz/line_plot.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "arguments.hpp"
#include "clustering.hpp"
#include "commands.hpp"
#include "metric.hpp"
#include "table.hpp"

namespace corymb::tool {
namespace {

enum class Method { exact, anchor_graph, nystrom };
enum class Source { rbf, self_tuning, cosine, knn, mutual_knn, precomputed };

struct SpectralArguments {
  std::optional<Index> k;
  std::optional<Index> max_k;
  Source source = Source::rbf;
  std::optional<double> gamma;
  Method method = Method::exact;
  SpectralOptions options;
  LandmarkSpectralOptions landmark_options;
  MetricArguments metric;
  std::string embedding;
  std::string eigenvalue_plot;
  ClusteringArguments common;
};

Picture draw_eigenvalues(const Vector& eigenvalues, Index k, const std::string& file) {
  Vector number(eigenvalues.size());
  for (Index c = 0; c < number.size(); ++c) number[c] = static_cast<double>(c + 1);
  return line_plot({{.x = number, .y = eigenvalues, .marks = true}},
                   {.title = "spectral: " + file + ", k = " + std::to_string(k),
                    .x_name = "number",
                    .y_name = "eigenvalue of the Laplacian"});
}

template <class T>
Clustering<T> clustering_of(const SpectralClustering& model) {
  Clustering<T> result{.labels = model.labels, .iterations = model.iterations, .status = model.status};
  result.facts = {{"components", static_cast<std::int64_t>(model.components)},
                  {"largest_residual", model.residuals.maxCoeff()}};
  if (model.of_points && model.affinity == Affinity::rbf) result.facts.emplace_back("gamma", model.gamma);
  return result;
}

template <class T>
Clustering<T> cluster_exactly(const ClusteringInput<T>& input, ClusteringRun& run, const SpectralArguments& given,
                              std::optional<Metric> metric) {
  SpectralOptions options = given.options;
  options.execution = run.execution();
  options.gamma = given.gamma;
  if (given.source != Source::precomputed) {
    constexpr Affinity affinities[] = {Affinity::rbf, Affinity::self_tuning, Affinity::cosine, Affinity::knn,
                                       Affinity::mutual_knn};
    options.affinity = affinities[static_cast<int>(given.source)];
    if (options.affinity != Affinity::cosine) options.metric = metric;
  }
  const std::string file = std::filesystem::path(given.common.points).filename().string();
  const SpectralSelection selection = run.fit([&]() -> SpectralSelection {
    if (given.source == Source::precomputed) {
      const AffinityMatrix<T> W(input.points);
      if (given.max_k) return select_spectral_clustering(W, {*given.k, *given.max_k}, options);
      return {*given.k, {}, spectral_clustering(W, *given.k, options)};
    }
    if (given.max_k) return select_spectral_clustering(input.points, {*given.k, *given.max_k}, options);
    return {*given.k, {}, spectral_clustering(input.points, *given.k, options)};
  });
  write_table(given.embedding, selection.best.embedding);
  if (!given.eigenvalue_plot.empty())
    write_svg(given.eigenvalue_plot, draw_eigenvalues(selection.eigenvalues, selection.k, file));
  return clustering_of<T>(selection.best);
}

template <class T>
Clustering<T> cluster_by_landmarks(const ClusteringInput<T>& input, ClusteringRun& run,
                                   const SpectralArguments& given) {
  LandmarkSpectralOptions options = given.landmark_options;
  options.method = given.method == Method::nystrom ? LandmarkMethod::nystrom : LandmarkMethod::anchor_graph;
  options.gamma = given.gamma;
  options.restarts = given.options.restarts;
  options.seed = given.options.seed;
  options.eigen_tolerance = given.options.eigen_tolerance;
  options.execution = run.execution();
  const auto model = run.fit([&] { return landmark_spectral_clustering(input.points, *given.k, options); });
  write_table(given.embedding, model.embedding);
  Clustering<T> result{.labels = model.labels, .iterations = model.iterations, .status = model.status};
  result.facts = {{"landmarks", static_cast<std::int64_t>(model.landmarks.rows())},
                  {"components", static_cast<std::int64_t>(model.components)},
                  {"gamma", model.gamma}};
  return result;
}

Run define_spectral(Arguments& arguments) {
  const auto given = std::make_shared<SpectralArguments>();
  SpectralOptions& options = given->options;
  LandmarkSpectralOptions& landmarks = given->landmark_options;
  arguments.usage("FILE -k K [options]");
  arguments.describe(
      "Finds clusters of any shape: points are joined by how like each other they are, and the graph is cut where that "
      "cuts least, by k-means on the first K eigenvectors of its Laplacian. A graph in K pieces has these as "
      "clusters.");
  arguments.describe(
      "Affinities of all pairs take time and memory that grow with the square of the points; --affinity knn does not, "
      "nor do the landmarks of --method anchor-graph, which are for very many points.");
  arguments.example("Two moons:", "corymb spectral moons.csv -k 2 --affinity knn --plot moons.svg");
  arguments.example("As many clusters as the eigenvalues show, from 1 to 9:",
                    "corymb spectral moons.csv -k 1 --max-k 9 --affinity self-tuning --eigenvalue-plot gap.svg");
  arguments.example("A million points:", "corymb spectral moons.csv -k 2 --method anchor-graph --landmarks 50");
  arguments.group("Clusters");
  arguments.number("-k", given->k, "K", "Number of clusters; needed");
  arguments.number("--max-k", given->max_k, "K",
                   "Choose the number of clusters from -k to this one: that before the largest gap of the eigenvalues");
  arguments.choice("--method", given->method,
                   {{"exact", Method::exact}, {"anchor-graph", Method::anchor_graph}, {"nystrom", Method::nystrom}},
                   "All affinities, or those to some landmarks only");
  arguments.choice("--label-step", options.labels,
                   {{"kmeans", SpectralLabels::kmeans},
                    {"discretize", SpectralLabels::discretize},
                    {"cluster-qr", SpectralLabels::cluster_qr}},
                   "How embedded points become clusters");
  arguments.number("--restarts", options.restarts, "N", "Independent runs of k-means, of which the best counts");
  arguments.number("--seed", options.seed, "N", "Same seed, same result");
  arguments.group("Affinities");
  arguments.choice("--affinity", given->source,
                   {{"rbf", Source::rbf},
                    {"self-tuning", Source::self_tuning},
                    {"cosine", Source::cosine},
                    {"knn", Source::knn},
                    {"mutual-knn", Source::mutual_knn},
                    {"precomputed", Source::precomputed}},
                   "exp(-gamma d^2); the same with a scale of each point; the cosine; nearest neighbours, or those of "
                   "each other; or FILE is the square matrix of affinities");
  arguments.number("--gamma", given->gamma, "X",
                   "Of rbf; by default one over the sum of the columns' variances, with landmarks by their distances");
  arguments.number("--neighbors", options.neighbors, "N",
                   "Of knn and mutual-knn, the point itself not counted; of self-tuning, whose distance is the scale");
  arguments.choice("--edges", options.edges,
                   {{"connection", EdgeAffinity::connection}, {"self-tuning", EdgeAffinity::self_tuning}},
                   "What an edge of knn and mutual-knn counts: the same, or more for nearer points");
  arguments.number("--min-component-size", options.min_component_size, "N",
                   "Pieces of the graph with fewer points are no clusters: their points go with the nearest others");
  given->metric.define(arguments);
  arguments.group("Eigenvectors");
  arguments.choice("--laplacian", options.laplacian,
                   {{"random-walk", Laplacian::random_walk},
                    {"symmetric", Laplacian::symmetric},
                    {"unnormalized", Laplacian::unnormalized}},
                   "Which Laplacian");
  arguments.choice("--solver", options.solver,
                   {{"automatic", Eigensolver::automatic},
                    {"chebyshev", Eigensolver::chebyshev},
                    {"lanczos", Eigensolver::lanczos},
                    {"dense", Eigensolver::dense}},
                   "How eigenvectors are found");
  arguments.number("--eigen-tolerance", options.eigen_tolerance, "X", "Residual at which an eigenvector has converged");
  arguments.choice("--storage", options.storage,
                   {{"automatic", AffinityStorage::automatic},
                    {"stored", AffinityStorage::stored},
                    {"computed", AffinityStorage::computed}},
                   "Whether the affinities of all pairs are kept, or computed each time they are wanted");
  arguments.group("Landmarks");
  arguments.number("--landmarks", landmarks.landmarks, "N", "How many; by default the larger of 500 and 10 K");
  arguments.choice("--landmark-choice", landmarks.choice,
                   {{"kmeans", LandmarkChoice::kmeans}, {"random", LandmarkChoice::random}},
                   "Centroids of some iterations of k-means, or points");
  arguments.number("--nearest", landmarks.nearest, "N", "anchor-graph: landmarks that a point is joined to");
  given->common.define_points(arguments);
  given->common.define_execution(arguments);
  given->common.define_output(
      arguments,
      "Draw the points, coloured by label, as SVG: the two columns, or the first two principal components of "
      "more");
  arguments.output_file("--embedding", given->embedding, OutputFormat::text_or_npy,
                        "Write the embedded points, one a row: NPY if FILE ends in .npy, else CSV");
  arguments.output_file("--eigenvalue-plot", given->eigenvalue_plot, OutputFormat::svg,
                        "Draw the eigenvalues that --max-k chooses by, as SVG");
  arguments.needs("--eigenvalue-plot", "--max-k");
  return [given] {
    if (!given->k) throw InvalidArgument("-k is needed, the number of clusters");
    const bool by_landmarks = given->method != Method::exact;
    if (by_landmarks && given->source != Source::rbf)
      throw InvalidArgument("--affinity is of --method exact; landmarks have rbf affinities");
    if (by_landmarks && given->max_k) throw InvalidArgument("--max-k is of --method exact");
    if (given->source == Source::precomputed && (!given->common.plot.empty() || given->common.standardize))
      throw InvalidArgument("--affinity precomputed has no points for --plot and --standardize");
    const Metric metric = given->metric.metric();
    const bool is_default = metric == Metric::euclidean;
    if (!is_default && (by_landmarks || given->source == Source::precomputed || given->source == Source::cosine))
      throw InvalidArgument("--metric is of --affinity rbf, self-tuning, knn and mutual-knn");
    return run_clustering("spectral", given->common, [&](const auto& input, ClusteringRun& run) {
      return by_landmarks ? cluster_by_landmarks(input, run, *given)
                          : cluster_exactly(input, run, *given,
                                            is_default ? std::optional<Metric>() : std::optional<Metric>(metric));
    });
  };
}

const RegisterCommand spectral_command({.name = "spectral",
                                        .summary = "cut the graph of like points into k clusters",
                                        .define = define_spectral,
                                        .group = CommandGroup::clustering});

}  // namespace
}  // namespace corymb::tool
