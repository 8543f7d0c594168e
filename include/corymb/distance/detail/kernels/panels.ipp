// Part of kernels.ipp.
// Panels: rows, minus a centre, transposed so that points go in lanes.

template <class T>
HWY_INLINE void transpose_block(const T* const* rows, const T* centre, std::ptrdiff_t j, T* panel) {
  // Four rows × one 128-bit block of coordinates.
#if CORYMB_KERNEL_HAS_BLOCKS
  const hn::CappedTag<T, 16 / sizeof(T)> d;
  constexpr std::ptrdiff_t points = Shape<T>::points;
  const auto mu = hn::LoadU(d, centre + j);
  if constexpr (sizeof(T) == 4) {
    const auto r0 = hn::Sub(hn::LoadU(d, rows[0] + j), mu), r1 = hn::Sub(hn::LoadU(d, rows[1] + j), mu);
    const auto r2 = hn::Sub(hn::LoadU(d, rows[2] + j), mu), r3 = hn::Sub(hn::LoadU(d, rows[3] + j), mu);
    const auto a = hn::InterleaveLower(d, r0, r2), b = hn::InterleaveUpper(d, r0, r2);
    const auto c = hn::InterleaveLower(d, r1, r3), e = hn::InterleaveUpper(d, r1, r3);
    hn::StoreU(hn::InterleaveLower(d, a, c), d, panel + (j + 0) * points);
    hn::StoreU(hn::InterleaveUpper(d, a, c), d, panel + (j + 1) * points);
    hn::StoreU(hn::InterleaveLower(d, b, e), d, panel + (j + 2) * points);
    hn::StoreU(hn::InterleaveUpper(d, b, e), d, panel + (j + 3) * points);
  } else {
    for (int half = 0; half < 2; ++half) {
      const auto r0 = hn::Sub(hn::LoadU(d, rows[2 * half] + j), mu);
      const auto r1 = hn::Sub(hn::LoadU(d, rows[2 * half + 1] + j), mu);
      hn::StoreU(hn::InterleaveLower(d, r0, r1), d, panel + (j + 0) * points + 2 * half);
      hn::StoreU(hn::InterleaveUpper(d, r0, r1), d, panel + (j + 1) * points + 2 * half);
    }
  }
#else
  for (std::ptrdiff_t i = 0; i < 4; ++i)
    for (std::ptrdiff_t l = j; l < j + static_cast<std::ptrdiff_t>(16 / sizeof(T)); ++l)
      panel[l * Shape<T>::points + i] = rows[i][l] - centre[l];
#endif
}

// Asks for a row that is needed soon: its first lines, the processor itself goes on.
template <class T>
HWY_INLINE void prefetch_row(const T* row, std::ptrdiff_t d) {
  constexpr std::ptrdiff_t line = 64 / sizeof(T);
  for (std::ptrdiff_t j = 0; j < d && j < 4 * line; j += line) __builtin_prefetch(row + j);
}

// Rows of x, or the rows listed in `index`, minus the centre. Places beyond `count` repeat the last row.
template <class T>
HWY_INLINE void fill_panel(const RowsView<T>& x, const std::ptrdiff_t* index, std::ptrdiff_t first,
                           std::ptrdiff_t count, const T* centre, T* panel) {
  constexpr std::ptrdiff_t points = Shape<T>::points;
  constexpr std::ptrdiff_t step = 16 / sizeof(T);
  const auto row = [&](std::ptrdiff_t i) HWY_ATTR {
    const std::ptrdiff_t r = first + (i < count ? i : count - 1);
    return x.data + (index != nullptr ? index[r] : r) * x.stride;
  };
  std::ptrdiff_t i = 0;
  for (; i + 4 <= points; i += 4) {
    if (index != nullptr)  // rows that are next to each other are fetched ahead by the processor itself
      for (std::ptrdiff_t l = 0; l < 4 && i + 8 < points; ++l) prefetch_row<T>(row(i + 8 + l), x.d);
    const T* rows[4] = {row(i), row(i + 1), row(i + 2), row(i + 3)};
    std::ptrdiff_t j = 0;
    for (; j + step <= x.d; j += step) transpose_block<T>(rows, centre, j, panel + i);
    for (; j < x.d; ++j)
      for (std::ptrdiff_t l = 0; l < 4; ++l) panel[j * points + i + l] = rows[l][j] - centre[j];
  }
  for (; i < points; ++i) {
    const T* r = row(i);
    for (std::ptrdiff_t j = 0; j < x.d; ++j) panel[j * points + i] = r[j] - centre[j];
  }
}

// ‖x‖² of the rows of a panel. Added by blocks of coordinates, as the scores are: the bound of their rounding
// (rounding.hpp) then covers a norm beside a score.
template <class T>
HWY_INLINE void panel_norms(const T* panel, std::ptrdiff_t dim, typename Shape<T>::V (&norm)[Shape<T>::vectors]) {
  using S = Shape<T>;
  const typename S::D d;
  const std::ptrdiff_t length = block_length(dim);
  CORYMB_UNROLL
  for (int v = 0; v < S::vectors; ++v) norm[v] = hn::Zero(d);
  for (std::ptrdiff_t j0 = 0; j0 < dim; j0 += length) {
    const std::ptrdiff_t end = j0 + length < dim ? j0 + length : dim;
    typename S::V part[S::vectors];
    CORYMB_UNROLL
    for (int v = 0; v < S::vectors; ++v) part[v] = hn::Zero(d);
    for (std::ptrdiff_t j = j0; j < end; ++j) {
      CORYMB_UNROLL
      for (int v = 0; v < S::vectors; ++v) {
        const auto x = hn::Load(d, panel + j * S::points + v * S::lanes);
        part[v] = hn::MulAdd(x, x, part[v]);
      }
    }
    CORYMB_UNROLL
    for (int v = 0; v < S::vectors; ++v) norm[v] = hn::Add(norm[v], part[v]);
  }
}
