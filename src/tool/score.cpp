#include <corymb/io/labels.hpp>
#include <corymb/metrics/external.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "arguments.hpp"
#include "commands.hpp"
#include "report.hpp"
#include "truth.hpp"

namespace corymb::tool {
namespace {

struct ScoreArguments {
  std::string truth;
  std::string predicted;
  std::optional<std::int32_t> truth_noise;
  NoisePolicy noise = NoisePolicy::cluster;
  bool json = false;
};

Json to_json(const ExternalScores& scores) {
  return {{"ari", scores.adjusted_rand_index},
          {"nmi", scores.normalized_mutual_information},
          {"ami", scores.adjusted_mutual_information},
          {"v_measure", scores.v_measure},
          {"homogeneity", scores.homogeneity},
          {"completeness", scores.completeness},
          {"fowlkes_mallows", scores.fowlkes_mallows_index},
          {"accuracy", scores.clustering_accuracy},
          {"purity", scores.purity},
          {"inverse_purity", scores.inverse_purity},
          {"f_measure", scores.f_measure},
          {"bcubed_precision", scores.bcubed.precision},
          {"bcubed_recall", scores.bcubed.recall},
          {"bcubed_f", scores.bcubed.f_score},
          {"rand", scores.rand_index},
          {"pair_precision", scores.pair_precision},
          {"pair_recall", scores.pair_recall},
          {"pair_f", scores.pair_f_score},
          {"pair_jaccard", scores.pair_jaccard},
          {"mutual_information", scores.mutual_information},
          {"variation_of_information", scores.variation_of_information}};
}

Run define_score(Arguments& arguments) {
  const auto given = std::make_shared<ScoreArguments>();
  arguments.describe(
      "Prints the scores of a labeling against the known classes: by pairs of points (ari, the adjusted Rand index; "
      "rand, "
      "fowlkes_mallows, pair_...), by information (nmi and ami, normalised and adjusted mutual information; v_measure, "
      "homogeneity, completeness; mutual_information and variation_of_information in nats), and by the clusters that "
      "overlap (accuracy under the best one-to-one matching of labels and classes; purity, f_measure, bcubed_...).");
  arguments.describe(
      "The numbers of the labels do not matter, only who is with whom. Equal partitions have 1 everywhere, and a "
      "variation of information of 0; ari and ami have mean 0 over random labelings.");
  arguments.example("Leave out the points whose class is unknown:",
                    "corymb score classes.csv labels.csv --truth-noise -1");
  arguments.example("Noise points agree with nobody:", "corymb score classes.csv labels.csv --noise singletons");
  arguments.input_file("TRUTH", given->truth, "Known classes, one integer a line, or an NPY or IDX array of integers");
  arguments.input_file("PREDICTED", given->predicted, "Labels of the same points");
  define_truth_noise(arguments, given->truth_noise);
  arguments.choice(
      "--noise", given->noise,
      {{"cluster", NoisePolicy::cluster}, {"drop", NoisePolicy::drop}, {"singletons", NoisePolicy::singletons}},
      "What the label -1 is: a cluster, points to leave out, or each point a cluster of its own");
  arguments.flag("--json", given->json, "Print the scores as one JSON object");
  return [given] {
    const Truth truth(given->truth, given->truth_noise);
    const Labels predicted = read_labels(given->predicted);
    truth.require_size(predicted.size(), given->predicted);
    print_report(to_json(external_scores(truth.compare(predicted, given->noise))), given->json);
    return 0;
  };
}

const RegisterCommand score_command({.name = "score",
                                     .summary = "compare a labeling with known classes",
                                     .define = define_score});

}  // namespace
}  // namespace corymb::tool
