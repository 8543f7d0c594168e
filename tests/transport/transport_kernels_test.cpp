#include <corymb/distance/detail/kernels.hpp>
#include <corymb/transport/detail/portable_transport_kernels.hpp>
#include <corymb/transport/detail/transport_kernels.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "support/instruction_sets.hpp"
#include "support/matrices.hpp"

// Each kernel, on every instruction set of this machine and in its portable form, against its definition.
namespace transport_kernels_test {
namespace {

using namespace corymb;
using namespace corymb_test;
namespace tasks = corymb::compiled::transport;

constexpr double infinity = std::numeric_limits<double>::infinity();

template <class T>
struct Kernels {
  void (*exponentials)(const tasks::ExponentialsTask<T>&);
  void (*plan)(const tasks::PlanTask<T>&);
  void (*row_products)(const tasks::RowProductsTask<T>&);
  void (*column_products)(const tasks::ColumnProductsTask<T>&);
  void (*column_log_sums)(const tasks::ColumnLogSumsTask<T>&);
  void (*step)(const tasks::StepTask&);
};

/// Calls f(T(), kernels) for both scalar types.
template <class F>
void for_all_kernels(const F& f) {
#define CORYMB_KERNELS_OF(T, where)                                                            \
  Kernels<T>{where::exponentials,    where::plan, where::row_products, where::column_products, \
             where::column_log_sums, where::step}
#define CORYMB_PORTABLE_KERNELS(T)                                                                     \
  Kernels<T> {                                                                                         \
    detail::portable::transport::exponentials<T>, detail::portable::transport::plan<T>,                \
        detail::portable::transport::row_products<T>, detail::portable::transport::column_products<T>, \
        detail::portable::transport::column_log_sums<T>, detail::portable::transport::step             \
  }
  on_every_instruction_set([&] {
    f(float(), CORYMB_KERNELS_OF(float, detail::transport_kernels));
    f(double(), CORYMB_KERNELS_OF(double, detail::transport_kernels));
  });
  f(float(), CORYMB_PORTABLE_KERNELS(float));
  f(double(), CORYMB_PORTABLE_KERNELS(double));
#undef CORYMB_KERNELS_OF
#undef CORYMB_PORTABLE_KERNELS
}

/// Costs far apart, some infinite, in rows that are longer than they need be.
template <class T>
struct Instance {
  Instance(Random& random, Index rows, Index columns)
      : n(rows),
        k(columns),
        wide(normal_matrix<T>(random, n, k + 3)),
        gamma(Vector::Constant((k + 7) / 8 * 8, -infinity)) {
    const T scale = static_cast<T>(std::pow(10.0, static_cast<double>(random.below(5)) - 1));
    wide *= scale;
    for (Index i = 0; i < n; ++i)
      for (Index j = 0; j < k; ++j)
        if (random.below(10) == 0) wide(i, j) = std::numeric_limits<T>::infinity();
    if (n > 2) wide.row(2).setConstant(std::numeric_limits<T>::infinity());
    for (Index j = 0; j < k; ++j) gamma[j] = random.below(8) == 0 ? -infinity : 3 * random.normal();
    per_epsilon = std::pow(10.0, static_cast<double>(random.below(3)));
  }
  tasks::CostBlock<T> block() const { return {wide.data(), n, k, k + 3}; }
  double exponent(Index i, Index j) const {
    return gamma[j] - (static_cast<double>(wide(i, j)) - origin) * per_epsilon;
  }

  Index n, k;
  RowMatrix<T> wide;
  Vector gamma;
  double origin = 0.25;
  double per_epsilon;
};

constexpr Index widths[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100, 131};

TEST(TransportKernels, Exponentials) {
  for_all_kernels([](auto scalar, const auto& kernels) {
    using T = decltype(scalar);
    Random random(1);
    for (const Index k : widths) {
      const Instance<T> x(random, 5, k);
      const Index width = x.gamma.size();
      detail::Scratch<double> values(x.n * width);
      Vector largest(x.n), sums(x.n);
      kernels.exponentials(
          {x.block(), x.origin, x.per_epsilon, x.gamma.data(), values.data(), largest.data(), sums.data()});
      for (Index i = 0; i < x.n; ++i) {
        double most = -infinity, sum = 0;
        for (Index j = 0; j < k; ++j) most = std::max(most, x.exponent(i, j));
        if (most == -infinity)
          ASSERT_EQ(largest[i], most);
        else
          ASSERT_NEAR(largest[i], most, 1e-15 * (1000 + std::abs(most))) << "k = " << k;
        for (Index j = 0; j < k; ++j) {
          const double expected = most == -infinity ? 0 : std::exp(x.exponent(i, j) - most);
          ASSERT_NEAR(values.data()[i * width + j], expected,
                      1e-13 * (1 + std::min(std::abs(most), 1e5)) * expected + 1e-300);
          sum += expected;
        }
        ASSERT_NEAR(sums[i], sum, 1e-12 * (1 + std::min(std::abs(most), 1e5)) * sum);
      }
    }
  });
}

TEST(TransportKernels, Plan) {
  for_all_kernels([](auto scalar, const auto& kernels) {
    using T = decltype(scalar);
    Random random(2);
    for (const Index k : widths) {
      const Instance<T> x(random, 4, k);
      Vector phi = Vector::Random(x.n), sums(x.n), costs(x.n);
      phi[1] = -infinity;
      RowMatrix<T> plan = RowMatrix<T>::Constant(x.n, k + 2, T(-7));
      kernels.plan({x.block(), x.origin, x.per_epsilon, phi.data(), x.gamma.data(), plan.data(), k + 2, sums.data(),
                    costs.data()});
      for (Index i = 0; i < x.n; ++i) {
        double sum = 0, cost = 0, absolute = 0, scale = 1;
        for (Index j = 0; j < k; ++j) {
          const double exponent = x.exponent(i, j) + phi[i], c = static_cast<double>(x.wide(i, j));
          const double expected = exponent < -1e300 ? 0 : std::exp(exponent);
          if (std::isinf(expected) || expected > 1e38) {
            ASSERT_GT(plan(i, j), T(1e37));
            scale = infinity;
            continue;
          }
          const double slack = 1e-13 * (1 + std::min(std::abs(exponent), 1e4)) + (sizeof(T) == 4 ? 1e-7 : 0);
          ASSERT_NEAR(static_cast<double>(plan(i, j)), expected, slack * expected + (sizeof(T) == 4 ? 1e-38 : 1e-300));
          sum += expected;
          if (expected > 0) cost += expected * c, absolute += std::abs(expected * c);
        }
        EXPECT_EQ(plan(i, k), T(-7));  // beyond the row
        if (std::isinf(scale)) continue;
        ASSERT_NEAR(sums[i], sum, 1e-9 * sum + 1e-300);
        ASSERT_NEAR(costs[i], cost, 1e-9 * absolute + 1e-300);
      }
    }
  });
}

TEST(TransportKernels, Products) {
  for_all_kernels([](auto scalar, const auto& kernels) {
    using T = decltype(scalar);
    Random random(3);
    const double slack = sizeof(T) == 4 ? 1e-5 : 1e-13;
    for (const Index k : widths)
      for (const Index n : {1, 3, 4, 9}) {
        const RowMatrix<T> wide = normal_matrix<T>(random, n, k + 1);
        const Eigen::Matrix<T, Eigen::Dynamic, 1> factors = normal_matrix<T>(random, k, 1);
        const Vector by_row = Vector::Random(n), before = Vector::Random(k);
        Vector sums(n), column_sums = before;
        const tasks::CostBlock<T> block{wide.data(), n, k, k + 1};
        kernels.row_products({block, factors.data(), sums.data()});
        kernels.column_products({block, by_row.data(), column_sums.data()});
        const Eigen::MatrixXd values = wide.leftCols(k).template cast<double>();
        EXPECT_LE((sums - values * factors.template cast<double>()).cwiseAbs().maxCoeff(),
                  slack * static_cast<double>(k));
        EXPECT_LE((column_sums - before - values.transpose() * by_row).cwiseAbs().maxCoeff(), slack * 10);
      }
  });
}

TEST(TransportKernels, ColumnLogSums) {
  for_all_kernels([](auto scalar, const auto& kernels) {
    using T = decltype(scalar);
    Random random(4);
    for (const Index k : widths) {
      Vector largest = Vector::Constant(k, -infinity), sums = Vector::Zero(k);
      Vector most = largest;
      std::vector<std::vector<double>> terms(static_cast<std::size_t>(k));
      for (int block = 0; block < 3; ++block) {
        Instance<T> x(random, 4, k);
        x.per_epsilon = 10;
        Vector phi = 100 * Vector::Random(x.n);
        phi[0] = -infinity;
        kernels.column_log_sums({x.block(), x.origin, x.per_epsilon, phi.data(), largest.data(), sums.data()});
        for (Index j = 0; j < k; ++j)
          for (Index i = 0; i < x.n; ++i) {
            terms[static_cast<std::size_t>(j)].push_back(phi[i] - (static_cast<double>(x.wide(i, j)) - x.origin) * 10);
            most[j] = std::max(most[j], terms[static_cast<std::size_t>(j)].back());
          }
      }
      for (Index j = 0; j < k; ++j) {
        if (most[j] == -infinity)
          ASSERT_EQ(largest[j], most[j]);
        else
          ASSERT_NEAR(largest[j], most[j], 1e-15 * (1000 + std::abs(most[j])));
        double sum = 0;
        for (const double term : terms[static_cast<std::size_t>(j)])
          sum += term == -infinity ? 0 : std::exp(term - most[j]);
        ASSERT_NEAR(sums[j], sum, 1e-10 * sum);
      }
    }
  });
}

TEST(TransportKernels, Steps) {
  for_all_kernels([](auto, const auto& kernels) {
    Random random(5);
    for (const Index n : {1, 3, 8, 21})
      for (const bool bounded : {false, true})
        for (const double relaxation : {1.0, 1.5}) {
          Vector log_masses(n), exponents(n), lower(n), largest(n), sums(n), before(n), scales(n);
          for (Index i = 0; i < n; ++i) {
            log_masses[i] = random.below(5) == 0 ? -infinity : 3 * random.normal();
            exponents[i] = random.below(3) == 0 ? 0 : random.uniform();
            lower[i] = random.below(2) == 0 ? -infinity : log_masses[i] - random.uniform();
            largest[i] = 200 * random.normal();
            sums[i] = random.below(6) == 0 ? 0 : std::exp(20 * random.normal());
            before[i] = random.normal();
          }
          Vector after = before;
          kernels.step({n, nullptr, log_masses.data(), bounded ? nullptr : exponents.data(),
                        bounded ? lower.data() : nullptr, largest.data(), sums.data(), relaxation, after.data(),
                        scales.data()});
          for (Index i = 0; i < n; ++i) {
            if (log_masses[i] == -infinity || sums[i] == 0) {
              EXPECT_EQ(after[i], -infinity);
              EXPECT_EQ(scales[i], 0);
              continue;
            }
            const double offered = std::log(sums[i]) + largest[i];
            double best = bounded ? std::max(std::min(0.0, log_masses[i] - offered), lower[i] - offered)
                                  : exponents[i] * (log_masses[i] - offered);
            best = before[i] + relaxation * (best - before[i]);
            if (relaxation == 1)
              best = bounded ? std::max(std::min(0.0, log_masses[i] - offered), lower[i] - offered)
                             : exponents[i] * (log_masses[i] - offered);
            ASSERT_NEAR(after[i], best, 1e-13 * (1 + std::abs(offered)));
            const double scale = std::exp(best + largest[i]);
            if (scale > 1e-300 && scale < 1e300) {
              ASSERT_NEAR(scales[i], scale, 1e-12 * (1 + std::abs(offered)) * scale);
            } else {
              EXPECT_TRUE(scale < 1 ? scales[i] < 1e-290 : scales[i] > 1e290);
            }
          }
        }
  });
}

TEST(TransportKernels, StepsToExactMasses) {
  for_all_kernels([](auto, const auto& kernels) {
    const Vector masses = (Vector(3) << 2, 0, 5).finished(), log_masses = masses.array().log();
    const Vector exponents = Vector::Ones(3), largest = (Vector(3) << 1000, -7, 3).finished();
    const Vector sums = (Vector(3) << 0.5, 1, 4).finished();
    Vector potentials = Vector::Zero(3), scales(3);
    kernels.step({3, masses.data(), log_masses.data(), exponents.data(), nullptr, largest.data(), sums.data(), 1,
                  potentials.data(), scales.data()});
    EXPECT_EQ(scales, (Vector(3) << 4, 0, 1.25).finished());
    EXPECT_NEAR(potentials[0], std::log(4.0) - 1000, 1e-12);
    EXPECT_EQ(potentials[1], -infinity);
    EXPECT_NEAR(potentials[2], std::log(1.25) - 3, 1e-15);
  });
}

}  // namespace
}  // namespace transport_kernels_test
