// The hot loops of mixtures, as kernels.ipp are those of distances: no include guard, included once for every
// instruction set by src/simd/mixture_kernels.cpp and once by portable_mixture_kernels.hpp, with hn as Highway or its
// stand-in.
//
// Densities have rows in lanes: a panel holds `rows_of_panel` rows, transposed. Whitened coordinates are computed
// `tile_height` at a time, each a broadcast coefficient times a vector of rows, so that a tile's accumulators stay in
// registers; only their squares are kept. Moments have coordinates in lanes and add up one row after another, but rows
// where coordinates are few.

#include <corymb/distance/detail/kernels/exponential.ipp>

using D = hn::ScalableTag<double>;
using DI = hn::RebindToSigned<D>;
using V = hn::Vec<D>;
inline constexpr std::ptrdiff_t lanes = static_cast<std::ptrdiff_t>(CORYMB_KERNEL_LANES(double));
inline constexpr int vectors = CORYMB_KERNEL_VECTORS;
inline constexpr std::ptrdiff_t rows_of_panel = vectors * lanes;
inline constexpr int tile_height = 6;

inline std::ptrdiff_t panel_rows() { return rows_of_panel; }

inline void pack_panels(const PanelsTask& task) {
  double* panel = task.panels;
  for (std::ptrdiff_t begin = 0; begin < task.n; begin += rows_of_panel)
    for (std::ptrdiff_t j = 0; j < task.d; ++j, panel += rows_of_panel) {
      const double* x = task.rows + begin * task.stride + j;
      CORYMB_UNROLL
      for (std::ptrdiff_t i = 0; i < rows_of_panel; ++i) panel[i] = x[i * task.stride];
    }
}

// Whitening matrices are packed by tiles of rows, the first of which is the short one: the coefficients of the columns
// left of the tile, column after column, then its triangle likewise.
inline std::ptrdiff_t first_height(std::ptrdiff_t d) { return d % tile_height == 0 ? tile_height : d % tile_height; }

inline std::ptrdiff_t whitening_size(std::ptrdiff_t d) { return d * (d + 1) / 2; }

inline void pack_whitening(const double* lower, std::ptrdiff_t d, double* packed) {
  for (std::ptrdiff_t begin = 0, end = first_height(d); begin < d; begin = end, end += tile_height)
    for (std::ptrdiff_t j = 0; j < end; ++j)
      for (std::ptrdiff_t i = begin < j ? j : begin; i < end; ++i) *packed++ = lower[j * d + i];
}

// Adds the squares of `height` whitened coordinates, from `begin` on, and stores the differences x − μ of that many
// more coordinates. Returns where the coefficients of the next tile begin.
template <int height>
HWY_INLINE const double* whiten_tile(const double* panel, const double* mean, const double* coefficients,
                                     std::ptrdiff_t begin, double* differences, double* squares) {
  const D real;
  V sum[static_cast<std::size_t>(height)][vectors];
  CORYMB_UNROLL
  for (int h = 0; h < height; ++h) {
    CORYMB_UNROLL
    for (int v = 0; v < vectors; ++v) sum[h][v] = hn::Zero(real);
  }
  for (std::ptrdiff_t j = 0; j < begin; ++j, coefficients += height) {
    V x[vectors];
    CORYMB_UNROLL
    for (int v = 0; v < vectors; ++v) {
      auto row = hn::Load(real, differences + j * rows_of_panel + v * lanes);
      CORYMB_KERNEL_KEEP(row);
      x[v] = row;
    }
    CORYMB_UNROLL
    for (int h = 0; h < height; ++h) {
      const auto c = hn::Set(real, coefficients[h]);
      CORYMB_UNROLL
      for (int v = 0; v < vectors; ++v) sum[h][v] = hn::MulAdd(x[v], c, sum[h][v]);
    }
  }
  CORYMB_UNROLL
  for (int g = 0; g < height; ++g) {
    const auto m = hn::Set(real, mean[begin + g]);
    V x[vectors];
    CORYMB_UNROLL
    for (int v = 0; v < vectors; ++v) {
      const std::ptrdiff_t place = (begin + g) * rows_of_panel + v * lanes;
      auto row = hn::Sub(hn::Load(real, panel + place), m);
      CORYMB_KERNEL_KEEP(row);
      x[v] = row;
      hn::Store(row, real, differences + place);
    }
    CORYMB_UNROLL
    for (int h = g; h < height; ++h) {
      const auto c = hn::Set(real, coefficients[h - g]);
      CORYMB_UNROLL
      for (int v = 0; v < vectors; ++v) sum[h][v] = hn::MulAdd(x[v], c, sum[h][v]);
    }
    coefficients += height - g;
  }
  CORYMB_UNROLL
  for (int v = 0; v < vectors; ++v) {
    auto square = hn::Load(real, squares + v * lanes);
    CORYMB_UNROLL
    for (int h = 0; h < height; ++h) square = hn::MulAdd(sum[h][v], sum[h][v], square);
    hn::Store(square, real, squares + v * lanes);
  }
  return coefficients;
}

HWY_INLINE void squares_of_triangular(const double* panel, const double* mean, const double* coefficients,
                                      std::ptrdiff_t d, double* differences, double* squares) {
  const std::ptrdiff_t height = first_height(d);
  switch (height) {
    case 1: coefficients = whiten_tile<1>(panel, mean, coefficients, 0, differences, squares); break;
    case 2: coefficients = whiten_tile<2>(panel, mean, coefficients, 0, differences, squares); break;
    case 3: coefficients = whiten_tile<3>(panel, mean, coefficients, 0, differences, squares); break;
    case 4: coefficients = whiten_tile<4>(panel, mean, coefficients, 0, differences, squares); break;
    case 5: coefficients = whiten_tile<5>(panel, mean, coefficients, 0, differences, squares); break;
    default: coefficients = whiten_tile<6>(panel, mean, coefficients, 0, differences, squares); break;
  }
  for (std::ptrdiff_t begin = height; begin < d; begin += tile_height)
    coefficients = whiten_tile<tile_height>(panel, mean, coefficients, begin, differences, squares);
}

// Even and odd coordinates apart: one sum would wait for itself.
HWY_INLINE void squares_of_diagonal(const double* panel, const double* mean, const double* scale, std::ptrdiff_t d,
                                    double* squares) {
  const D real;
  V square[2][vectors];
  CORYMB_UNROLL
  for (int v = 0; v < vectors; ++v) square[0][v] = square[1][v] = hn::Zero(real);
  const auto add = [&](std::ptrdiff_t j, V(&sum)[vectors]) HWY_ATTR {
    const auto m = hn::Set(real, mean[j]), s = hn::Set(real, scale[j]);
    CORYMB_UNROLL
    for (int v = 0; v < vectors; ++v) {
      const auto y = hn::Mul(hn::Sub(hn::Load(real, panel + j * rows_of_panel + v * lanes), m), s);
      sum[v] = hn::MulAdd(y, y, sum[v]);
    }
  };
  std::ptrdiff_t j = 0;
  for (; j + 1 < d; j += 2) {
    add(j, square[0]);
    add(j + 1, square[1]);
  }
  if (j < d) add(j, square[0]);
  CORYMB_UNROLL
  for (int v = 0; v < vectors; ++v) hn::Store(hn::Add(square[0][v], square[1][v]), real, squares + v * lanes);
}

inline void log_densities(const LogDensitiesTask& task) {
  const D real;
  alignas(64) double squares[rows_of_panel];
  for (std::ptrdiff_t c = 0; c < task.k; ++c) {
    const double* mean = task.means + c * task.stride;
    const double* whitening = task.whitening + c * task.whitening_stride;
    const auto constant = hn::Set(real, task.constants[c]), half = hn::Set(real, -0.5);
    for (std::ptrdiff_t begin = 0; begin < task.n; begin += rows_of_panel) {
      const double* panel = task.panels + begin * task.d;
      if (task.form == Whitening::diagonal) {
        squares_of_diagonal(panel, mean, whitening, task.d, squares);
      } else {
        for (std::ptrdiff_t i = 0; i < rows_of_panel; ++i) squares[i] = 0;
        squares_of_triangular(panel, mean, whitening, task.d, task.differences, squares);
      }
      double* values = task.values + c * task.n + begin;
      for (int v = 0; v < vectors; ++v)
        hn::Store(hn::MulAdd(half, hn::Load(real, squares + v * lanes), constant), real, values + v * lanes);
    }
  }
}

template <class M>
HWY_INLINE bool any(M mask) {
  std::uint8_t bits[8] = {};
  hn::StoreMaskBits(D(), mask, bits);
  return bits[0] != 0;
}

inline void posteriors(const PosteriorsTask& task) {
  const D real;
  const DI integer;
  const auto limit = hn::Set(real, -41.5);  // 2⁻⁶⁰
  for (std::ptrdiff_t i = 0; i < task.n; i += lanes) {
    auto largest = hn::Load(real, task.values + i);
    auto label = hn::Zero(integer);
    for (std::ptrdiff_t c = 1; c < task.k; ++c) {
      const auto value = hn::Load(real, task.values + c * task.n + i);
      const auto higher = hn::Lt(largest, value);
      largest = hn::IfThenElse(higher, value, largest);
      label = hn::IfThenElse(hn::RebindMask(integer, higher), hn::Set(integer, c), label);
    }
    hn::Store(largest, real, task.largest + i);
    hn::Store(label, integer, task.labels + i);
    auto sum = hn::Zero(real);
    for (std::ptrdiff_t c = 0; c < task.k; ++c) {
      double* value = task.values + c * task.n + i;
      const auto below = hn::Sub(hn::Load(real, value), largest);
      const auto counts = hn::Lt(limit, below);
      auto term = hn::Zero(real);
      if (any(counts)) {
        term = hn::IfThenElse(counts, exp_within(hn::Max(below, limit)), term);
        sum = hn::Add(sum, term);
      }
      hn::Store(term, real, value);
    }
    hn::Store(sum, real, task.sums + i);
    const auto factor = hn::Div(hn::Load(real, task.weights + i), sum);
    for (std::ptrdiff_t c = 0; c < task.k; ++c) {
      double* value = task.values + c * task.n + i;
      hn::Store(hn::Mul(hn::Load(real, value), factor), real, value);
    }
  }
}

// Lists the rows whose r is not zero, and the roots of these.
HWY_INLINE std::ptrdiff_t list_rows(const double* r, std::ptrdiff_t n, std::int32_t* list, double* roots) {
  const D real;
  std::ptrdiff_t count = 0;
  for (std::ptrdiff_t i = 0; i < n; i += lanes) {
    const auto value = hn::Load(real, r + i);
    std::uint8_t bits[8] = {};
    hn::StoreMaskBits(real, hn::Lt(hn::Zero(real), value), bits);
    if (bits[0] == 0) continue;
    const auto root = hn::Sqrt(value);
    if (bits[0] == (1u << lanes) - 1) {
      hn::StoreU(root, real, roots + count);
      CORYMB_UNROLL
      for (std::ptrdiff_t lane = 0; lane < lanes; ++lane) list[count + lane] = static_cast<std::int32_t>(i + lane);
      count += lanes;
      continue;
    }
    alignas(64) double root_of_lane[lanes];
    hn::Store(root, real, root_of_lane);
    for (unsigned left = bits[0]; left != 0; left &= left - 1, ++count) {
      const int lane = __builtin_ctz(left);
      list[count] = static_cast<std::int32_t>(i + lane);
      roots[count] = root_of_lane[lane];
    }
  }
  return count;
}

// Rows of X as they stand in a list, all shifted and scaled: y = √r (x − μ).
struct ListedRows {
  const double* rows;
  const double* mean;
  const std::int32_t* list;
  const double* roots;
  std::ptrdiff_t count;
  std::ptrdiff_t stride;
  std::ptrdiff_t width;  // coordinates, in whole vectors
};

// Adds Σ √r y and, along the axes, Σ y² of `width` vectors of coordinates from `j` on; else keeps the y.
template <int width, bool along_axes>
HWY_INLINE void add_scaled(const ListedRows& x, std::ptrdiff_t j, double* first, double* squares_or_scaled) {
  const D real;
  V mean[static_cast<std::size_t>(width)], sum[static_cast<std::size_t>(width)],
      square[static_cast<std::size_t>(width)];
  CORYMB_UNROLL
  for (int w = 0; w < width; ++w) {
    mean[w] = hn::LoadU(real, x.mean + j + w * lanes);
    sum[w] = hn::LoadU(real, first + j + w * lanes);
    square[w] = along_axes ? hn::LoadU(real, squares_or_scaled + j + w * lanes) : hn::Zero(real);
  }
  for (std::ptrdiff_t i = 0; i < x.count; ++i) {
    const double* row = x.rows + static_cast<std::ptrdiff_t>(x.list[i]) * x.stride + j;
    const auto root = hn::Set(real, x.roots[i]);
    CORYMB_UNROLL
    for (int w = 0; w < width; ++w) {
      const auto y = hn::Mul(hn::Sub(hn::Load(real, row + w * lanes), mean[w]), root);
      sum[w] = hn::MulAdd(y, root, sum[w]);
      if constexpr (along_axes)
        square[w] = hn::MulAdd(y, y, square[w]);
      else
        hn::Store(y, real, squares_or_scaled + i * x.stride + j + w * lanes);
    }
  }
  CORYMB_UNROLL
  for (int w = 0; w < width; ++w) {
    hn::StoreU(sum[w], real, first + j + w * lanes);
    if constexpr (along_axes) hn::StoreU(square[w], real, squares_or_scaled + j + w * lanes);
  }
}

template <bool along_axes>
HWY_INLINE void add_all_scaled(const ListedRows& x, double* first, double* squares_or_scaled) {
  std::ptrdiff_t j = 0;
  for (; j + 4 * lanes <= x.width; j += 4 * lanes) add_scaled<4, along_axes>(x, j, first, squares_or_scaled);
  for (; j + 2 * lanes <= x.width; j += 2 * lanes) add_scaled<2, along_axes>(x, j, first, squares_or_scaled);
  for (; j < x.width; j += lanes) add_scaled<1, along_axes>(x, j, first, squares_or_scaled);
}

// Adds Σ y yᵀ: columns [column, column + lanes), `width` vectors from `row` on. One vector alone would wait for its own
// sums: there, rows are summed in two parts.
template <int width>
HWY_INLINE void add_products(const double* scaled, std::ptrdiff_t count, std::ptrdiff_t stride, std::ptrdiff_t column,
                             std::ptrdiff_t row, double* second) {
  constexpr std::ptrdiff_t parts = width == 1 ? 2 : 1;
  const D real;
  V sum[static_cast<std::size_t>(parts)][lanes][static_cast<std::size_t>(width)];
  double* tile = second + column * stride + row;
  CORYMB_UNROLL
  for (int t = 0; t < lanes; ++t) {
    CORYMB_UNROLL
    for (int w = 0; w < width; ++w) {
      sum[0][t][w] = hn::LoadU(real, tile + t * stride + w * lanes);
      if constexpr (parts == 2) sum[1][t][w] = hn::Zero(real);
    }
  }
  const auto add = [&](const double* y_of_row, V(&to)[lanes][static_cast<std::size_t>(width)]) HWY_ATTR {
    V y[static_cast<std::size_t>(width)];
    CORYMB_UNROLL
    for (int w = 0; w < width; ++w) {
      auto part = hn::Load(real, y_of_row + row + w * lanes);
      CORYMB_KERNEL_KEEP(part);
      y[w] = part;
    }
    CORYMB_UNROLL
    for (int t = 0; t < lanes; ++t) {
      const auto factor = hn::Set(real, y_of_row[column + t]);
      CORYMB_UNROLL
      for (int w = 0; w < width; ++w) to[t][w] = hn::MulAdd(y[w], factor, to[t][w]);
    }
  };
  std::ptrdiff_t i = 0;
  for (; i + parts <= count; i += parts) {
    CORYMB_UNROLL
    for (std::ptrdiff_t part = 0; part < parts; ++part) add(scaled + (i + part) * stride, sum[part]);
  }
  for (; i < count; ++i) add(scaled + i * stride, sum[0]);
  CORYMB_UNROLL
  for (int t = 0; t < lanes; ++t) {
    CORYMB_UNROLL
    for (int w = 0; w < width; ++w) {
      const auto whole = parts == 2 ? hn::Add(sum[0][t][w], sum[parts - 1][t][w]) : sum[0][t][w];
      hn::StoreU(whole, real, tile + t * stride + w * lanes);
    }
  }
}

// The lower triangle, in tiles as wide as the registers allow.
HWY_INLINE void add_all_products(const double* scaled, std::ptrdiff_t count, std::ptrdiff_t stride,
                                 std::ptrdiff_t width, double* second) {
  for (std::ptrdiff_t column = 0; column < width; column += lanes)
    for (std::ptrdiff_t row = column; row < width;) {
      const std::ptrdiff_t left = (width - row) / lanes;
      if (left == 1) {
        add_products<1>(scaled, count, stride, column, row, second);
        row += lanes;
      } else if (left == 2 || left == 4) {
        add_products<2>(scaled, count, stride, column, row, second);
        row += 2 * lanes;
      } else {
        add_products<3>(scaled, count, stride, column, row, second);
        row += 3 * lanes;
      }
    }
}

// All moments of component c in few coordinates, with rows in lanes.
template <int d, bool along_axes>
HWY_INLINE void add_few(const MomentsTask& task, std::ptrdiff_t c) {
  const D real;
  const double* mean = task.means + c * task.stride;
  const double* r = task.r + c * task.n;
  V weight = hn::Zero(real), first[static_cast<std::size_t>(d)],
    second[static_cast<std::size_t>(d)][static_cast<std::size_t>(d)];
  CORYMB_UNROLL
  for (int i = 0; i < d; ++i) {
    first[i] = hn::Zero(real);
    CORYMB_UNROLL
    for (int j = 0; j <= i; ++j) second[i][j] = hn::Zero(real);
  }
  for (std::ptrdiff_t begin = 0; begin < task.n; begin += lanes) {
    const auto share = hn::Load(real, r + begin);
    if (!any(hn::Lt(hn::Zero(real), share))) continue;
    // Panels may be several vectors wide.
    const double* x = task.panels + begin / rows_of_panel * rows_of_panel * d + begin % rows_of_panel;
    V y[static_cast<std::size_t>(d)];
    weight = hn::Add(weight, share);
    CORYMB_UNROLL
    for (int i = 0; i < d; ++i) {
      y[i] = hn::Sub(hn::Load(real, x + i * rows_of_panel), hn::Set(real, mean[i]));
      const auto scaled = hn::Mul(y[i], share);
      first[i] = hn::Add(first[i], scaled);
      CORYMB_UNROLL
      for (int j = along_axes ? i : 0; j <= i; ++j) second[i][j] = hn::MulAdd(y[j], scaled, second[i][j]);
    }
  }
  const auto sum_of = [&](V v) HWY_ATTR { return hn::GetLane(hn::SumOfLanes(real, v)); };
  task.weight[c] += sum_of(weight);
  double* moments = task.second + c * task.second_stride;
  for (int i = 0; i < d; ++i) {
    task.first[c * task.stride + i] += sum_of(first[i]);
    if (along_axes)
      moments[i] += sum_of(second[i][i]);
    else
      for (int j = 0; j <= i; ++j) moments[j * task.stride + i] += sum_of(second[i][j]);
  }
}

inline constexpr std::ptrdiff_t few_coordinates = 4;

template <bool along_axes>
HWY_INLINE void add_few(const MomentsTask& task, std::ptrdiff_t c) {
  switch (task.d) {
    case 1: return add_few<1, along_axes>(task, c);
    case 2: return add_few<2, along_axes>(task, c);
    case 3: return add_few<3, along_axes>(task, c);
    default: return add_few<4, along_axes>(task, c);
  }
}

inline void moments(const MomentsTask& task) {
  const D real;
  const std::ptrdiff_t width = (task.d + lanes - 1) / lanes * lanes;
  for (std::ptrdiff_t c = 0; c < task.k; ++c) {
    if (task.d <= few_coordinates) {
      task.along_axes ? add_few<true>(task, c) : add_few<false>(task, c);
      continue;
    }
    const double* r = task.r + c * task.n;
    const std::ptrdiff_t count = list_rows(r, task.n, task.list, task.roots);
    if (count == 0) continue;
    auto sum = hn::Zero(real);
    for (std::ptrdiff_t i = 0; i < task.n; i += lanes) sum = hn::Add(sum, hn::Load(real, r + i));
    task.weight[c] += hn::GetLane(hn::SumOfLanes(real, sum));
    double* first = task.first + c * task.stride;
    double* second = task.second + c * task.second_stride;
    ListedRows x{task.rows, task.means + c * task.stride, task.list, task.roots, count, task.stride, width};
    if (task.along_axes) {
      add_all_scaled<true>(x, first, second);
      continue;
    }
    for (; count > x.list - task.list; x.list += moment_rows, x.roots += moment_rows) {
      x.count = count - (x.list - task.list) < moment_rows ? count - (x.list - task.list) : moment_rows;
      add_all_scaled<false>(x, first, task.scaled);
      add_all_products(task.scaled, x.count, task.stride, width, second);
    }
  }
}
