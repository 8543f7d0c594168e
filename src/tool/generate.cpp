#include <corymb/core/errors.hpp>
#include <corymb/datasets/bundled.hpp>
#include <corymb/datasets/generators.hpp>
#include <corymb/io/labels.hpp>
#include <corymb/viz/scatter.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "commands.hpp"
#include "table.hpp"

namespace corymb::tool {
namespace {

/// A data set as it is written.
struct Generated {
  RowMatrix<double> points;
  Labels labels;
  std::vector<std::string> feature_names = {};
  std::vector<std::string> class_names = {};
};

/// What all kinds have in common.
struct OutputArguments {
  std::string points;
  std::string labels;
  std::string plot;
  bool float32 = false;

  /// To be called after the options of the data set, which then stand first in the help.
  void define(Arguments& arguments) {
    arguments.output_file("FILE", points, OutputFormat::text_or_npy,
                          "Write the points, one a row: NPY if FILE ends in .npy, else CSV");
    arguments.group("Output");
    arguments.output_file("--labels", labels, OutputFormat::text,
                          "Write the class of each point, one a line; -1 is noise");
    arguments.output_file("--plot", plot, OutputFormat::svg, "Draw the points, coloured by class, as SVG");
    arguments.flag("--float32", float32, "Write single precision");
  }

  int write(const std::string& name, const Generated& data) const {
    const bool has_classes = data.labels.size() == data.points.rows();
    if (!labels.empty() && !has_classes) throw InvalidArgument("--labels: " + name + " has no known classes");
    if (float32)
      write_points(RowMatrix<float>(data.points.cast<float>()), data.feature_names);
    else
      write_points(data.points, data.feature_names);
    if (!labels.empty()) write_labels(labels, data.labels);
    if (!plot.empty())
      write_svg(plot, scatter(data.points, has_classes ? data.labels : Labels(Labels::Zero(data.points.rows())),
                              {.title = name, .axis_names = data.feature_names, .cluster_names = data.class_names}));
    return 0;
  }

 private:
  template <class T>
  void write_points(const RowMatrix<T>& matrix, const std::vector<std::string>& names) const {
    write_table(points, matrix, names);
  }
};

/// A command whose data set is made by make(options, number of points).
template <class Options, class Make>
Run define_generator(Arguments& arguments, const std::string& name,
                     void (*define_options)(Arguments& arguments, Options& options), const Make& make) {
  struct Given {
    Index n = 1000;
    Options options;
    OutputArguments output;
  };
  const auto given = std::make_shared<Given>();
  arguments.group("Points");
  arguments.number("-n", given->n, "N", "Number of points");
  define_options(arguments, given->options);
  arguments.number("--seed", given->options.generator.seed, "N", "Same seed, same points");
  given->output.define(arguments);
  return [given, name, make] {
    auto data = make(given->n, given->options);
    return given->output.write(name, {std::move(data.points), std::move(data.labels)});
  };
}

struct BlobArguments {
  BlobOptions generator;
  Index d = 2;
  Index k = 3;
  double spread = 1;
  bool ordered = false;
};

Run define_blobs(Arguments& arguments) {
  arguments.describe("Normally distributed points around random centers; blob sizes differ by at most one.");
  arguments.example("Long blobs in random directions:",
                    "corymb generate blobs points.csv -k 4 --elongation 5 --labels classes.csv");
  return define_generator<BlobArguments>(
      arguments, "blobs",
      [](Arguments& a, BlobArguments& given) {
        a.number("-d", given.d, "D", "Dimension");
        a.number("-k", given.k, "K", "Number of blobs");
        a.number("--spread", given.spread, "X", "Standard deviation of a blob, along each coordinate");
        a.number("--elongation", given.generator.elongation, "X",
                 "Ratio of the longest to the shortest axis of a blob");
        a.number("--box-low", given.generator.box_low, "X", "Least coordinate of a center");
        a.number("--box-high", given.generator.box_high, "X", "Greatest coordinate of a center");
        a.flag("--ordered", given.ordered, "Blob after blob instead of in random order");
      },
      [](Index n, const BlobArguments& given) {
        BlobOptions options = given.generator;
        options.spread = {given.spread};
        options.shuffle = !given.ordered;
        return make_blobs(n, given.d, given.k, options);
      });
}

/// The generators whose options are a noise and an order.
template <class Options>
struct CurveArguments {
  Options generator;
  bool ordered = false;

  void define(Arguments& arguments) {
    arguments.number("--noise", generator.noise, "X", "Standard deviation of the noise on each coordinate");
    arguments.flag("--ordered", ordered, "Class after class instead of in random order");
  }
  Options options() const {
    Options result = generator;
    result.shuffle = !ordered;
    return result;
  }
};

Run define_moons(Arguments& arguments) {
  arguments.describe("Two interleaved half circles of radius 1 in the plane.");
  using Given = CurveArguments<MoonOptions>;
  return define_generator<Given>(
      arguments, "moons", [](Arguments& a, Given& given) { given.define(a); },
      [](Index n, const Given& given) { return make_moons(n, given.options()); });
}

Run define_circles(Arguments& arguments) {
  arguments.describe("Two circles around one center in the plane, the outer one of radius 1.");
  using Given = CurveArguments<CircleOptions>;
  return define_generator<Given>(
      arguments, "circles",
      [](Arguments& a, Given& given) {
        a.number("--factor", given.generator.factor, "X", "Radius of the inner circle");
        given.define(a);
      },
      [](Index n, const Given& given) { return make_circles(n, given.options()); });
}

Run define_spirals(Arguments& arguments) {
  arguments.describe("Interleaved arms of spirals in the plane, within a radius of 1.");
  struct Given : CurveArguments<SpiralOptions> {
    Index k = 2;
  };
  return define_generator<Given>(
      arguments, "spirals",
      [](Arguments& a, Given& given) {
        a.number("-k", given.k, "K", "Number of arms");
        a.number("--turns", given.generator.turns, "X", "Turns of an arm");
        given.define(a);
      },
      [](Index n, const Given& given) { return make_spirals(n, given.k, given.options()); });
}

Run define_swiss_roll(Arguments& arguments) {
  arguments.describe("A rolled-up rectangle in three dimensions; the classes are equal parts of its length.");
  using Given = CurveArguments<SwissRollOptions>;
  return define_generator<Given>(
      arguments, "swiss roll",
      [](Arguments& a, Given& given) {
        a.number("-k", given.generator.segments, "K", "Number of parts");
        a.number("--height", given.generator.height, "X", "Width of the rectangle across the roll");
        given.define(a);
      },
      [](Index n, const Given& given) { return make_swiss_roll(n, given.options()); });
}

struct UniformArguments {
  UniformOptions generator;
  Index d = 2;
};

Run define_uniform(Arguments& arguments) {
  arguments.describe("Independent uniform coordinates: points without clusters. All are labelled noise.");
  return define_generator<UniformArguments>(
      arguments, "uniform noise",
      [](Arguments& a, UniformArguments& given) {
        a.number("-d", given.d, "D", "Dimension");
        a.number("--low", given.generator.low, "X", "Least coordinate");
        a.number("--high", given.generator.high, "X", "Greatest coordinate");
      },
      [](Index n, const UniformArguments& given) { return make_uniform(n, given.d, given.generator); });
}

Run define_bundled(Arguments& arguments, const std::string& name, BundledData (*load)()) {
  const auto output = std::make_shared<OutputArguments>();
  const BundledData about = load();
  arguments.describe("Real data, " + std::to_string(about.points.rows()) + " points of " +
                     std::to_string(about.points.cols()) + " columns. Source: " + about.source +
                     " Licence: " + about.license);
  output->define(arguments);
  return [output, name, load] {
    BundledData data = load();
    return output->write(name, {std::move(data.points), std::move(data.labels), std::move(data.feature_names),
                                std::move(data.class_names)});
  };
}

constexpr Command kinds[] = {
    {"blobs", "normally distributed points around centers", define_blobs},
    {"moons", "two interleaved half circles", define_moons},
    {"circles", "a circle within a circle", define_circles},
    {"spirals", "interleaved arms of spirals", define_spirals},
    {"swiss-roll", "a rolled-up rectangle in three dimensions", define_swiss_roll},
    {"uniform", "points without clusters", define_uniform},
    {"iris", "real data: flowers of three kinds, 150 x 4",
     [](Arguments& a) { return define_bundled(a, "iris", iris); }},
    {"wine", "real data: wines of three cultivars, 178 x 13",
     [](Arguments& a) { return define_bundled(a, "wine", wine); }},
    {"digits", "real data: handwritten digits, 1797 x 64",
     [](Arguments& a) { return define_bundled(a, "digits", digits); }},
    {"old-faithful", "real data: eruptions of a geyser, 272 x 2",
     [](Arguments& a) { return define_bundled(a, "old faithful", old_faithful); }},
};

const RegisterCommand generate_command({.name = "generate",
                                        .summary = "write a data set to try things on",
                                        .commands = kinds});

}  // namespace
}  // namespace corymb::tool
