#include <corymb/io/matrix.hpp>
#include <corymb/transport/balanced_assignment.hpp>
#include <corymb/transport/exact_transport.hpp>
#include <corymb/transport/sinkhorn.hpp>

#include <charconv>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "clustering.hpp"
#include "commands.hpp"
#include "table.hpp"

namespace corymb::tool {
namespace {

enum class Method { log_domain, scaling, greenkhorn, exact };
enum class Masses { exact, relaxed, bounded, free };

struct TransportArguments {
  std::string row_mass;
  std::string column_mass;
  Masses rows = Masses::exact;
  Masses columns = Masses::exact;
  double row_strength = 1;
  double column_strength = 1;
  Method method = Method::log_domain;
  SinkhornOptions options;
  std::vector<std::string> min_size;
  std::vector<std::string> max_size;
  bool equal_sizes = false;
  std::string plan;
  ClusteringArguments common;

  bool sizes() const { return equal_sizes || !min_size.empty() || !max_size.empty(); }
};

Vector read_masses(const std::string& path) {
  if (path.empty()) return {};
  const RowMatrix<double> values = read_matrix<double>(path);
  if (values.cols() != 1 && values.rows() != 1)
    throw IoError(path, 0, 0, "one column of masses is expected, the file has " + std::to_string(values.cols()));
  return Eigen::Map<const Vector>(values.data(), values.size());
}

MassConstraint constraint_of(Masses masses, double strength) {
  switch (masses) {
    case Masses::exact: break;
    case Masses::relaxed: return RelaxedMass{strength};
    case Masses::bounded: return BoundedMass{};
    case Masses::free: return FreeMass{};
  }
  return ExactMass{};
}

std::vector<Index> sizes_of(const std::string& option, const std::vector<std::string>& words) {
  std::vector<Index> sizes;
  for (const std::string& word : words) {
    Index size = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), size);
    if (error != std::errc() || end != word.data() + word.size() || size < 0)
      throw InvalidArgument(option + " \"" + word + "\" must be whole numbers of at least 0, separated by commas");
    sizes.push_back(size);
  }
  return sizes;
}

Labels largest_of_rows(const RowMatrix<double>& plan) {
  Labels labels(plan.rows());
  for (Index i = 0; i < plan.rows(); ++i) {
    Index largest = 0;
    plan.row(i).maxCoeff(&largest);
    labels[i] = static_cast<std::int32_t>(largest);
  }
  return labels;
}

template <class T>
Clustering<T> assign_sizes(const RowMatrix<T>& cost, ClusteringRun& run, const TransportArguments& given) {
  const BalancedAssignmentOptions options{.min_size = sizes_of("--min-size", given.min_size),
                                          .max_size = sizes_of("--max-size", given.max_size),
                                          .epsilon = given.options.epsilon,
                                          .algorithm = given.options.algorithm,
                                          .tolerance = given.options.tolerance,
                                          .max_iterations = given.options.max_iterations,
                                          .execution = run.execution()};
  const BalancedAssignment<T> result = run.fit([&] { return balanced_assignment(cost, options); });
  write_table(given.plan, result.memberships);
  return {.labels = result.labels,
          .objective = result.cost,
          .iterations = result.iterations,
          .status = result.status,
          .facts = {{"smallest", static_cast<std::int64_t>(result.sizes.minCoeff())},
                    {"largest", static_cast<std::int64_t>(result.sizes.maxCoeff())},
                    {"column_error", result.column_error}}};
}

template <class T>
Clustering<T> transport_exactly(const RowMatrix<T>& cost, ClusteringRun& run, const TransportArguments& given,
                                const Vector& row_mass, const Vector& column_mass) {
  const ExactTransport result =
      run.fit([&] { return exact_transport(cost, row_mass, column_mass, {.execution = run.execution()}); });
  const RowMatrix<double> plan = dense_plan(result);
  write_table(given.plan, plan);
  return {.labels = largest_of_rows(plan),
          .objective = result.cost,
          .iterations = result.pivots,
          .status = result.status,
          .facts = {{"cost", result.cost}, {"mass", plan.sum()}}};
}

template <class T>
Clustering<T> transport(const ClusteringInput<T>& input, ClusteringRun& run, const TransportArguments& given) {
  const RowMatrix<T>& cost = input.points;
  if (given.sizes()) return assign_sizes(cost, run, given);
  const Vector row_mass = read_masses(given.row_mass), column_mass = read_masses(given.column_mass);
  if (given.method == Method::exact) return transport_exactly(cost, run, given, row_mass, column_mass);
  SinkhornOptions options = given.options;
  options.rows = constraint_of(given.rows, given.row_strength);
  options.columns = constraint_of(given.columns, given.column_strength);
  options.execution = run.execution();
  const SinkhornResult<T> result = run.fit([&] { return sinkhorn(cost, row_mass, column_mass, options); });
  write_table(given.plan, result.plan);
  return {.labels = largest_of_rows(result.plan.template cast<double>()),
          .objective = result.objective,
          .iterations = result.iterations,
          .status = result.status,
          .facts = {{"cost", result.cost},
                    {"dual_value", result.dual_value},
                    {"mass", result.row_mass.sum()},
                    {"row_error", result.row_error},
                    {"column_error", result.column_error}}};
}

Run define_transport(Arguments& arguments) {
  const auto given = std::make_shared<TransportArguments>();
  SinkhornOptions& options = given->options;
  arguments.usage("FILE [options]");
  arguments.describe(
      "Sends masses from rows to columns at the lowest cost: FILE holds the costs, one row a source, one column a "
      "target; inf forbids a pair. By entropic transport (Sinkhorn), which spreads a little, or exactly.");
  arguments.describe(
      "Labels are the columns that get most of a row. With --equal-sizes, --min-size or --max-size every row counts "
      "one "
      "and the labels keep the sizes exactly.");
  arguments.example("The entropic plan, all rows and columns of equal mass:",
                    "corymb transport costs.csv --epsilon 0.05 --plan plan.csv");
  arguments.example("At most 30 rows in each column, at the lowest cost:",
                    "corymb transport costs.csv --max-size 30 --labels labels.csv");
  const std::vector<std::pair<std::string, Masses>> masses = {
      {"exact", Masses::exact}, {"relaxed", Masses::relaxed}, {"bounded", Masses::bounded}, {"free", Masses::free}};
  arguments.input_file("FILE", given->common.points,
                       "The costs: CSV (delimiter and header row are detected) or NPY; may be compressed with gzip");
  arguments.group("Masses");
  arguments.input_file("--row-mass", given->row_mass, "One mass of at least 0 for each row; default: all equal");
  arguments.input_file("--column-mass", given->column_mass, "One for each column, likewise");
  arguments.choice("--row-constraint", given->rows, masses,
                   "What the masses of the rows mean: exact, relaxed (differences cost --row-strength), bounded (at "
                   "most these) or free");
  arguments.choice("--column-constraint", given->columns, masses, "The same for the columns");
  arguments.number("--row-strength", given->row_strength, "X", "Strength of relaxed masses, in units of the cost");
  arguments.number("--column-strength", given->column_strength, "X", "The same for the columns");
  arguments.number("--total-mass", options.total_mass, "X", "Send so much altogether: with masses that are not exact");
  arguments.group("Sizes");
  arguments.flag("--equal-sizes", given->equal_sizes, "As many rows in each column, or one more");
  arguments.list("--min-size", given->min_size,
                 "Rows in each column at least: one number, or one for each column, separated by commas");
  arguments.list("--max-size", given->max_size, "Rows in each column at most, likewise");
  arguments.exclusive({"--equal-sizes", "--min-size"});
  arguments.exclusive({"--equal-sizes", "--max-size"});
  for (const char* sizes : {"--equal-sizes", "--min-size", "--max-size"})
    for (const char* of_masses :
         {"--row-mass", "--column-mass", "--row-constraint", "--column-constraint", "--total-mass"})
      arguments.exclusive({sizes, of_masses});
  arguments.group("Fit");
  arguments.choice(
      "--algorithm", given->method,
      {{"log-domain", Method::log_domain},
       {"scaling", Method::scaling},
       {"greenkhorn", Method::greenkhorn},
       {"exact", Method::exact}},
      "log-domain: safe and without more memory; scaling: faster, as safe; greenkhorn; exact: the cheapest "
      "plan, by the network simplex method");
  arguments.number("--epsilon", options.epsilon, "X", "Weight of the entropy, in units of the cost");
  arguments.number("--initial-epsilon", options.initial_epsilon, "X", "Begin with this one and halve it; 0 = do not");
  arguments.number("--relaxation", options.relaxation, "X", "Over-relaxation, from 1 to below 2");
  arguments.number("--tolerance", options.tolerance, "X",
                   "Stop when a sweep moves no more than this share of the mass");
  arguments.number("--max-iterations", options.max_iterations, "N", "Sweeps at most");
  given->common.define_execution(arguments);
  arguments.group("Output");
  arguments.output_file("--plan", given->plan, OutputFormat::text_or_npy,
                        "Write the plan, one row a line: NPY if FILE ends in .npy, else CSV");
  arguments.output_file("--labels", given->common.labels, OutputFormat::text,
                        "Write the column of each row, one a line");
  arguments.flag("--json", given->common.json, "Print the report as one JSON object");
  arguments.input_file("--truth", given->common.truth, "Known classes, one integer a line: adds scores to the report");
  return [given] {
    switch (given->method) {
      case Method::exact:
      case Method::log_domain: given->options.algorithm = SinkhornAlgorithm::log_domain; break;
      case Method::scaling: given->options.algorithm = SinkhornAlgorithm::scaling; break;
      case Method::greenkhorn: given->options.algorithm = SinkhornAlgorithm::greenkhorn; break;
    }
    const auto is_default = [](Masses meaning) { return meaning == Masses::exact; };
    if (given->method == Method::exact &&
        (!is_default(given->rows) || !is_default(given->columns) || given->options.total_mass))
      throw InvalidArgument(
          "--algorithm exact takes exact masses only: no --row-constraint, --column-constraint or --total-mass");
    (void)sizes_of("--min-size", given->min_size);
    (void)sizes_of("--max-size", given->max_size);
    return run_clustering("transport", given->common,
                          [&](const auto& input, ClusteringRun& run) { return transport(input, run, *given); });
  };
}

const RegisterCommand transport_command(
    {.name = "transport",
     .summary = "send masses from rows to columns, or rows to columns of given sizes",
     .define = define_transport,
     .group = CommandGroup::clustering});

}  // namespace
}  // namespace corymb::tool
