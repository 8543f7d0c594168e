#include <corymb/distance/detail/kernels.hpp>
#include <corymb/mixture/detail/mixture_kernels.hpp>
#include <corymb/mixture/detail/portable_mixture_kernels.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "support/instruction_sets.hpp"
#include "support/matrices.hpp"

namespace mixture_kernels_test {
namespace {

using namespace corymb;
using namespace corymb_test;
namespace tasks = corymb::compiled::mixture;

/// The kernels that the library chooses, or the portable ones.
struct Kernels {
  std::ptrdiff_t (*panel_rows)();
  std::ptrdiff_t (*whitening_size)(std::ptrdiff_t);
  void (*pack_whitening)(const double*, std::ptrdiff_t, double*);
  void (*pack_panels)(const tasks::PanelsTask&);
  void (*log_densities)(const tasks::LogDensitiesTask&);
  void (*posteriors)(const tasks::PosteriorsTask&);
  void (*moments)(const tasks::MomentsTask&);
};

#define CORYMB_KERNELS_OF(where)                                                                               \
  Kernels {                                                                                                    \
    where::panel_rows, where::whitening_size, where::pack_whitening, where::pack_panels, where::log_densities, \
        where::posteriors, where::moments                                                                      \
  }

/// Calls f with the kernels of the library, as they are for each instruction set of this machine, and the portable
/// ones.
template <class F>
void for_all_kernels(const F& f) {
  on_every_instruction_set([&] { f(CORYMB_KERNELS_OF(detail::mixture_kernels)); });
  f(CORYMB_KERNELS_OF(detail::portable::mixture));
}
#undef CORYMB_KERNELS_OF

constexpr Index dimensions[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 16, 17, 23, 31, 40};

/// Rows, some of them equal, padded for the kernels.
struct Rows {
  Rows(const Kernels& kernels, Random& random, Index d)
      : X(normal_matrix<double>(random, 3 * kernels.panel_rows(), d)),
        n(X.rows()),
        stride((d + tasks::padding - 1) / tasks::padding * tasks::padding),
        padded(n * stride),
        panels(n * d) {
    X.row(n - 1) = X.row(0);
    std::fill_n(padded.data(), n * stride, 0.0);
    for (Index i = 0; i < n; ++i)
      for (Index j = 0; j < d; ++j) padded.data()[i * stride + j] = X(i, j);
    kernels.pack_panels({.rows = padded.data(), .n = n, .d = d, .stride = stride, .panels = panels.data()});
  }

  RowMatrix<double> X;
  Index n, stride;
  detail::Scratch<double> padded, panels;
};

/// k columns, padded with zeros.
Eigen::MatrixXd padded_means(const RowMatrix<double>& means, Index stride) {
  Eigen::MatrixXd result = Eigen::MatrixXd::Zero(stride, means.rows());
  result.topRows(means.cols()) = means.transpose();
  return result;
}

TEST(MixtureKernels, LogDensitiesAreThoseOfTheDefinition) {
  for_all_kernels([](const Kernels& kernels) {
    for (const Index d : dimensions)
      for (const auto form : {tasks::Whitening::triangular, tasks::Whitening::diagonal}) {
        Random random(static_cast<std::uint64_t>(d));
        const Rows rows(kernels, random, d);
        constexpr Index k = 3;
        const RowMatrix<double> means = normal_matrix<double>(random, k, d);
        const Eigen::MatrixXd columns = padded_means(means, rows.stride);
        std::vector<Eigen::MatrixXd> whitening;
        const bool triangular = form == tasks::Whitening::triangular;
        Eigen::MatrixXd packed(triangular ? kernels.whitening_size(d) : d, k);
        for (Index c = 0; c < k; ++c) {
          const Eigen::MatrixXd any = normal_matrix<double>(random, d, d);
          whitening.push_back(triangular ? Eigen::MatrixXd(any.triangularView<Eigen::Lower>())
                                         : Eigen::MatrixXd(any.diagonal().asDiagonal()));
          if (triangular)
            kernels.pack_whitening(whitening.back().data(), d, packed.col(c).data());
          else
            packed.col(c) = any.diagonal();
        }
        const Vector constants = Vector::LinSpaced(k, -1, 2);
        detail::Scratch<double> differences(d * kernels.panel_rows()), values(k * rows.n);
        kernels.log_densities({.panels = rows.panels.data(),
                               .n = rows.n,
                               .d = d,
                               .k = k,
                               .stride = rows.stride,
                               .form = form,
                               .means = columns.data(),
                               .whitening = packed.data(),
                               .whitening_stride = packed.rows(),
                               .constants = constants.data(),
                               .differences = differences.data(),
                               .values = values.data()});
        for (Index c = 0; c < k; ++c) {
          for (Index i = 0; i < rows.n; ++i) {
            const double expected =
                constants[c] -
                0.5 *
                    (whitening[static_cast<std::size_t>(c)] * (rows.X.row(i) - means.row(c)).transpose()).squaredNorm();
            ASSERT_NEAR(values.data()[c * rows.n + i], expected, 1e-13 * (1 + std::abs(expected))) << d;
          }
          // The same bits wherever a row stands.
          ASSERT_EQ(values.data()[c * rows.n], values.data()[c * rows.n + rows.n - 1]);
        }
      }
  });
}

TEST(MixtureKernels, PosteriorsAreThoseOfTheDefinition) {
  for_all_kernels([](const Kernels& kernels) {
    const Index n = 40 * kernels.panel_rows(), k = 5;
    Random random(1);
    detail::Scratch<double> values(k * n), weights(n), largest(n), sums(n);
    detail::Scratch<std::int64_t> labels(n);
    RowMatrix<double> logs(k, n);
    for (Index i = 0; i < n; ++i) {
      weights.data()[i] = static_cast<double>(random.below(3));
      for (Index c = 0; c < k; ++c) logs(c, i) = -1000 + (c % 2 == 1 ? 20 : 1) * random.normal();
      if (i % 5 == 0) logs(2, i) = logs(4, i) = logs.col(i).maxCoeff();  // the lower one on ties
      if (i % 7 == 0) logs(1, i) = -std::numeric_limits<double>::infinity();
    }
    std::copy_n(logs.data(), k * n, values.data());
    kernels.posteriors({.values = values.data(),
                        .n = n,
                        .k = k,
                        .weights = weights.data(),
                        .largest = largest.data(),
                        .labels = labels.data(),
                        .sums = sums.data()});
    for (Index i = 0; i < n; ++i) {
      Index label = 0;
      const double most = logs.col(i).maxCoeff(&label);
      ASSERT_EQ(largest.data()[i], most);
      ASSERT_EQ(labels.data()[i], label);
      long double sum = 0;
      for (Index c = 0; c < k; ++c) sum += std::exp(static_cast<long double>(logs(c, i)) - most);
      ASSERT_NEAR(sums.data()[i], static_cast<double>(sum), 1e-15 * static_cast<double>(sum));
      for (Index c = 0; c < k; ++c) {
        const long double below = static_cast<long double>(logs(c, i)) - most;
        const double expected = static_cast<double>(std::exp(below) / sum) * weights.data()[i];
        if (below < -41.5)
          ASSERT_EQ(values.data()[c * n + i], 0);
        else
          ASSERT_NEAR(values.data()[c * n + i], expected, 1e-15 * expected) << below;
      }
    }
  });
}

TEST(MixtureKernels, MomentsAreThoseOfTheDefinition) {
  for_all_kernels([](const Kernels& kernels) {
    for (const Index d : dimensions)
      for (const bool along_axes : {false, true})
        for (const bool shared : {false, true}) {
          Random random(static_cast<std::uint64_t>(d));
          const Rows rows(kernels, random, d);
          constexpr Index k = 4;
          const RowMatrix<double> means = normal_matrix<double>(random, k, d);
          const Eigen::MatrixXd columns = padded_means(means, rows.stride);
          detail::Scratch<double> r(k * rows.n), roots(rows.n), scaled(tasks::moment_rows * rows.stride);
          detail::Scratch<std::int32_t> list(rows.n);
          // All rows, some, hardly any, none.
          for (Index c = 0; c < k; ++c)
            for (Index i = 0; i < rows.n; ++i)
              r.data()[c * rows.n + i] =
                  c == 0 || (c == 1 && random.below(2) == 0) || (c == 2 && i == 5) ? 0.1 + random.uniform() : 0.0;
          Vector weight = Vector::Ones(k);  // what is there already stays
          Eigen::MatrixXd first = Eigen::MatrixXd::Ones(rows.stride, k);
          const Index width = along_axes ? 1 : rows.stride;
          Eigen::MatrixXd second = Eigen::MatrixXd::Ones(rows.stride * width, shared ? 1 : k);
          kernels.moments({.rows = rows.padded.data(),
                           .panels = rows.panels.data(),
                           .n = rows.n,
                           .d = d,
                           .k = k,
                           .stride = rows.stride,
                           .along_axes = along_axes,
                           .r = r.data(),
                           .means = columns.data(),
                           .weight = weight.data(),
                           .first = first.data(),
                           .second = second.data(),
                           .second_stride = shared ? 0 : second.rows(),
                           .list = list.data(),
                           .roots = roots.data(),
                           .scaled = scaled.data()});
          Eigen::MatrixXd all = Eigen::MatrixXd::Zero(d, d);
          for (Index c = 0; c < k; ++c) {
            const Eigen::Map<const Vector> share(r.data() + c * rows.n, rows.n);
            const RowMatrix<double> x = rows.X.rowwise() - means.row(c);
            ASSERT_NEAR(weight[c], 1 + share.sum(), 1e-11);
            ASSERT_LE((first.col(c).head(d) - x.transpose() * share - Vector::Ones(d)).norm(), 1e-12) << d;
            if (!shared) all.setZero();
            all += x.transpose() * share.asDiagonal() * x;
            if (shared && c + 1 < k) continue;
            const Eigen::Map<const Eigen::MatrixXd> actual(second.col(shared ? 0 : c).data(), rows.stride, width);
            for (Index i = 0; i < d; ++i)
              for (Index j = along_axes ? i : 0; j <= i; ++j)
                ASSERT_NEAR(actual(i, along_axes ? 0 : j), 1 + all(i, j), 1e-11) << d << ": " << i << ", " << j;
          }
        }
  });
}

}  // namespace
}  // namespace mixture_kernels_test
