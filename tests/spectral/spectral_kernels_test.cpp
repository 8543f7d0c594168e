#include <corymb/core/types.hpp>
#include <corymb/distance/detail/kernels.hpp>
#include <corymb/spectral/detail/portable_spectral_kernels.hpp>
#include <corymb/spectral/detail/spectral_kernels.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "support/instruction_sets.hpp"
#include "support/matrices.hpp"

// Each kernel, on every instruction set of this machine and in its portable form, against its definition.
namespace spectral_kernels_test {
namespace {

using namespace corymb;
using namespace corymb_test;
namespace tasks = corymb::compiled::spectral;

template <class T>
struct Kernels {
  void (*dense_product)(const tasks::DenseProductTask<T>&);
  void (*sparse_product)(const tasks::SparseProductTask<T>&);
  void (*gaussian)(const tasks::GaussianTask<T>&);
};

/// Calls f(T(), kernels) for both scalar types.
template <class F>
void for_all_kernels(const F& f) {
#define CORYMB_KERNELS_OF(T, where) Kernels<T>{where::dense_product, where::sparse_product, where::gaussian}
#define CORYMB_PORTABLE_KERNELS(T)                                                               \
  Kernels<T> {                                                                                   \
    detail::portable::spectral::dense_product<T>, detail::portable::spectral::sparse_product<T>, \
        detail::portable::spectral::gaussian<T>                                                  \
  }
  on_every_instruction_set([&] {
    f(float(), CORYMB_KERNELS_OF(float, detail::spectral_kernels));
    f(double(), CORYMB_KERNELS_OF(double, detail::spectral_kernels));
  });
  f(float(), CORYMB_PORTABLE_KERNELS(float));
  f(double(), CORYMB_PORTABLE_KERNELS(double));
#undef CORYMB_KERNELS_OF
#undef CORYMB_PORTABLE_KERNELS
}

constexpr Index widths[] = {8, 16, 24, 32, 40, 72};

TEST(SpectralKernels, DenseProduct) {
  for_all_kernels([](auto scalar, const auto& kernels) {
    using T = decltype(scalar);
    Random random(1);
    for (const Index width : widths)
      for (const Index rows : {1, 2, 3, 4, 7, 12})
        for (const Index columns : {1, 5, 128, 129, 300}) {
          const RowMatrix<T> matrix = normal_matrix<T>(random, rows, columns + 3);
          const RowMatrix<double> block = normal_matrix<double>(random, columns, width);
          RowMatrix<double> out = RowMatrix<double>::Constant(rows, width, 7);
          kernels.dense_product({matrix.data(), columns + 3, rows, columns, block.data(), width, out.data()});
          const RowMatrix<double> expected = matrix.leftCols(columns).template cast<double>() * block;
          ASSERT_LE((out - expected).cwiseAbs().maxCoeff(), 1e-12 * static_cast<double>(columns));
        }
  });
}

TEST(SpectralKernels, SparseProduct) {
  for_all_kernels([](auto scalar, const auto& kernels) {
    using T = decltype(scalar);
    Random random(2);
    for (const Index width : widths)
      for (const Index rows : {1, 4, 9}) {
        const Index columns = 20;
        RowMatrix<T> matrix = normal_matrix<T>(random, rows, columns);
        std::vector<Index> begin(1, 0), column;
        std::vector<T> value;
        for (Index i = 0; i < rows; ++i) {
          for (Index j = 0; j < columns; ++j) {
            if (i == 2 || random.below(3) > 0)
              matrix(i, j) = 0;
            else
              column.push_back(j), value.push_back(matrix(i, j));
          }
          begin.push_back(static_cast<Index>(column.size()));
        }
        const RowMatrix<double> block = normal_matrix<double>(random, columns, width);
        RowMatrix<double> out = RowMatrix<double>::Constant(rows, width, 7);
        kernels.sparse_product({begin.data(), column.data(), value.data(), rows, block.data(), width, out.data()});
        ASSERT_LE((out - matrix.template cast<double>() * block).cwiseAbs().maxCoeff(), 1e-12);
      }
  });
}

TEST(SpectralKernels, Gaussian) {
  for_all_kernels([](auto scalar, const auto& kernels) {
    using T = decltype(scalar);
    Random random(3);
    for (const Index columns : {1, 2, 3, 4, 7, 8, 9, 31, 100}) {
      const Index rows = 3;
      RowMatrix<T> values = normal_matrix<T>(random, rows, columns).cwiseAbs2();
      values(0, 0) = 0;
      if (columns > 2) values(1, 2) = T(1e30);
      const Vector row_factor = Vector::Random(rows).cwiseAbs() * 3, column_factor = Vector::Random(columns).cwiseAbs();
      RowMatrix<T> out = values;
      Vector sums(rows);
      kernels.gaussian({out.data(), rows, columns, row_factor.data(), column_factor.data(), sums.data()});
      for (Index i = 0; i < rows; ++i) {
        double sum = 0;
        for (Index j = 0; j < columns; ++j) {
          const double expected = std::exp(-static_cast<double>(values(i, j)) * row_factor[i] * column_factor[j]);
          ASSERT_NEAR(static_cast<double>(out(i, j)), expected, (sizeof(T) == 4 ? 1e-7 : 1e-14) * expected + 1e-300);
          sum += expected;
        }
        ASSERT_NEAR(sums[i], sum, 1e-13 * sum);
      }
    }
  });
}

}  // namespace
}  // namespace spectral_kernels_test
