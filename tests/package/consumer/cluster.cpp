// Clusters with corymb. Compiled once for each target and set of flags; the function's name tells them apart.
#include <corymb/partition/kmeans.hpp>

#include <string_view>
#include <typeinfo>

#include "cluster.hpp"

#if defined(CORYMB_COMPILED)
static_assert(std::string_view(EXPECTED_TARGET) == "corymb::corymb", "the target did not select the compiled mode");
#else
static_assert(std::string_view(EXPECTED_TARGET) == "corymb::headers", "the target did not select the headers mode");
#endif

extern "C" void CLUSTER(Outcome* outcome) {
  const std::vector<double> values = make_points();
  const Eigen::Map<const corymb::RowMatrix<double>> X(values.data(), points, dimensions);

  const auto result = corymb::kmeans(X, clusters, {.seed = 1, .execution = {.threads = 2}});
  const auto predicted = corymb::predict(result, X.topRows(10));

  outcome->labels.assign(result.labels.data(), result.labels.data() + result.labels.size());
  outcome->predicted.assign(predicted.data(), predicted.data() + predicted.size());
  outcome->inertia = result.inertia;
  outcome->type_name = typeid(result).name();
  try {
    corymb::kmeans(X, points + 1);
  } catch (const corymb::InvalidArgument&) {
    outcome->caught = true;
  }
}
