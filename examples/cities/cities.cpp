// Where cities crowd: places on the earth, clustered by DBSCAN under great-circle distances in kilometres, across the
// date line as anywhere else. The curve shows how many cities are core at which distance, and the eps that it suggests.
//   cities [CITIES.csv [KILOMETRES]]
#include <corymb/density/dbscan.hpp>
#include <corymb/density/suggest_eps.hpp>
#include <corymb/io/matrix.hpp>
#include <corymb/viz/line_plot.hpp>
#include <corymb/viz/scatter.hpp>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

constexpr corymb::Index min_points = 4;

/// The first column of the file, whose other columns are numbers.
std::vector<std::string> read_names(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> names;
  std::string line;
  std::getline(file, line);  // the header
  while (std::getline(file, line)) names.push_back(line.substr(0, line.find(',')));
  return names;
}

/// The cities of each cluster; those that are noise stand last.
std::vector<std::vector<std::string>> members_of(const corymb::DbscanResult& result,
                                                 const std::vector<std::string>& names) {
  std::vector<std::vector<std::string>> members(static_cast<std::size_t>(result.clusters) + 1);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::int32_t label = result.labels[static_cast<corymb::Index>(i)];
    (label == corymb::noise ? members.back() : members[static_cast<std::size_t>(label)]).push_back(names[i]);
  }
  return members;
}

/// One cluster, in lines of at most about 80 letters.
void print_cluster(std::size_t number, const std::vector<std::string>& names) {
  std::printf("%7zu %7zu ", number, names.size());
  std::size_t column = 16;
  for (const std::string& name : names) {
    if (column + name.size() > 80) {
      std::printf("\n%16s", "");
      column = 16;
    }
    std::printf(" %s%s", name.c_str(), &name == &names.back() ? "\n" : ",");
    column += name.size() + 2;
  }
}

void cluster(const std::string& path, double kilometres) {
  const auto X = corymb::read_matrix<double>(path, {.columns = {"latitude", "longitude"}});
  const std::vector<std::string> names = read_names(path);
  if (static_cast<corymb::Index>(names.size()) != X.rows())
    throw std::runtime_error(path + " has lines without a city");

  // Cities are dense by degrees, so the knee stands late: where all but the remote ones have come together.
  const auto suggestion = corymb::suggest_eps(X, min_points, {.metric = corymb::Metric::haversine});
  const auto suggested = corymb::dbscan(X, suggestion.eps, min_points, {.metric = corymb::Metric::haversine});
  std::printf("%td cities. The curve of their distances bends at %.0f km, which gives %d clusters.\n", X.rows(),
              suggestion.eps, suggested.clusters);

  const auto result = corymb::dbscan(X, kilometres, min_points, {.metric = corymb::Metric::haversine});
  const auto members = members_of(result, names);
  std::printf("Within %.0f km of %td others, or of one that is: %d clusters, %zu cities by themselves.\n\n", kilometres,
              min_points - 1, result.clusters, members.back().size());
  std::printf("%7s %7s\n", "cluster", "cities");
  for (std::size_t c = 0; c + 1 < members.size(); ++c) print_cluster(c, members[c]);

  corymb::ScatterOptions map{
      .title = "Cities with many others within " + std::to_string(std::lround(kilometres)) + " km",
      .axis_names = {"longitude", "latitude"},
      .scales = corymb::AxisScales::equal,
      .width = 1000,
      .height = 420};
  for (std::size_t c = 0; c + 1 < members.size(); ++c) map.cluster_names.push_back(members[c].front());
  corymb::write_svg("map.svg", corymb::scatter(X.rowwise().reverse(), result.labels, map));
  corymb::write_svg("distances.svg", corymb::line_plot({{.y = suggestion.curve}},
                                                       {.title = "Cities with three others within a distance",
                                                        .x_name = "number of cities",
                                                        .y_name = "kilometres",
                                                        .guides = {{.value = kilometres, .label = "chosen"},
                                                                   {.value = suggestion.eps, .label = "suggested"}},
                                                        .logarithmic_y = true}));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    cluster(argc > 1 ? argv[1] : CITIES, argc > 2 ? std::atof(argv[2]) : 250);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "cities: %s\n", error.what());
    return 1;
  }
}
