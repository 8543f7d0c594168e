// The hot loops of spectral clustering, as kernels.ipp are those of distances: no include guard, included once for
// every instruction set by src/simd/spectral_kernels.cpp and once by portable_spectral_kernels.hpp, with hn as Highway
// or its stand-in.

#include <corymb/distance/detail/kernels/exponential.ipp>

using D = hn::ScalableTag<double>;
using V = hn::Vec<D>;
inline constexpr std::ptrdiff_t lanes = static_cast<std::ptrdiff_t>(CORYMB_KERNEL_LANES(double));
static_assert(block_padding % lanes == 0);

HWY_INLINE V load_wide(const double* from) { return hn::LoadU(D(), from); }
HWY_INLINE V load_wide(const float* from) { return hn::PromoteTo(D(), hn::LoadU(hn::Rebind<float, D>(), from)); }
HWY_INLINE void store_narrow(V v, double* to) { hn::StoreU(v, D(), to); }
HWY_INLINE void store_narrow(V v, float* to) {
  const hn::Rebind<float, D> narrow;
  hn::StoreU(hn::DemoteTo(narrow, v), narrow, to);
}

// Adds to `height` rows of the result, `vectors` registers wide, what `count` columns of the matrix contribute.
template <int height, int vectors, class T>
HWY_INLINE void add_products(const T* matrix, std::ptrdiff_t stride, std::ptrdiff_t count, const double* block,
                             std::ptrdiff_t width, double* out) {
  const D real;
  V sum[static_cast<std::size_t>(height)][static_cast<std::size_t>(vectors)];
  CORYMB_UNROLL
  for (int h = 0; h < height; ++h) {
    CORYMB_UNROLL
    for (int v = 0; v < vectors; ++v) sum[h][v] = hn::LoadU(real, out + h * width + v * lanes);
  }
  for (std::ptrdiff_t j = 0; j < count; ++j) {
    V x[static_cast<std::size_t>(vectors)];
    CORYMB_UNROLL
    for (int v = 0; v < vectors; ++v) x[v] = hn::LoadU(real, block + j * width + v * lanes);
    CORYMB_UNROLL
    for (int h = 0; h < height; ++h) {
      const auto a = hn::Set(real, static_cast<double>(matrix[h * stride + j]));
      CORYMB_UNROLL
      for (int v = 0; v < vectors; ++v) sum[h][v] = hn::MulAdd(a, x[v], sum[h][v]);
    }
  }
  CORYMB_UNROLL
  for (int h = 0; h < height; ++h) {
    CORYMB_UNROLL
    for (int v = 0; v < vectors; ++v) hn::StoreU(sum[h][v], real, out + h * width + v * lanes);
  }
}

template <int vectors, class T>
HWY_INLINE void add_products_of_rows(const DenseProductTask<T>& task, std::ptrdiff_t first, std::ptrdiff_t count,
                                     std::ptrdiff_t at) {
  constexpr int height = vectors >= 4 ? 3 : 4;  // all sums and one row of the block fit into 16 registers
  const double* block = task.block + first * task.width + at;
  std::ptrdiff_t i = 0;
  for (; i + height <= task.rows; i += height)
    add_products<height, vectors>(task.matrix + i * task.stride + first, task.stride, count, block, task.width,
                                  task.out + i * task.width + at);
  for (; i < task.rows; ++i)
    add_products<1, vectors>(task.matrix + i * task.stride + first, task.stride, count, block, task.width,
                             task.out + i * task.width + at);
}

template <class T>
inline void dense_product(const DenseProductTask<T>& task) {
  constexpr std::ptrdiff_t panel = 128;  // rows of the block that stay in the first cache
  const std::ptrdiff_t size = task.rows * task.width;
  for (std::ptrdiff_t i = 0; i < size; ++i) task.out[i] = 0;
  for (std::ptrdiff_t first = 0; first < task.columns; first += panel) {
    const std::ptrdiff_t count = task.columns - first < panel ? task.columns - first : panel;
    std::ptrdiff_t at = 0;
    for (; at + 4 * lanes <= task.width; at += 4 * lanes) add_products_of_rows<4>(task, first, count, at);
    for (; at + 2 * lanes <= task.width; at += 2 * lanes) add_products_of_rows<2>(task, first, count, at);
    for (; at < task.width; at += lanes) add_products_of_rows<1>(task, first, count, at);
  }
}

template <int vectors, class T>
HWY_INLINE void sparse_row(const SparseProductTask<T>& task, std::ptrdiff_t i, std::ptrdiff_t at) {
  const D real;
  V sum[static_cast<std::size_t>(vectors)];
  CORYMB_UNROLL
  for (int v = 0; v < vectors; ++v) sum[v] = hn::Zero(real);
  for (std::ptrdiff_t e = task.begin[i]; e < task.begin[i + 1]; ++e) {
    const double* x = task.block + task.column[e] * task.width + at;
    const auto a = hn::Set(real, static_cast<double>(task.value[e]));
    CORYMB_UNROLL
    for (int v = 0; v < vectors; ++v) sum[v] = hn::MulAdd(a, hn::LoadU(real, x + v * lanes), sum[v]);
  }
  CORYMB_UNROLL
  for (int v = 0; v < vectors; ++v) hn::StoreU(sum[v], real, task.out + i * task.width + at + v * lanes);
}

template <class T>
inline void sparse_product(const SparseProductTask<T>& task) {
  for (std::ptrdiff_t i = 0; i < task.rows; ++i) {
    std::ptrdiff_t at = 0;
    for (; at + 8 * lanes <= task.width; at += 8 * lanes) sparse_row<8>(task, i, at);
    for (; at + 4 * lanes <= task.width; at += 4 * lanes) sparse_row<4>(task, i, at);
    for (; at + 2 * lanes <= task.width; at += 2 * lanes) sparse_row<2>(task, i, at);
    for (; at < task.width; at += lanes) sparse_row<1>(task, i, at);
  }
}

template <class T>
inline void gaussian(const GaussianTask<T>& task) {
  const D real;
  const auto lowest = hn::Set(real, -708.0);  // below, terms are taken for zero
  const auto affinity = [&](V value, V factor) HWY_ATTR {
    const auto x = hn::Mul(value, factor);
    return hn::IfThenElse(hn::Lt(x, lowest), hn::Zero(real), exp_within(hn::Max(x, lowest)));
  };
  const std::ptrdiff_t whole = task.columns / lanes * lanes;
  for (std::ptrdiff_t i = 0; i < task.rows; ++i) {
    T* values = task.values + i * task.columns;
    const auto row = hn::Set(real, -task.row_factor[i]);
    auto sum = hn::Zero(real);
    for (std::ptrdiff_t j = 0; j < whole; j += lanes) {
      const auto value = affinity(load_wide(values + j), hn::Mul(row, hn::LoadU(real, task.column_factor + j)));
      store_narrow(value, values + j);
      sum = hn::Add(sum, value);
    }
    if (whole < task.columns) {
      alignas(64) double part[lanes] = {}, factor[lanes] = {};
      for (std::ptrdiff_t j = whole; j < task.columns; ++j) {
        part[j - whole] = static_cast<double>(values[j]);
        factor[j - whole] = task.column_factor[j];
      }
      hn::Store(affinity(hn::Load(real, part), hn::Mul(row, hn::Load(real, factor))), real, part);
      for (std::ptrdiff_t j = task.columns - whole; j < lanes; ++j) part[j] = 0;
      for (std::ptrdiff_t j = whole; j < task.columns; ++j) values[j] = static_cast<T>(part[j - whole]);
      sum = hn::Add(sum, hn::Load(real, part));
    }
    task.sums[i] = hn::GetLane(hn::SumOfLanes(real, sum));
  }
}
