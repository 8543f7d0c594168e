// The hot loops of hierarchies, as kernels.ipp are those of distances, which come before them: no include guard,
// included once for every instruction set by src/simd/hierarchy_kernels.cpp and once by portable_hierarchy_kernels.hpp,
// with hn as Highway or its stand-in.

// Few entries change anything: they are told from the others by a vector of lower bounds, and looked at one by one.
template <class T>
class TriangleRow {
 public:
  explicit TriangleRow(const TriangleRowTask<T>& task) : task_(task) {}

  template <bool Mean>
  TwoLowest<T> scan() {
    using S = Shape<T>;
    const typename S::D d;
    constexpr std::ptrdiff_t ahead = 1024 / static_cast<std::ptrdiff_t>(sizeof(T));
    const auto row_inverse = hn::Set(d, Mean ? T(1) / task_.row_size * round_down<T> * round_down<T> : T(1));
    auto second = hn::Set(d, found_.second);
    std::ptrdiff_t j = 0;
    for (; j + S::lanes <= task_.n; j += S::lanes) {
      __builtin_prefetch(task_.value + j + ahead);
      auto least = hn::LoadU(d, task_.value + j);
      if constexpr (Mean) least = hn::Mul(least, hn::Mul(row_inverse, hn::LoadU(d, task_.inverse + j)));
      least = hn::Add(least, hn::LoadU(d, task_.absent + j));
      std::uint64_t bits = lanes_below(d, least, hn::Max(second, hn::LoadU(d, task_.second + j)));
      if (bits == 0) continue;
      for (; bits != 0; bits &= bits - 1) look<Mean>(j + __builtin_ctzll(bits));
      second = hn::Set(d, found_.second);
    }
    for (; j < task_.n; ++j) look<Mean>(j);
    return found_;
  }

 private:
  template <bool Mean>
  HWY_INLINE void look(std::ptrdiff_t j) {
    T value = task_.value[j];
    if constexpr (Mean) value /= task_.row_size * task_.size[j];
    value += task_.absent[j];
    if (value < found_.lowest) {
      found_.second = found_.lowest;
      found_.lowest = value;
      found_.place = static_cast<PlaceOf<T>>(j);
    } else if (value < found_.second) {
      found_.second = value;
    }
    if (value < task_.lowest[j]) {
      task_.second[j] = task_.lowest[j];
      task_.lowest[j] = value;
      task_.place[j] = task_.row;
    } else if (value < task_.second[j]) {
      task_.second[j] = value;
    }
  }

  const TriangleRowTask<T>& task_;
  TwoLowest<T> found_{std::numeric_limits<T>::infinity(), std::numeric_limits<T>::infinity(), 0};
};

template <class T>
TwoLowest<T> scan_triangle_row(const TriangleRowTask<T>& task) {
  TriangleRow<T> row(task);
  return task.size != nullptr ? row.template scan<true>() : row.template scan<false>();
}

inline std::ptrdiff_t ward_panel_rows() { return Shape<float>::points; }

// A panel as one block sees it: rows in float, from the block's centre, and what their scores are compared by.
class WardPanel {
 public:
  using S = Shape<float>;

  explicit WardPanel(const WardPairsTask& task) : task_(task) {
    const hn::ScalableTag<double> wide;
    const hn::Rebind<float, hn::ScalableTag<double>> narrow;
    constexpr std::ptrdiff_t lanes = Shape<double>::lanes;
    const auto scale = hn::Set(wide, task.scale);
    for (std::ptrdiff_t j = 0; j < task.d; ++j) {
      const auto centre = hn::Set(wide, task.centre[j]);
      for (std::ptrdiff_t i = 0; i < S::points; i += lanes)
        hn::StoreU(
            hn::DemoteTo(narrow, hn::Mul(hn::Sub(hn::LoadU(wide, task.panel + j * S::points + i), centre), scale)),
            narrow, task.scratch + j * S::points + i);
    }
    typename S::V norm[S::vectors];
    panel_norms<float>(task.scratch, task.d, norm);
    const typename S::D d;
    const ScoreBound bound(sizeof(float), task.d, task.d, 1);
    const auto factor = hn::Set(d, static_cast<float>(bound.score_factor) * round_up<float>);
    const auto largest = hn::Set(d, task.largest_norm), tiny = hn::Set(d, static_cast<float>(bound.absolute));
    for (int v = 0; v < S::vectors; ++v) {
      const auto error = hn::Add(hn::Mul(factor, hn::Add(norm[v], largest)), tiny);
      hn::Store(hn::Sub(norm[v], error), d, below_ + v * S::lanes);
      hn::Store(hn::Add(norm[v], error), d, above_ + v * S::lanes);
    }
  }

  std::ptrdiff_t list() {
    const typename S::D d;
    const std::ptrdiff_t tiles = tile_count(task_.k);
    const float* coefficients = task_.packed + tiles * tile_centroids;
    float most = -1;  // the reciprocal that factor_ is for
    for (std::ptrdiff_t tile = 0; tile < tiles; ++tile) {
      const float* norms = task_.packed + tile * tile_centroids;
      if (task_.most_in_tile[tile] != most) {
        most = task_.most_in_tile[tile];
        for (int v = 0; v < S::vectors; ++v) hn::Store(factor(v, most), d, factor_ + v * S::lanes);
      }
      typename S::V score[tile_centroids][S::vectors];
      CORYMB_UNROLL
      for (int i = 0; i < tile_centroids; ++i) {
        CORYMB_UNROLL
        for (int v = 0; v < S::vectors; ++v) score[i][v] = hn::Set(d, norms[i]);
      }
      CORYMB_KERNEL_SPILL;
      multiply_tile<tile_centroids, float>(task_.scratch, coefficients + tile * tile_centroids * task_.d, task_.d,
                                           score);
      CORYMB_UNROLL
      for (int v = 0; v < S::vectors; ++v) {
        auto lowest = score[0][v];
        CORYMB_UNROLL
        for (int i = 1; i < tile_centroids; ++i) lowest = hn::Min(lowest, score[i][v]);
        const auto least =
            hn::Mul(hn::Add(lowest, hn::Load(d, below_ + v * S::lanes)), hn::Load(d, factor_ + v * S::lanes));
        if (lanes_within<float>(least, hn::LoadU(d, task_.second + v * S::lanes)) != 0) list(tile, v, score);
      }
    }
    return pairs_;
  }

 private:
  // 2 |A| |B| / (|A| + |B|) of the rows of a vector and a point, rounded down.
  HWY_INLINE typename S::V factor(int v, float reciprocal) const {
    const typename S::D d;
    return hn::Div(hn::Set(d, 2 * round_down<float>),
                   hn::Add(hn::LoadU(d, task_.row_reciprocal + v * S::lanes), hn::Set(d, reciprocal)));
  }

  HWY_INLINE void list(std::ptrdiff_t tile, int v, const typename S::V (&score)[tile_centroids][S::vectors]) {
    const typename S::D d;
    const std::ptrdiff_t base = tile * tile_centroids;
    for (int i = 0; i < tile_centroids && base + i < task_.k; ++i) {
      const auto by = factor(v, task_.reciprocal[base + i]);
      const auto down = hn::Mul(by, hn::Set(d, round_down<float>)), up = hn::Mul(by, hn::Set(d, round_twice_up));
      const auto lower = hn::Mul(hn::Add(score[i][v], hn::Load(d, below_ + v * S::lanes)), down);
      std::uint64_t bits = lanes_within<float>(lower, hn::LoadU(d, task_.second + v * S::lanes));
      if (bits == 0) continue;
      alignas(64) float least[S::lanes], greatest[S::lanes];
      hn::Store(lower, d, least);
      hn::Store(hn::Mul(hn::Add(score[i][v], hn::Load(d, above_ + v * S::lanes)), up), d, greatest);
      for (; bits != 0; bits &= bits - 1) {
        const int lane = __builtin_ctzll(bits);
        const std::ptrdiff_t row = v * S::lanes + lane;
        if (row >= task_.rows || task_.own[row] == base + i) continue;
        task_.pair[pairs_++] = {least[lane], static_cast<std::int32_t>(row), static_cast<std::int32_t>(base + i)};
        if (greatest[lane] < task_.lowest[row]) {
          task_.second[row] = task_.lowest[row];
          task_.lowest[row] = greatest[lane];
        } else if (greatest[lane] < task_.second[row]) {
          task_.second[row] = greatest[lane];
        }
      }
    }
  }

  // Makes up for factors that were rounded down.
  static constexpr float round_twice_up = round_up<float> * round_up<float> * round_up<float>;

  const WardPairsTask& task_;
  alignas(64) float below_[S::points];
  alignas(64) float above_[S::points];
  alignas(64) float factor_[S::points];
  std::ptrdiff_t pairs_ = 0;
};

inline std::ptrdiff_t ward_pairs(const WardPairsTask& task) { return WardPanel(task).list(); }
