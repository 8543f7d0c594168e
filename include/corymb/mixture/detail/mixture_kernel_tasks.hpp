#pragma once

#include <corymb/core/config.hpp>

#include <cstddef>
#include <cstdint>

// What crosses into the kernels of mixtures. Vectors of d numbers are padded with zeros to `stride` of them, a multiple
// of `padding`; n rows are padded to whole panels. Rows, panels, values by row and scratch are aligned to 64 bytes.
namespace corymb::compiled::mixture {

inline constexpr std::ptrdiff_t padding = 8;

/// The form of the matrices that whiten: y = W (x − μ).
enum class Whitening : int {
  triangular,  // lower; packed by pack_whitening
  diagonal,    // d numbers
};

/// Transposes rows: coordinate j of the first panel_rows() of them, for every j, then of the next.
struct PanelsTask {
  const double* rows;  // n × stride
  std::ptrdiff_t n;
  std::ptrdiff_t d;
  std::ptrdiff_t stride;
  double* panels;  // n × d
};

/// values[c · n + i] = constants[c] − ½ ‖W_c (x_i − μ_c)‖², the same bits wherever a row stands.
struct LogDensitiesTask {
  const double* panels;  // n × d, by pack_panels
  std::ptrdiff_t n;
  std::ptrdiff_t d;
  std::ptrdiff_t k;
  std::ptrdiff_t stride;
  Whitening form;
  const double* means;      // k × stride
  const double* whitening;  // packed, whitening_stride apart; 0 where all components share one
  std::ptrdiff_t whitening_stride;
  const double* constants;  // k
  double* differences;      // scratch: d × panel_rows()
  double* values;           // k × n
};

/// For every row: its largest value, the lowest component that has it, and Σ_c exp(value_c − largest). The values
/// become exp(value_c − largest) · weight / sum; terms below 2⁻⁶⁰ of the largest are taken for zero.
struct PosteriorsTask {
  double* values;  // k × n
  std::ptrdiff_t n;
  std::ptrdiff_t k;
  const double* weights;  // n
  double* largest;        // n
  std::int64_t* labels;   // n
  double* sums;           // n
};

/// For every component: Σ r, Σ r x', and Σ r x' x'ᵀ or, along the axes, Σ r x'², added up over the rows with r ≠ 0, of
/// the differences x' = x − μ.
struct MomentsTask {
  const double* rows;    // n × stride
  const double* panels;  // the same, by pack_panels
  std::ptrdiff_t n;
  std::ptrdiff_t d;
  std::ptrdiff_t k;
  std::ptrdiff_t stride;
  bool along_axes;
  const double* r;               // k × n
  const double* means;           // k × stride
  double* weight;                // k
  double* first;                 // k × stride
  double* second;                // stride × stride of which the entries right of the diagonal count, or stride
  std::ptrdiff_t second_stride;  // from one component to the next; 0 where all share one
  std::int32_t* list;            // scratch: n
  double* roots;                 // scratch: n
  double* scaled;                // scratch: moment_rows · stride
};

inline constexpr std::ptrdiff_t moment_rows = 64;  // that are scaled at a time

CORYMB_EXPORT std::ptrdiff_t panel_rows();
/// In doubles; of a d × d lower triangle.
CORYMB_EXPORT std::ptrdiff_t whitening_size(std::ptrdiff_t d);
/// @param lower  d × d, column after column
CORYMB_EXPORT void pack_whitening(const double* lower, std::ptrdiff_t d, double* packed);
CORYMB_EXPORT void pack_panels(const PanelsTask& task);
CORYMB_EXPORT void log_densities(const LogDensitiesTask& task);
CORYMB_EXPORT void posteriors(const PosteriorsTask& task);
CORYMB_EXPORT void moments(const MomentsTask& task);

}  // namespace corymb::compiled::mixture
