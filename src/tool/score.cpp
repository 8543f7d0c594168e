#include <corymb/io/labels.hpp>

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
  bool json = false;
};

Run define_score(Arguments& arguments) {
  const auto given = std::make_shared<ScoreArguments>();
  arguments.describe(
      "Prints the adjusted Rand index (ari), the normalised mutual information (nmi), and the accuracy under the best "
      "one-to-one matching of labels and classes. The numbers of the labels do not matter, only who is with whom. All "
      "scores are 1 for equal partitions.");
  arguments.example("Leave out the points whose class is unknown:",
                    "corymb score classes.csv labels.csv --truth-noise -1");
  arguments.input_file("TRUTH", given->truth, "Known classes, one integer a line, or an NPY or IDX array of integers");
  arguments.input_file("PREDICTED", given->predicted, "Labels of the same points");
  define_truth_noise(arguments, given->truth_noise);
  arguments.flag("--json", given->json, "Print the scores as one JSON object");
  return [given] {
    const Truth truth(given->truth, given->truth_noise);
    const Labels predicted = read_labels(given->predicted);
    truth.require_size(predicted.size(), given->predicted);
    print_report(to_json(truth.score(predicted)), given->json);
    return 0;
  };
}

const RegisterCommand score_command({.name = "score",
                                     .summary = "compare a labeling with known classes",
                                     .define = define_score});

}  // namespace
}  // namespace corymb::tool
