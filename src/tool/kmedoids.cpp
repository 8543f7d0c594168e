#include <corymb/partition/kmedoids.hpp>

#include <memory>
#include <optional>

#include "arguments.hpp"
#include "commands.hpp"
#include "medoids.hpp"
#include "start.hpp"

namespace corymb::tool {
namespace {

struct KMedoidsArguments {
  StartArguments start;
  KMedoidsOptions options;
  MedoidArguments medoids;
};

Run define_kmedoids(Arguments& arguments) {
  const auto given = std::make_shared<KMedoidsArguments>();
  KMedoidsOptions& options = given->options;
  arguments.usage("FILE -k K [options]");
  arguments.describe(
      "Chooses K of the points as medoids, such that the sum of the distances of all points to the nearest of them "
      "(the "
      "loss) is small. Works with any metric, or with nothing but a matrix of distances; outliers matter less than to "
      "kmeans. Finds a local minimum, where no exchange of one medoid lowers the loss. Needs time and, if there is "
      "room, memory for the distances of all pairs: for more than some ten thousand points see clara.");
  arguments.example("Five typical rows of a table:",
                    "corymb kmedoids cars.csv -k 5 --standardize --metric manhattan --medoids typical.csv");
  arguments.example("From a square matrix of distances:",
                    "corymb kmedoids distances.csv -k 4 --precomputed --labels labels.csv");
  arguments.group("Clusters");
  arguments.number("-k", given->start.k, "K", "Number of clusters; needed unless the start is given");
  arguments.choice("--algorithm", options.algorithm,
                   {{"faster-pam", KMedoidsAlgorithm::faster_pam},
                    {"fast-pam1", KMedoidsAlgorithm::fast_pam1},
                    {"pam", KMedoidsAlgorithm::pam},
                    {"alternate", KMedoidsAlgorithm::alternate}},
                   "How the medoids are improved");
  arguments.choice("--init", options.init,
                   {{"random", KMedoidsInit::random},
                    {"build", KMedoidsInit::build},
                    {"lab", KMedoidsInit::lab},
                    {"kmedoids-plus-plus", KMedoidsInit::kmedoids_plus_plus}},
                   "First medoids");
  given->start.define_rows_file(arguments);
  arguments.exclusive({"--init", "--initial-rows"});
  arguments.number("--restarts", options.restarts, "N", "Independent runs, of which the best counts");
  arguments.number("--max-iterations", options.max_iterations, "N", "Rounds over all points, or exchanges, at most");
  arguments.choice("--distances", options.distances,
                   {{"automatic", KMedoidsDistances::automatic},
                    {"stored", KMedoidsDistances::stored},
                    {"computed", KMedoidsDistances::computed}},
                   "Keep the distances of all pairs, or compute them when needed: changes time and memory only");
  arguments.number("--seed", options.seed, "N", "Same seed, same result");
  given->medoids.define(arguments);
  arguments.exclusive({"--precomputed", "--distances"});
  return [given] {
    given->start.check("--initial-rows");
    const Index k = given->start.read_initial_rows(given->options.initial_medoids);
    return run_medoids(
        "kmedoids", given->medoids, given->options,
        [&](const auto& objects, const KMedoidsOptions& of_run) { return kmedoids(objects, k, of_run); });
  };
}

const RegisterCommand kmedoids_command({.name = "kmedoids",
                                        .summary = "cluster around k of the points, by any distance",
                                        .define = define_kmedoids,
                                        .group = CommandGroup::clustering});

}  // namespace
}  // namespace corymb::tool
