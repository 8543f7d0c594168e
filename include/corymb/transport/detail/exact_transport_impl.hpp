#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/progress.hpp>
#include <corymb/core/detail/validate.hpp>
#include <corymb/core/errors.hpp>
#include <corymb/core/parallel.hpp>
#include <corymb/transport/detail/check_costs.hpp>
#include <corymb/transport/detail/network_simplex.hpp>
#include <corymb/transport/exact_transport.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Checks masses, and returns them: 1/n each where none are given.
inline Vector checked_masses(std::string_view function, std::string_view name, const Vector& mass, Index n) {
  if (mass.size() == 0) return Vector::Constant(n, 1 / static_cast<double>(n));
  if (mass.size() != n)
    reject(function, std::string(name) + " has " + to_text(mass.size()) + " entries; " + to_text(n) +
                         " are needed, or none for equal masses");
  for (Index i = 0; i < n; ++i)
    if (!(mass[i] >= 0) || std::isinf(mass[i]))
      reject(function, std::string(name) + "(" + to_text(i) + ") = " + to_text(mass[i]) + " must be finite and ≥ 0");
  const double sum = mass.sum();
  if (!(sum > 0)) reject(function, std::string(name) + " is all 0; some mass is needed");
  if (std::isinf(sum)) reject(function, "the sum of " + std::string(name) + " overflows; scale the masses down");
  return mass;
}

/// Masses checked and of the same sum, that of the rows.
struct TransportMasses {
  Vector row;
  Vector column;
  double total = 0;
};

inline TransportMasses transport_masses(std::string_view function, const Vector& row_mass, const Vector& column_mass,
                                        Index n, Index k) {
  TransportMasses mass{checked_masses(function, "row_mass", row_mass, n),
                       checked_masses(function, "column_mass", column_mass, k)};
  mass.total = row_mass.size() > 0 ? row_mass.sum() : 1;
  const double columns = column_mass.size() > 0 ? column_mass.sum() : 1, difference = std::abs(mass.total - columns);
  if (difference > 1e-9 * std::max(mass.total, columns))
    reject(function, "the sum of row_mass, " + to_text(mass.total) + ", and that of column_mass, " + to_text(columns) +
                         ", differ by " + to_text(difference) + "; they must agree within 1e-9 of them");
  mass.column *= mass.total / columns;
  return mass;
}

/// A mass less than 2^-48 times another one may be rounding.
inline constexpr int rounding_bits = 48;

/// The rows or columns that have mass, and how much in units.
struct WholeSide {
  std::vector<Index> number;
  std::vector<std::int64_t> units;

  bool is_even() const { return std::adjacent_find(units.begin(), units.end(), std::not_equal_to<>()) == units.end(); }
  std::int64_t sum() const { return std::accumulate(units.begin(), units.end(), std::int64_t{0}); }
  std::int64_t& largest() { return *std::max_element(units.begin(), units.end()); }
};

inline WholeSide whole_side(const Vector& mass, double total) {
  WholeSide side;
  for (Index i = 0; i < mass.size(); ++i) {
    const auto units = static_cast<std::int64_t>(std::nearbyint(mass[i] / total * 0x1p61));
    if (units == 0) continue;
    side.number.push_back(i);
    side.units.push_back(units);
  }
  return side;
}

/// Masses in units of which there are about 2^61. Equal masses on both sides become small numbers, so that plans which
/// send whole masses are found as such.
inline void whole_masses(const TransportMasses& mass, WholeSide& rows, WholeSide& columns) {
  rows = whole_side(mass.row, mass.total);
  columns = whole_side(mass.column, mass.total);
  if (rows.is_even() && columns.is_even()) {
    const auto n = static_cast<std::int64_t>(rows.units.size()), k = static_cast<std::int64_t>(columns.units.size());
    const std::int64_t common = std::gcd(n, k);
    std::fill(rows.units.begin(), rows.units.end(), k / common);
    std::fill(columns.units.begin(), columns.units.end(), n / common);
    return;
  }
  const std::int64_t difference = rows.sum() - columns.sum();  // what rounding has left
  (difference > 0 ? columns : rows).largest() += std::abs(difference);
}

/// The least cost − potential of each row, which makes the best row potentials for the columns'; 0 for a row that may
/// send nowhere.
template <class T>
Vector best_row_potentials(const CostMatrix<T>& cost, const Vector& column_potential, int threads) {
  Vector result(cost.rows());
  const Chunks chunks(cost.rows(), 256);
  parallel_for(threads, chunks.count(), [&](Index chunk) {
    std::vector<T> buffer;
    for_each_cost_block(cost, chunks.begin(chunk), chunks.end(chunk), buffer,
                        [&](Index first, Index count, const T* costs, Index stride) {
                          for (Index i = 0; i < count; ++i) {
                            double least = std::numeric_limits<double>::infinity();
                            for (Index j = 0; j < cost.cols(); ++j)
                              least = std::min(least, static_cast<double>(costs[i * stride + j]) - column_potential[j]);
                            result[first + i] = std::isinf(least) ? 0 : least;
                          }
                        });
  });
  return result;
}

/// Costs in memory, as they are or copied there.
template <class T>
struct StoredCosts {
  std::vector<T> copied;
  const T* data;
  Index stride;

  StoredCosts(const CostMatrix<T>& cost, int threads) {
    const Index n = cost.rows(), k = cost.cols();
    if (cost.stored() != nullptr) {
      data = cost.stored()->row(0);
      stride = cost.stored()->stride();
      return;
    }
    copied.resize(static_cast<std::size_t>(n * k));
    data = copied.data();
    stride = k;
    const Chunks chunks(n, 256);
    parallel_for(threads, chunks.count(), [&](Index chunk) {
      std::vector<T> none;
      const Index rows = cost_rows_per_block(k);
      for (Index first = chunks.begin(chunk); first < chunks.end(chunk); first += rows)
        cost.block(first, std::min(rows, chunks.end(chunk) - first), 0, k, copied.data() + first * k);
    });
  }
};

template <class T>
bool some_forbidden(const StoredCosts<T>& costs, Index n, Index k, int threads) {
  const Chunks chunks(n, 256);
  return parallel_sum(threads, chunks, Index{0}, [&](Index begin, Index end) {
           for (Index i = begin; i < end; ++i)
             for (Index j = 0; j < k; ++j)
               if (std::isinf(costs.data[i * costs.stride + j])) return Index{1};
           return Index{0};
         }) > 0;
}

/// Potentials of the whole problem from those of the columns that have mass (above `lowest`, as the simplex method has
/// them). A column without mass may have any that obeys the inequality.
template <class T>
void finish_potentials(const CostMatrix<T>& cost, const WholeSide& columns, const TransportMasses& mass,
                       const StoredCosts<T>& stored, int threads, ExactTransport& result) {
  const Index n = cost.rows(), k = cost.cols();
  Vector& g = result.column_potential;
  if (static_cast<Index>(columns.number.size()) < k) {
    std::vector<char> has_mass(static_cast<std::size_t>(k), 0);
    for (const Index j : columns.number) has_mass[static_cast<std::size_t>(j)] = 1;
    constexpr double infinity = std::numeric_limits<double>::infinity();
    for (Index j = 0; j < k; ++j)
      if (!has_mass[static_cast<std::size_t>(j)]) g[j] = infinity;
    for (Index i = 0; i < n; ++i) {
      const T* costs = stored.data + i * stored.stride;
      double f = infinity;
      for (const Index j : columns.number) f = std::min(f, static_cast<double>(costs[j]) - g[j]);
      if (f == infinity) continue;  // a row that sends nowhere
      for (Index j = 0; j < k; ++j)
        if (!has_mass[static_cast<std::size_t>(j)]) g[j] = std::min(g[j], static_cast<double>(costs[j]) - f);
    }
    for (Index j = 0; j < k; ++j)
      if (g[j] == infinity) g[j] = 0;
  }
  g.array() -= g.dot(mass.column) / mass.total;
  result.row_potential = best_row_potentials(cost, g, threads);
}

template <class T>
ExactTransport exact_transport(std::string_view function, const CostMatrix<T>& cost, const TransportMasses& mass,
                               const CostRange& range, int threads, const ProgressReporter& progress) {
  const auto not_arrived = [&](double amount) {
    throw NumericalError("corymb::" + std::string(function) + ": the forbidden pairs let a mass of " + to_text(amount) +
                         " of " + to_text(mass.total) + " not arrive");
  };
  if (range.lowest > range.highest) not_arrived(mass.total);
  WholeSide rows, columns;
  whole_masses(mass, rows, columns);
  const StoredCosts<T> stored(cost, threads);
  NetworkSimplex<T> simplex(stored.data, stored.stride, range.lowest, range.highest,
                            some_forbidden(stored, cost.rows(), cost.cols(), threads), rows.number, columns.number,
                            WholeMasses{rows.units, columns.units});
  const double unit = mass.total / static_cast<double>(rows.sum());
  ExactTransport result;
  if (!simplex.run([&](std::int64_t pivots, double present) { return progress("pivots", pivots, 0, present * unit); }))
    result.status = Status::cancelled;
  result.pivots = simplex.pivots();
  // Sums of some masses that agree but for rounding count as equal, here and in the plan.
  if (result.status == Status::converged && simplex.unsent() > rows.sum() >> rounding_bits)
    not_arrived(static_cast<double>(simplex.unsent()) * unit);

  // What they differ by flows somewhere, too.
  std::vector<std::int64_t> row_units(static_cast<std::size_t>(cost.rows()), 0);
  std::vector<std::int64_t> column_units(static_cast<std::size_t>(cost.cols()), 0);
  for (std::size_t i = 0; i < rows.number.size(); ++i)
    row_units[static_cast<std::size_t>(rows.number[i])] = rows.units[i];
  for (std::size_t j = 0; j < columns.number.size(); ++j)
    column_units[static_cast<std::size_t>(columns.number[j])] = columns.units[j];
  simplex.for_each_flow([&](Index i, Index j, std::int64_t units) {
    const std::int64_t least =
        std::min(row_units[static_cast<std::size_t>(i)], column_units[static_cast<std::size_t>(j)]);
    if (units <= least >> rounding_bits) return;
    result.plan.push_back({i, j, static_cast<double>(units) * unit});
  });
  std::sort(result.plan.begin(), result.plan.end(), [](const TransportEntry& a, const TransportEntry& b) {
    return a.row != b.row ? a.row < b.row : a.column < b.column;
  });
  for (const TransportEntry& entry : result.plan)
    result.cost += entry.mass * static_cast<double>(stored.data[entry.row * stored.stride + entry.column]);
  result.column_potential = Vector::Zero(cost.cols());
  simplex.write_column_potentials(result.column_potential);
  finish_potentials(cost, columns, mass, stored, threads, result);
  return result;
}

}  // namespace detail

template <class T>
ExactTransport exact_transport(const CostMatrix<T>& cost, const Vector& row_mass, const Vector& column_mass,
                               const ExactTransportOptions& options) {
  constexpr std::string_view function = "exact_transport";
  const Index n = cost.rows(), k = cost.cols();
  detail::require_threads(function, options.execution.threads);
  if (n < 1) detail::reject(function, "cost has 0 rows; at least 1 is needed");
  detail::require_columns(function, k, "cost");
  const detail::TransportMasses mass = detail::transport_masses(function, row_mass, column_mass, n, k);
  detail::require_memory(
      function,
      detail::NetworkSimplex<T>::memory(n, k) + (cost.stored() != nullptr ? 0 : detail::matrix_bytes<T>(n, k)),
      options.execution.memory_limit, "use float costs, or sinkhorn, which stores no costs");
  const int threads = resolve_threads(options.execution.threads);
  const detail::CostRange range = detail::check_costs(function, cost, threads);
  if (range.highest - range.lowest > 1e300)
    detail::reject(function, "costs from " + detail::to_text(range.lowest) + " to " + detail::to_text(range.highest) +
                                 " are too far apart; scale them down");
  return detail::exact_transport(function, cost, mass, range, threads,
                                 detail::ProgressReporter(options.execution.on_progress));
}

template <class Derived>
ExactTransport exact_transport(const Eigen::DenseBase<Derived>& cost, const Vector& row_mass, const Vector& column_mass,
                               const ExactTransportOptions& options) {
  detail::require_memory("exact_transport", detail::packed_bytes(cost), options.execution.memory_limit,
                         "pass row-major costs, which are used in place");
  return exact_transport(CostMatrix<typename Derived::Scalar>(cost), row_mass, column_mass, options);
}

CORYMB_END
