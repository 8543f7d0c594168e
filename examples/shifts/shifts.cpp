// Shifts to workers: who works when, if everybody wants other shifts, every shift needs a given number of people, and
// every worker can take three to five of the forty shifts of a week. Exact labels by capacities, the soft plan that
// says who could stand in, and k-means with clusters of bounded size for how to deal forty places out among five vans.
#include <corymb/core/random.hpp>
#include <corymb/transport/balanced_assignment.hpp>
#include <corymb/transport/balanced_kmeans.hpp>
#include <corymb/viz/scatter.hpp>

#include <cmath>
#include <cstdio>
#include <vector>

namespace {

using corymb::Index;
using corymb::RowMatrix;

constexpr Index days = 5, shifts_a_day = 8, workers = 10;
constexpr const char* names[] = {"Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gita", "Hugo", "Inez", "Jon"};

/// What a shift costs a worker: how far its hour is from the one that suits, and the days off that are asked for.
RowMatrix<double> wishes() {
  corymb::Random random(5);
  RowMatrix<double> cost(days * shifts_a_day, workers);
  for (Index w = 0; w < workers; ++w) {
    const double favourite = 8 * random.uniform();
    const Index day_off = random.below(days);
    for (Index s = 0; s < cost.rows(); ++s) {
      const double apart = std::abs(static_cast<double>(s % shifts_a_day) - favourite);
      cost(s, w) = s / shifts_a_day == day_off ? 20 : apart * apart;
    }
  }
  return cost;
}

}  // namespace

int main() {
  const RowMatrix<double> cost = wishes();
  const auto plan = corymb::balanced_assignment(cost, {.min_size = {3}, .max_size = {5}, .epsilon = 2});
  std::printf("%td shifts, %td workers with 3 to 5 each: total cost %.1f\n", cost.rows(), cost.cols(), plan.cost);
  double freely = 0;
  std::vector<Index> favourites(workers, 0);
  for (Index s = 0; s < cost.rows(); ++s) {
    Index w = 0;
    freely += cost.row(s).minCoeff(&w);
    ++favourites[static_cast<std::size_t>(w)];
  }
  std::printf("Everybody taking what suits best would cost %.1f, and give them", freely);
  for (const Index count : favourites) std::printf(" %td", count);
  std::printf("\n\n      shifts\n");
  for (Index w = 0; w < workers; ++w) {
    std::printf("%-5s %6td", names[w], plan.sizes[w]);
    if (plan.prices[w] < 0) std::printf("  one more would save %.2f", -plan.prices[w]);
    if (plan.prices[w] > 0) std::printf("  one less would save %.2f", plan.prices[w]);
    std::printf("\n");
  }
  std::printf("\n");
  for (Index day = 0; day < days; ++day) {
    std::printf("day %td: ", day + 1);
    for (Index s = day * shifts_a_day; s < (day + 1) * shifts_a_day; ++s) std::printf(" %-4s", names[plan.labels[s]]);
    std::printf("\n");
  }
  // Who would do a shift if the one it fell to could not: the second share of the soft plan.
  corymb::Vector shares = plan.memberships.row(0);
  shares[plan.labels[0]] = 0;
  Index second = 0;
  shares.maxCoeff(&second);
  std::printf("\nIf %s cannot come to the first shift, ask %s.\n", names[plan.labels[0]], names[second]);

  // Forty places, five vans that hold eight each.
  corymb::Random random(7);
  RowMatrix<double> places(40, 2);
  for (Index i = 0; i < 40; ++i) {
    const double spread = i < 24 ? 1 : 4;  // most of them in the middle of the town
    places.row(i) << spread * random.normal(), spread * random.normal();
  }
  const auto vans = corymb::balanced_kmeans(places, 5, {.max_size = {8}, .restarts = 10, .seed = 1});
  std::printf("\nFive vans of eight places each: inertia %.1f in %d iterations\n", vans.inertia, vans.iterations);
  corymb::write_svg(
      "vans.svg",
      corymb::scatter(places, vans.labels, {.title = "Forty places, five vans of eight", .centers = vans.centroids}));
}
