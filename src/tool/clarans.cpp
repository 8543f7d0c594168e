#include <corymb/partition/clarans.hpp>

#include <memory>
#include <optional>

#include "arguments.hpp"
#include "commands.hpp"
#include "medoids.hpp"

namespace corymb::tool {
namespace {

struct ClaransArguments {
  std::optional<Index> k;
  ClaransOptions options;
  MedoidArguments medoids;
};

Run define_clarans(Arguments& arguments) {
  const auto given = std::make_shared<ClaransArguments>();
  ClaransOptions& options = given->options;
  arguments.usage("FILE -k K [options]");
  arguments.describe(
      "k-medoids by random search: draws exchanges of a medoid and makes each that lowers the loss, until a number of "
      "draws in a row has not. Takes all points into account, unlike clara, without the distances of all pairs.");
  arguments.example("Search longer than by default:",
                    "corymb clarans points.csv -k 10 --max-tries 5000 --labels labels.csv");
  arguments.group("Clusters");
  arguments.number("-k", given->k, "K", "Number of clusters");
  arguments.choice("--algorithm", options.algorithm,
                   {{"fast-clarans", ClaransAlgorithm::fast_clarans}, {"clarans", ClaransAlgorithm::clarans}},
                   "Whether a try is a point against all medoids, or against one of them");
  arguments.number("--restarts", options.restarts, "N", "Independent searches, of which the best counts");
  arguments.number("--max-tries", options.max_tries, "N",
                   "Tries in a row that improve nothing before a search ends; 0 = 2.5 per cent of the points for "
                   "fast-clarans, else 1.25 per cent of all exchanges");
  arguments.number("--seed", options.seed, "N", "Same seed, same result");
  given->medoids.define(arguments);
  return [given] {
    if (!given->k) throw InvalidArgument("-k is needed, the number of clusters");
    return run_medoids(
        "clarans", given->medoids, given->options,
        [&](const auto& objects, const ClaransOptions& of_run) { return clarans(objects, *given->k, of_run); });
  };
}

const RegisterCommand clarans_command({.name = "clarans",
                                       .summary = "cluster around k of the points, by random search",
                                       .define = define_clarans,
                                       .group = CommandGroup::clustering});

}  // namespace
}  // namespace corymb::tool
