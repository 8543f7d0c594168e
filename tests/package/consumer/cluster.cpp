// Clusters with corymb. Compiled once for each target and set of flags; the function's name tells them apart.
#include <corymb/core/errors.hpp>
#include <corymb/partition/kmeans.hpp>
#if defined(CORYMB_COMPILED)
#include <corymb/io/csv.hpp>
#endif

#include <string_view>
#include <typeinfo>

#include "cluster.hpp"

#if defined(CORYMB_COMPILED)
static_assert(std::string_view(EXPECTED_TARGET) == "corymb::corymb", "the target did not select the compiled mode");
#else
static_assert(std::string_view(EXPECTED_TARGET) == "corymb::headers", "the target did not select the headers mode");
#endif

// What else a program does with Eigen: memory allocated by one part of the program, read with aligned loads by another.
static bool eigen_works() {
  for (Eigen::Index n = 1; n <= 40; ++n) {
    const Eigen::MatrixXd a = Eigen::MatrixXd::Constant(n, n, 2), b = a * a.transpose();
    const Eigen::VectorXd c = (a + b).rowwise().sum();
    if (c != Eigen::VectorXd::Constant(n, static_cast<double>(n * (2 + 4 * n)))) return false;
  }
  return true;
}

extern "C" void CLUSTER(Outcome* outcome) {
  const std::vector<double> values = make_points();
  const Eigen::Map<const corymb::RowMatrix<double>> X(values.data(), points, dimensions);

  const auto result = corymb::kmeans(X, clusters, {.seed = 1, .execution = {.threads = 2}});
  const auto predicted = corymb::predict(result, X.topRows(10));

  outcome->eigen_works = eigen_works();
  outcome->labels.assign(result.labels.data(), result.labels.data() + result.labels.size());
  outcome->predicted.assign(predicted.data(), predicted.data() + predicted.size());
  outcome->inertia = result.inertia;
  outcome->type_name = typeid(result).name();
  try {
#if defined(CORYMB_COMPILED)
    corymb::read_csv<double>("no such file.csv");  // thrown inside the library
#else
    corymb::kmeans(X, points + 1);
#endif
  } catch (const corymb::IoError&) {
    outcome->caught = true;
  } catch (const corymb::InvalidArgument&) {
    outcome->caught = true;
  }
}
