#pragma once

#include <corymb/core/config.hpp>

#include <cstddef>

// What crosses into the kernels of transport. Everything is in units of ε: γ_j = g_j / ε and φ_i = f_i / ε are the
// potentials, and the plan is exp(φ_i + γ_j − c_ij / ε). −infinity stands for a row or column without mass. Costs count
// from an origin, so that an offset of all of them costs no digits: c_ij below is the difference.
namespace corymb::compiled::transport {

/// A block of costs: n × k, rows `stride` apart.
template <class T>
struct CostBlock {
  const T* data;
  std::ptrdiff_t n;
  std::ptrdiff_t k;
  std::ptrdiff_t stride;
};

inline constexpr std::ptrdiff_t padding = 8;

/// For every row: the largest of γ_j − c_ij / ε, values exp(γ_j − c_ij / ε − largest) and their sum. Terms below 10⁻³⁰⁷
/// are taken for zero. A row without finite terms has −infinity and zeros.
template <class T>
struct ExponentialsTask {
  CostBlock<T> cost;
  double origin;          // of the costs
  double per_epsilon;     // 1 / ε
  const double* columns;  // γ: k, padded with −infinity to a multiple of `padding`
  double* values;         // n × the padded k
  double* largest;        // n
  double* sums;           // n
};

/// values[j] = exp(φ_i + γ_j − c_ij / ε), and for every row Σ_j of these and of these times the cost (from 0).
template <class T>
struct PlanTask {
  CostBlock<T> cost;
  double origin;
  double per_epsilon;
  const double* rows;     // φ: n
  const double* columns;  // γ: padded
  T* values;
  std::ptrdiff_t stride;  // of the values
  double* sums;           // n
  double* costs;          // n
};

/// sums[i] = Σ_j values_ij factors_j
template <class T>
struct RowProductsTask {
  CostBlock<T> values;
  const T* factors;  // k
  double* sums;      // n
};

/// sums[j] += Σ_i factors_i values_ij, in double over the blocks and in T within one.
template <class T>
struct ColumnProductsTask {
  CostBlock<T> values;
  const double* factors;    // n
  double* sums;             // k
  const T* next = nullptr;  // what will be gone through next, as long: asked of the memory meanwhile
};

/// largest[j] and sums[j] become those of the rows so far and of these: Σ_i exp(φ_i − c_ij / ε − largest_j).
template <class T>
struct ColumnLogSumsTask {
  CostBlock<T> cost;
  double origin;
  double per_epsilon;
  const double* rows;  // φ: n
  double* largest;     // k; −infinity before the first rows
  double* sums;        // k; 0 before the first rows
};

/// The proximal step of one side, for n entries: with A = largest + log(sum), the mass that the other side offers at
/// potential 0, relaxed = exponent · (log_mass − A), or within bounds the number nearest to 0 in
/// [log_lower − A, log_mass − A]. potential = previous + relaxation · (that − previous); scale = exp(potential +
/// largest), by which the terms of the sum are to be multiplied. Entries of mass 0 or sum 0: potential −infinity, 0.
struct StepTask {
  std::ptrdiff_t n;
  const double* masses;      // where all are exact and relaxation is 1: scales are their quotients; else none
  const double* log_masses;  // −infinity: no mass
  const double* exponents;   // or none: within bounds
  const double* log_lower;   // within bounds
  const double* largest;
  const double* sums;
  double relaxation;
  double* potentials;  // previous ones in, unless relaxation is 1; new ones out
  double* scales;
};

#define CORYMB_DECLARE_TRANSPORT_KERNELS(T)                              \
  CORYMB_EXPORT void exponentials(const ExponentialsTask<T>& task);      \
  CORYMB_EXPORT void plan(const PlanTask<T>& task);                      \
  CORYMB_EXPORT void row_products(const RowProductsTask<T>& task);       \
  CORYMB_EXPORT void column_products(const ColumnProductsTask<T>& task); \
  CORYMB_EXPORT void column_log_sums(const ColumnLogSumsTask<T>& task);
CORYMB_DECLARE_TRANSPORT_KERNELS(float)
CORYMB_DECLARE_TRANSPORT_KERNELS(double)
#undef CORYMB_DECLARE_TRANSPORT_KERNELS
CORYMB_EXPORT void step(const StepTask& task);

}  // namespace corymb::compiled::transport
