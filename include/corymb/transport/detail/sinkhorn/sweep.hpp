#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/distance/detail/kernels.hpp>
#include <corymb/transport/detail/check_costs.hpp>
#include <corymb/transport/detail/sinkhorn/side.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// The potentials, in units of ε: the plan is exp(φ_i + γ_j + h − c_ij / ε).
struct Potentials {
  Vector rows;      // φ
  Vector columns;   // γ
  double mass = 0;  // h
};

/// The sums over the rows that the step of the columns needs: log Σ_i exp(φ_i + h − c_ij / ε) is largest_j + log
/// sums_j.
struct ColumnSums {
  Vector largest;
  Vector sums;
};

/// Sweeps over the rows: each takes its proximal step, and what the columns are to know of it is added up, in one pass
/// over the costs (log domain) or over the stored kernel.
///
/// The kernel is exp(γ⁰_j − c_ij / ε − largest_i), with the largest entry of each row one: the values of a sweep in the
/// log domain at potentials γ⁰. It serves as long as γ stays near γ⁰; then another sweep in the log domain renews it.
template <class T>
class RowSweep {
 public:
  /// @param kernel  n × k to keep the kernel in, or none: every sweep is in the log domain
  /// @param origin  of the costs
  RowSweep(const CostMatrix<T>& cost, double origin, const Side& rows, int threads, T* kernel)
      : cost_(cost),
        origin_of_costs_(origin),
        rows_(rows),
        threads_(threads),
        kernel_(kernel),
        chunks_(cost_chunks(cost.rows(), cost.cols())),
        partial_(static_cast<std::size_t>(chunks_.count())),
        largest_(kernel == nullptr ? 0 : cost.rows()),
        workers_(static_cast<std::size_t>(threads)) {}

  /// Bytes of working memory; the kernel is not counted.
  static double memory(Index n, Index k, bool with_kernel, int threads) {
    const double chunks = static_cast<double>(cost_chunks(n, k).count()),
                 width = static_cast<double>(padded_columns(k));
    const double block = static_cast<double>(cost_rows_per_block(k)) * width;
    return sizeof(double) * (chunks * width + threads * 2 * block + (with_kernel ? static_cast<double>(n) : 0));
  }

  void set_epsilon(double epsilon) {
    per_epsilon_ = 1 / epsilon;
    kernel_holds_ = false;
  }

  /// Brings the potentials of the rows up to date with those of the columns.
  /// @param row_error  becomes Σ |row mass − mass| where masses are exact
  ColumnSums operator()(Potentials& potentials, double relaxation, double& row_error) {
    columns_ = Vector::Constant(padded_columns(cost_.cols()), -infinite);
    columns_.head(cost_.cols()) = potentials.columns.array() + potentials.mass;
    if (!kernel_serves() || !scaled(potentials, relaxation, row_error)) {
      if (!in_log_domain(potentials, relaxation, row_error)) return safe_columns(potentials);
    }
    // The sums so far hold the columns' own potentials.
    return {-potentials.columns, sums_};
  }

 private:
  struct Worker {
    Scratch<double> values;  // of a block of rows
    Scratch<double> by_row;  // largest, sums, scales
    std::vector<T> costs;
  };

  // Between these, a sum of a column is not touched by what underflows or overflows.
  static constexpr double lowest_sum(bool stored) { return stored && sizeof(T) == 4 ? 1e-25 : 1e-250; }
  static constexpr double highest_sum = 1e250;
  // How far the potentials of the columns may be from those of the kernel.
  static constexpr double reach = sizeof(T) == 4 ? 15 : 50;

  bool kernel_serves() const {
    if (kernel_ == nullptr || !kernel_holds_) return false;
    for (Index j = 0; j < cost_.cols(); ++j)
      if (columns_[j] != origin_[j] && !(std::abs(columns_[j] - origin_[j]) <= reach)) return false;
    return true;
  }

  // The sums of all chunks, in their order. False if they cannot be relied on.
  bool add_up(double lowest) {
    const Index k = cost_.cols();
    sums_ = Vector::Zero(k);
    for (const Vector& part : partial_) sums_ += part;
    for (Index j = 0; j < k; ++j)
      if (columns_[j] > -infinite && !(sums_[j] >= lowest && sums_[j] <= highest_sum)) return false;
    return true;
  }

  // Runs sweep_chunk(begin, end, worker, column sums) -> row error for all chunks.
  template <class SweepChunk>
  void for_chunks(double& row_error, const SweepChunk& sweep_chunk) {
    std::vector<double> errors(partial_.size(), 0);
    parallel_for(threads_, chunks_.count(), [&](Index chunk, int worker) {
      const auto at = static_cast<std::size_t>(chunk);
      partial_[at] = Vector::Zero(cost_.cols());
      errors[at] = sweep_chunk(chunks_.begin(chunk), chunks_.end(chunk), workers_[static_cast<std::size_t>(worker)],
                               partial_[at].data());
    });
    row_error = 0;
    for (const double error : errors) row_error += error;
  }

  bool in_log_domain(Potentials& potentials, double relaxation, double& row_error) {
    const Index k = cost_.cols(), width = padded_columns(k), most = cost_rows_per_block(k);
    for_chunks(row_error, [&](Index begin, Index end, Worker& worker, double* column_sums) {
      double* values = worker.values.reserve(most * width);
      double* largest = worker.by_row.reserve(3 * most);
      double *sums = largest + most, *scales = sums + most, error = 0;
      for_each_cost_block(cost_, begin, end, worker.costs, [&](Index first, Index count, const T* costs, Index stride) {
        transport_kernels::exponentials(transport_kernels::ExponentialsTask<T>{.cost = {costs, count, k, stride},
                                                                               .origin = origin_of_costs_,
                                                                               .per_epsilon = per_epsilon_,
                                                                               .columns = columns_.data(),
                                                                               .values = values,
                                                                               .largest = largest,
                                                                               .sums = sums});
        if (kernel_ != nullptr) keep(first, count, values, largest);
        error += step(first, count, largest, sums, relaxation, potentials, scales);
        transport_kernels::column_products(transport_kernels::ColumnProductsTask<double>{
            .values = {values, count, k, width}, .factors = scales, .sums = column_sums});
      });
      return error;
    });
    if (kernel_ != nullptr) origin_ = columns_;
    kernel_holds_ = kernel_ != nullptr;
    return add_up(lowest_sum(false));
  }

  void keep(Index first, Index count, const double* values, const double* largest) {
    const Index k = cost_.cols(), width = padded_columns(k);
    std::copy_n(largest, count, largest_.data() + first);
    for (Index i = 0; i < count; ++i) {
      T* row = kernel_ + (first + i) * k;
      for (Index j = 0; j < k; ++j) row[j] = static_cast<T>(values[i * width + j]);
    }
  }

  bool scaled(Potentials& potentials, double relaxation, double& row_error) {
    const Index k = cost_.cols(), most = cost_rows_per_block(k);
    Eigen::Matrix<T, Eigen::Dynamic, 1> factors(k);
    for (Index j = 0; j < k; ++j)
      factors[j] = columns_[j] > -infinite ? static_cast<T>(std::exp(columns_[j] - origin_[j])) : T(0);
    for_chunks(row_error, [&](Index begin, Index end, Worker& worker, double* column_sums) {
      double* sums = worker.by_row.reserve(3 * most);
      double *scales = sums + most, error = 0;
      for (Index first = begin; first < end; first += most) {
        const Index count = std::min(most, end - first);
        const transport_kernels::CostBlock<T> values{kernel_ + first * k, count, k, k};
        transport_kernels::row_products(
            transport_kernels::RowProductsTask<T>{.values = values, .factors = factors.data(), .sums = sums});
        error += step(first, count, largest_.data() + first, sums, relaxation, potentials, scales);
        transport_kernels::column_products(transport_kernels::ColumnProductsTask<T>{
            .values = values,
            .factors = scales,
            .sums = column_sums,
            .next = end - first >= 2 * most ? kernel_ + (first + most) * k : nullptr});
      }
      return error;
    });
    for (Vector& part : partial_) part.array() *= factors.template cast<double>().array();
    return add_up(lowest_sum(true));
  }

  double step(Index first, Index count, const double* largest, const double* sums, double relaxation,
              Potentials& potentials, double* scales) const {
    rows_.step(first, count, largest, sums, relaxation, potentials.rows.data() + first, scales);
    double error = 0;
    for (Index i = 0; i < count && relaxation != 1; ++i)
      error += std::abs(scales[i] * sums[i] - rows_.mass()[first + i]);
    return error;
  }

  // The sums of the columns in the log domain: another pass, where those of the sweep have under- or overflown.
  ColumnSums safe_columns(const Potentials& potentials) {
    const Index k = cost_.cols();
    const auto chunks = static_cast<std::size_t>(chunks_.count());
    std::vector<ColumnSums> parts(chunks, {Vector::Constant(k, -infinite), Vector::Zero(k)});
    parallel_for(threads_, chunks_.count(), [&](Index chunk, int worker) {
      ColumnSums& part = parts[static_cast<std::size_t>(chunk)];
      for_each_cost_block(cost_, chunks_.begin(chunk), chunks_.end(chunk),
                          workers_[static_cast<std::size_t>(worker)].costs,
                          [&](Index first, Index count, const T* costs, Index stride) {
                            transport_kernels::column_log_sums(
                                transport_kernels::ColumnLogSumsTask<T>{.cost = {costs, count, k, stride},
                                                                        .origin = origin_of_costs_,
                                                                        .per_epsilon = per_epsilon_,
                                                                        .rows = potentials.rows.data() + first,
                                                                        .largest = part.largest.data(),
                                                                        .sums = part.sums.data()});
                          });
    });
    ColumnSums all{Vector::Constant(k, -infinite), Vector::Zero(k)};
    for (const ColumnSums& part : parts) all.largest = all.largest.cwiseMax(part.largest);
    for (const ColumnSums& part : parts)
      for (Index j = 0; j < k; ++j)
        if (part.sums[j] > 0) all.sums[j] += part.sums[j] * std::exp(part.largest[j] - all.largest[j]);
    all.largest.array() += potentials.mass;
    return all;
  }

  const CostMatrix<T>& cost_;
  double origin_of_costs_;
  const Side& rows_;
  int threads_;
  T* kernel_;
  Chunks chunks_;
  double per_epsilon_ = 0;
  Vector columns_;  // γ + h, padded
  Vector sums_;     // of the columns
  std::vector<Vector> partial_;
  bool kernel_holds_ = false;
  Vector origin_;   // γ⁰ + h, padded
  Vector largest_;  // of the kernel's rows
  std::vector<Worker> workers_;
};

}  // namespace detail
CORYMB_END
