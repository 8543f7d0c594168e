// Clustering what has no mean: words under the edit distance, and a table of numbers, categories and gaps.
#include <corymb/distance/gower.hpp>
#include <corymb/partition/kmedoids.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace {

/// The number of letters to insert, delete or replace (Levenshtein).
double edit_distance(const std::string& a, const std::string& b) {
  std::vector<int> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = static_cast<int>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    int diagonal = std::exchange(row[0], static_cast<int>(i));
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const int replaced = diagonal + (a[i - 1] != b[j - 1] ? 1 : 0);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

void cluster_words() {
  const std::vector<std::string> words = {
      "definitely", "definately", "definitly", "definetly",   "defiantly",  "separate",   "seperate",
      "seprate",    "separete",   "seperete",  "receive",     "recieve",    "receve",     "receeve",
      "occurred",   "occured",    "ocurred",   "occurrd",     "necessary",  "neccessary", "necesary",
      "neccesary",  "nessecary",  "rhythm",    "rythm",       "rhythem",    "rhytm",      "embarrassed",
      "embarassed", "embarrased", "embarased", "accommodate", "accomodate", "acommodate", "accommadate"};
  const auto n = static_cast<corymb::Index>(words.size());
  const auto objects = corymb::dissimilarity(n, [&](corymb::Index i, corymb::Index j) {
    return edit_distance(words[static_cast<std::size_t>(i)], words[static_cast<std::size_t>(j)]);
  });

  const auto result = corymb::kmedoids(objects, 8, {.restarts = 10});

  std::printf("Words under the edit distance: loss %.0f\n", result.loss);
  for (std::size_t group = 0; group < result.medoids.size(); ++group) {
    std::printf("  %-12s", words[static_cast<std::size_t>(result.medoids[group])].c_str());
    for (corymb::Index i = 0; i < n; ++i)
      if (result.labels[i] == static_cast<int>(group) && i != result.medoids[group])
        std::printf(" %s", words[static_cast<std::size_t>(i)].c_str());
    std::printf("\n");
  }
}

void cluster_animals() {
  const double none = std::nan("");  // not known, or it depends
  struct Animal {
    const char* name;
    double logarithm_of_kg, years, covering, lays_eggs, flies;
  };
  // covering: 0 skin, 1 hair, 2 feathers, 3 scales, 4 shell
  const std::vector<Animal> animals = {
      {"ant", -5.3, 2, 4, 1, none},    {"bat", -1.7, 20, 1, 0, 1},     {"bee", -4, 0.2, 4, 1, 1},
      {"carp", 0.6, 20, 3, 1, 0},      {"cat", 0.65, 15, 1, 0, 0},     {"cow", 2.8, 20, 1, 0, 0},
      {"eagle", 0.7, 25, 2, 1, 1},     {"elephant", 3.7, 65, 0, 0, 0}, {"frog", -1.5, 8, 0, 1, 0},
      {"hen", 0.4, 7, 2, 1, none},     {"horse", 2.7, 28, 1, 0, 0},    {"lobster", 0, 50, 4, 1, 0},
      {"mouse", -1.7, 2, 1, 0, 0},     {"owl", 0.2, 10, 2, 1, 1},      {"platypus", 0.2, 15, 1, 1, 0},
      {"snake", none, 15, 3, none, 0}, {"trout", 0.3, 7, 3, 1, 0},     {"whale", 4.9, 80, 0, 0, 0},
      {"wasp", -4, 0.1, 4, 1, 1},      {"wolf", 1.6, 14, 1, 0, 0}};
  corymb::RowMatrix<double> table(static_cast<corymb::Index>(animals.size()), 5);
  for (corymb::Index i = 0; i < table.rows(); ++i) {
    const Animal& animal = animals[static_cast<std::size_t>(i)];
    table.row(i) << animal.logarithm_of_kg, animal.years, animal.covering, animal.lays_eggs, animal.flies;
  }

  using corymb::GowerColumn;
  const corymb::Gower gower(table, {.columns = {GowerColumn::numeric, GowerColumn::numeric, GowerColumn::categorical,
                                                GowerColumn::categorical, GowerColumn::categorical}});
  const auto result = corymb::kmedoids(table, 4, gower, {.restarts = 10});

  std::printf("\nAnimals under Gower's distance: loss %.2f\n", result.loss);
  for (std::size_t group = 0; group < result.medoids.size(); ++group) {
    std::printf("  %-10s", animals[static_cast<std::size_t>(result.medoids[group])].name);
    for (corymb::Index i = 0; i < table.rows(); ++i)
      if (result.labels[i] == static_cast<int>(group) && i != result.medoids[group])
        std::printf(" %s", animals[static_cast<std::size_t>(i)].name);
    std::printf("\n");
  }
}

}  // namespace

int main() {
  cluster_words();
  cluster_animals();
}
