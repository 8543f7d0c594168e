// Gaussian mixtures: the eruptions of Old Faithful, with the number of components and the family of their covariances
// chosen by BIC, how sure each eruption is of its component, and which eruptions are unlike the others.
#include <corymb/datasets/bundled.hpp>
#include <corymb/mixture/select_gaussian_mixture.hpp>
#include <corymb/viz/line_plot.hpp>
#include <corymb/viz/scatter.hpp>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

namespace {

/// BIC over the number of components, a line for each family.
corymb::Picture draw(const std::vector<corymb::MixtureCandidate>& table,
                     const std::vector<corymb::Covariance>& families) {
  std::vector<corymb::PlotLine> lines;
  for (const corymb::Covariance family : families) {
    std::vector<double> values;
    for (const corymb::MixtureCandidate& candidate : table)
      if (candidate.covariance == family) values.push_back(candidate.bic);
    lines.push_back({.y = Eigen::Map<corymb::Vector>(values.data(), static_cast<corymb::Index>(values.size())),
                     .name = std::string(corymb::name_of(family)),
                     .marks = true});
  }
  return line_plot(
      lines, {.title = "Old Faithful: which mixture?", .x_name = "components", .y_name = "BIC (lower is better)"});
}

}  // namespace

int main() {
  const corymb::BundledData eruptions = corymb::old_faithful();  // minutes: how long one lasts, and until the next
  const auto selection = corymb::select_gaussian_mixture(
      eruptions.points, {1, 6}, {corymb::all_covariances.begin(), corymb::all_covariances.end()},
      {.restarts = 3, .seed = 1});
  std::vector<corymb::MixtureCandidate> table = selection.table;
  std::stable_sort(table.begin(), table.end(), [](const auto& a, const auto& b) { return a.bic < b.bic; });
  std::printf("%2s %-6s %10s %15s %10s\n", "k", "family", "parameters", "log-likelihood", "BIC");
  for (std::size_t i = 0; i < 5; ++i)
    std::printf("%2td %-6s %10td %15.4f %10.1f%s\n", table[i].k,
                std::string(corymb::name_of(table[i].covariance)).c_str(), table[i].parameters, table[i].log_likelihood,
                table[i].bic, table[i].floored ? "  at the floor" : "");

  const corymb::GaussianMixture& model = selection.best;
  const corymb::RowMatrix<double> shares = corymb::predict_proba(model, eruptions.points);
  const corymb::Vector densities = corymb::score_samples(model, eruptions.points);
  std::printf("\n%td components of the family %s\n", model.means.rows(),
              std::string(corymb::name_of(model.covariance)).c_str());
  for (corymb::Index c = 0; c < model.means.rows(); ++c)
    std::printf("%3.0f %% last %.1f minutes, the next comes after %.0f\n", 100 * model.proportions[c],
                model.means(c, 0), model.means(c, 1));
  corymb::Index unlikely = 0;
  densities.minCoeff(&unlikely);
  std::printf("%td of %td are sure to 99 %%; least like the others is one of %.1f minutes, then %.0f\n",
              (shares.rowwise().maxCoeff().array() >= 0.99).count(), shares.rows(), eruptions.points(unlikely, 0),
              eruptions.points(unlikely, 1));

  corymb::ScatterOptions picture{.title = "Old Faithful",
                                 .axis_names = {"minutes of the eruption", "minutes until the next"},
                                 .centers = model.means,
                                 .covariances = corymb::covariance_matrices(model)};
  picture.opacity = shares.rowwise().maxCoeff();
  corymb::write_svg("components.svg", corymb::scatter(eruptions.points, model.labels, picture));
  corymb::write_svg("bic.svg", draw(selection.table, {corymb::Covariance::eii, corymb::Covariance::vvi,
                                                      corymb::Covariance::eee, corymb::Covariance::vvv}));
}
