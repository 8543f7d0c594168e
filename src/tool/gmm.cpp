#include <corymb/mixture/select_gaussian_mixture.hpp>
#include <corymb/viz/line_plot.hpp>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "clustering.hpp"
#include "commands.hpp"
#include "start.hpp"
#include "table.hpp"

namespace corymb::tool {
namespace {

struct GmmArguments {
  StartArguments start;
  std::optional<Index> max_k;
  std::vector<std::string> families = {"full"};
  MixtureCriterion criterion = MixtureCriterion::bic;
  bool hard = false;
  GaussianMixtureOptions options;
  std::string probabilities;
  std::string log_densities;
  std::string means;
  std::string selection_plot;
  ClusteringArguments common;
};

std::vector<Covariance> families_of(const std::vector<std::string>& words) {
  static const std::map<std::string, Covariance> aliases = {{"full", Covariance::full},
                                                            {"tied", Covariance::tied},
                                                            {"diagonal", Covariance::diagonal},
                                                            {"spherical", Covariance::spherical}};
  std::vector<Covariance> families;
  for (const std::string& word : words) {
    if (word == "all") {
      families.insert(families.end(), all_covariances.begin(), all_covariances.end());
      continue;
    }
    const auto alias = aliases.find(word);
    const auto* family = std::find_if(all_covariances.begin(), all_covariances.end(),
                                      [&](Covariance covariance) { return name_of(covariance) == word; });
    if (alias != aliases.end())
      families.push_back(alias->second);
    else if (family != all_covariances.end())
      families.push_back(*family);
    else
      throw InvalidArgument("--covariance \"" + word +
                            "\" must be full, tied, diagonal, spherical, all, or three letters as vev, see corymb gmm "
                            "--help");
  }
  return families;
}

double value_of(const MixtureCandidate& candidate, MixtureCriterion criterion) {
  switch (criterion) {
    case MixtureCriterion::bic: break;
    case MixtureCriterion::icl: return candidate.icl;
    case MixtureCriterion::aic: return candidate.aic;
  }
  return candidate.bic;
}

const char* name_of(MixtureCriterion criterion) {
  switch (criterion) {
    case MixtureCriterion::bic: break;
    case MixtureCriterion::icl: return "ICL";
    case MixtureCriterion::aic: return "AIC";
  }
  return "BIC";
}

/// The criterion over the number of components, a line for each family.
Picture draw_selection(const std::vector<MixtureCandidate>& table, const GmmArguments& given) {
  std::vector<PlotLine> lines;
  std::map<Covariance, std::size_t> line_of;
  for (const MixtureCandidate& candidate : table) {
    const auto [at, is_new] = line_of.try_emplace(candidate.covariance, lines.size());
    if (is_new) lines.push_back({.name = std::string(corymb::name_of(candidate.covariance)), .marks = true});
    PlotLine& line = lines[at->second];
    line.x.conservativeResize(line.x.size() + 1);
    line.y.conservativeResize(line.y.size() + 1);
    line.x[line.x.size() - 1] = static_cast<double>(candidate.k);
    line.y[line.y.size() - 1] = value_of(candidate, given.criterion);
  }
  const std::string file = std::filesystem::path(given.common.points).filename().string();
  return line_plot(lines, {.title = "gmm: " + file,
                           .x_name = "components",
                           .y_name = std::string(name_of(given.criterion)) + " (lower is better)"});
}

template <class T>
Clustering<T> cluster(const ClusteringInput<T>& input, ClusteringRun& run, const GmmArguments& given) {
  GaussianMixtureOptions options = given.options;
  options.execution = run.execution();
  options.weights = input.weights;
  if (given.hard) options.memberships = Memberships::hard;
  const Index k = given.start.read_initial_rows(options.initial_rows);
  const std::vector<Covariance> families = families_of(given.families);
  MixtureSelection selection = run.fit([&]() -> MixtureSelection {
    if (given.max_k || families.size() > 1)
      return select_gaussian_mixture(input.points, {k, given.max_k.value_or(k)}, families, options, given.criterion);
    options.covariance = families.front();
    return {gaussian_mixture(input.points, k, options), {}};
  });
  const GaussianMixture& model = selection.best;
  const Execution execution{.threads = given.common.threads};
  if (!given.probabilities.empty()) write_table(given.probabilities, predict_proba(model, input.points, execution));
  if (!given.log_densities.empty()) write_table(given.log_densities, score_samples(model, input.points, execution));
  write_centroids<T>(given.means, input, model.means.template cast<T>());
  if (!given.selection_plot.empty()) write_svg(given.selection_plot, draw_selection(selection.table, given));
  const auto floored = std::count(model.floored.begin(), model.floored.end(), true);
  Clustering<T> result{.labels = model.labels,
                       .objective = model.log_likelihood,
                       .iterations = model.iterations,
                       .status = model.status,
                       .centers = model.means.template cast<T>(),
                       .covariances = covariance_matrices(model),
                       .facts = {{"components", static_cast<std::int64_t>(model.means.rows())},
                                 {"covariance", std::string(corymb::name_of(model.covariance))},
                                 {"parameters", static_cast<std::int64_t>(parameters(model))},
                                 {"bic", bic(model)},
                                 {"icl", icl(model)},
                                 {"aic", aic(model)},
                                 {"noise_proportion", model.noise_proportion},
                                 {"at_floor", static_cast<std::int64_t>(floored)}}};
  if (model.degrees_of_freedom.size() > 0)
    result.facts.emplace_back("least_degrees_of_freedom", model.degrees_of_freedom.minCoeff());
  return result;
}

Run define_gmm(Arguments& arguments) {
  const auto given = std::make_shared<GmmArguments>();
  GaussianMixtureOptions& options = given->options;
  arguments.usage("FILE -k K [options]");
  arguments.describe(
      "Fits a mixture of K Gaussians by expectation maximisation: each point belongs to each component with some "
      "probability, and its label is the most probable one. Components may differ in size, form and direction; the "
      "family of covariances says in which.");
  arguments.describe(
      "With --max-k or several families it fits all of them and takes the one with the lowest criterion. The objective "
      "in the report is the mean log-likelihood of a point.");
  arguments.example("Three ellipsoids of any form:", "corymb gmm points.csv -k 3 --plot clusters.svg");
  arguments.example("The number of components and the family that suit best:",
                    "corymb gmm points.csv -k 1 --max-k 9 --covariance all --selection-plot bic.svg");
  arguments.group("Components");
  arguments.number("-k", given->start.k, "K", "Number of components; needed unless the start is given");
  arguments.list("--covariance", given->families,
                 "Families, separated by commas: full, tied (all the same), diagonal, spherical, or three letters for "
                 "volume, shape and orientation, each equal (e), varying (v) or identity (i): eii, vii, eei, vei, evi, "
                 "vvi, eee, vee, eve, vve, eev, vev, evv, vvv; all = these fourteen. Default: full");
  arguments.choice(
      "--tails", options.tails,
      {{"gaussian", Tails::gaussian}, {"student", Tails::student}, {"student-shared", Tails::student_shared}},
      "gaussian, or Student's t, in which points far from the mean count less: student, with degrees of "
      "freedom for each component, or student-shared, with one number for all");
  arguments.number("--max-k", given->max_k, "K", "Try every number of components from -k to this one");
  arguments.choice("--criterion", given->criterion,
                   {{"bic", MixtureCriterion::bic}, {"icl", MixtureCriterion::icl}, {"aic", MixtureCriterion::aic}},
                   "Which fit to take of several: bic, icl for components that are apart, aic for more of them");
  arguments.group("Fit");
  arguments.choice("--init", options.init,
                   {{"kmeans", MixtureInit::kmeans},
                    {"kmeans-plus-plus", MixtureInit::kmeans_plus_plus},
                    {"random", MixtureInit::random}},
                   "Where to start: clusters of k-means, or points that the others go with");
  given->start.define_rows_file(arguments);
  for (const char* other : {"--init", "--max-k"}) arguments.exclusive({other, "--initial-rows"});
  arguments.number("--restarts", options.restarts, "N", "Independent runs, of which the best counts");
  arguments.number("--max-iterations", options.max_iterations, "N", "Iterations of a run at most");
  arguments.number("--tolerance", options.tolerance, "X", "Stop when the objective rises by no more than this");
  arguments.number("--covariance-floor", options.covariance_floor, "X",
                   "How flat a component may be, relative to the variances of the columns");
  arguments.number("--noise", options.noise, "X",
                   "One more component, uniform, for points that belong to no other; X is its share at the start");
  arguments.flag("--integrate-missing", options.integrate_missing,
                 "NaN is a missing value: the fit is to the values that are there, none is filled in");
  arguments.flag("--hard", given->hard,
                 "In each iteration a point belongs to its most probable component alone (classification EM)");
  arguments.number("--seed", options.seed, "N", "Same seed, same result");
  given->common.define(arguments);
  for (const char* of_all_values : {"--plot", "--standardize"})
    arguments.exclusive({"--integrate-missing", of_all_values});
  arguments.output_file("--probabilities", given->probabilities, OutputFormat::text_or_npy,
                        "Write the probabilities of the components, one row a point: NPY if FILE ends in .npy, else "
                        "CSV");
  arguments.output_file("--log-densities", given->log_densities, OutputFormat::text_or_npy,
                        "Write the log of the density at each point, likewise: outliers have the lowest");
  arguments.output_file("--means", given->means, OutputFormat::text_or_npy,
                        "Write the means of the components, one a row, likewise");
  arguments.output_file("--selection-plot", given->selection_plot, OutputFormat::svg,
                        "Draw the criterion over the number of components, a line for each family, as SVG");
  arguments.needs("--selection-plot", "--max-k");
  return [given] {
    given->start.check("--initial-rows");
    (void)families_of(given->families);  // a wrong one is said before the file is read
    return run_clustering("gmm", given->common,
                          [&](const auto& input, ClusteringRun& run) { return cluster(input, run, *given); });
  };
}

const RegisterCommand gmm_command({.name = "gmm",
                                   .summary = "fit a mixture of k Gaussians",
                                   .define = define_gmm,
                                   .group = CommandGroup::clustering});

}  // namespace
}  // namespace corymb::tool
