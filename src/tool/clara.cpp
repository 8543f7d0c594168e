#include <corymb/partition/clara.hpp>

#include <memory>
#include <optional>

#include "arguments.hpp"
#include "commands.hpp"
#include "medoids.hpp"

namespace corymb::tool {
namespace {

struct ClaraArguments {
  std::optional<Index> k;
  ClaraOptions options;
  MedoidArguments medoids;
};

Run define_clara(Arguments& arguments) {
  const auto given = std::make_shared<ClaraArguments>();
  ClaraOptions& options = given->options;
  arguments.usage("FILE -k K [options]");
  arguments.describe(
      "k-medoids for many points: finds the medoids of random samples, and keeps those with the lowest loss over all "
      "points. Quick at any number of points; kmedoids finds a lower loss where there is time for it.");
  arguments.example("A million points, larger samples than by default:",
                    "corymb clara points.npy -k 20 --sample-size 2000 --float32 --labels labels.csv");
  arguments.group("Clusters");
  arguments.number("-k", given->k, "K", "Number of clusters");
  arguments.number("--samples", options.samples, "N", "Samples, of which the best medoids count");
  arguments.number("--sample-size", options.sample_size, "N",
                   "Points of a sample; 0 = 80 + 4 K for faster-pam, else 40 + 2 K");
  arguments.choice("--algorithm", options.algorithm,
                   {{"faster-pam", KMedoidsAlgorithm::faster_pam},
                    {"fast-pam1", KMedoidsAlgorithm::fast_pam1},
                    {"pam", KMedoidsAlgorithm::pam},
                    {"alternate", KMedoidsAlgorithm::alternate}},
                   "How the medoids of a sample are improved");
  arguments.choice("--init", options.init,
                   {{"random", KMedoidsInit::random},
                    {"build", KMedoidsInit::build},
                    {"lab", KMedoidsInit::lab},
                    {"kmedoids-plus-plus", KMedoidsInit::kmedoids_plus_plus}},
                   "First medoids of a sample");
  arguments.number("--max-iterations", options.max_iterations, "N", "Rounds over a sample, or exchanges, at most");
  arguments.number("--seed", options.seed, "N", "Same seed, same result");
  given->medoids.define(arguments);
  return [given] {
    if (!given->k) throw InvalidArgument("-k is needed, the number of clusters");
    return run_medoids("clara", given->medoids, given->options, [&](const auto& objects, const ClaraOptions& of_run) {
      return clara(objects, *given->k, of_run);
    });
  };
}

const RegisterCommand clara_command({.name = "clara",
                                     .summary = "cluster many points around k of them, by samples",
                                     .define = define_clara,
                                     .group = CommandGroup::clustering});

}  // namespace
}  // namespace corymb::tool
