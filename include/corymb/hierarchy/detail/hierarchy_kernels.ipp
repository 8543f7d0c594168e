// The hot loops of hierarchies, as kernels.ipp are those of distances, which come before them: no include guard,
// included once for every instruction set by src/simd/hierarchy_kernels.cpp and once by portable_hierarchy_kernels.hpp,
// with hn as Highway or its stand-in.

template <class T>
TwoLowest<T> scan_triangle_row(const TriangleRowTask<T>& task) {
  using S = Shape<T>;
  const typename S::D d;
  const typename S::DI di;
  constexpr T infinity = std::numeric_limits<T>::infinity();
  const auto row_share = hn::Set(d, task.row_share);
  const auto row = hn::Set(di, task.row), step = hn::Set(di, static_cast<typename S::Lane>(S::lanes));
  alignas(64) typename S::Lane places[S::lanes];
  for (std::ptrdiff_t l = 0; l < S::lanes; ++l) places[l] = static_cast<typename S::Lane>(l);
  auto column = hn::Load(di, places), place = hn::Zero(di);
  auto lowest = hn::Set(d, infinity), second = hn::Set(d, infinity);
  std::ptrdiff_t j = 0;
  for (; j + S::lanes <= task.n; j += S::lanes) {
    __builtin_prefetch(task.value + j + 1024 / static_cast<std::ptrdiff_t>(sizeof(T)));
    auto value = hn::LoadU(d, task.value + j);
    if (task.share != nullptr) value = hn::Div(value, hn::Mul(row_share, hn::LoadU(d, task.share + j)));
    value = hn::Add(value, hn::LoadU(d, task.absent + j));
    const auto nearer = hn::Lt(value, lowest);
    second = hn::Min(second, hn::IfThenElse(nearer, lowest, value));
    lowest = hn::IfThenElse(nearer, value, lowest);
    place = hn::IfThenElse(hn::RebindMask(di, nearer), column, place);
    column = hn::Add(column, step);
    const auto column_lowest = hn::LoadU(d, task.lowest + j);
    const auto in_column = hn::Lt(value, column_lowest);
    hn::StoreU(hn::Min(hn::LoadU(d, task.second + j), hn::IfThenElse(in_column, column_lowest, value)), d,
               task.second + j);
    hn::StoreU(hn::IfThenElse(in_column, value, column_lowest), d, task.lowest + j);
    hn::StoreU(hn::IfThenElse(hn::RebindMask(di, in_column), row, hn::LoadU(di, task.place + j)), di, task.place + j);
  }
  TwoLowest<T> found{infinity, infinity, 0};
  const auto join = [&found](T value, PlaceOf<T> at) {
    if (value < found.lowest || (value == found.lowest && at < found.place)) {
      found.second = found.lowest;
      found.lowest = value;
      found.place = at;
    } else if (value < found.second) {
      found.second = value;
    }
  };
  alignas(64) T lane_lowest[S::lanes], lane_second[S::lanes];
  hn::Store(lowest, d, lane_lowest);
  hn::Store(second, d, lane_second);
  hn::Store(place, di, places);
  for (std::ptrdiff_t l = 0; l < S::lanes; ++l) join(lane_lowest[l], places[l]);
  for (std::ptrdiff_t l = 0; l < S::lanes; ++l)
    if (lane_second[l] < found.second) found.second = lane_second[l];
  for (; j < task.n; ++j) {
    T value = task.value[j];
    if (task.share != nullptr) value /= task.row_share * task.share[j];
    value += task.absent[j];
    join(value, static_cast<PlaceOf<T>>(j));
    if (value < task.lowest[j]) {
      task.second[j] = task.lowest[j];
      task.lowest[j] = value;
      task.place[j] = task.row;
    } else if (value < task.second[j]) {
      task.second[j] = value;
    }
  }
  return found;
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
        hn::StoreU(hn::DemoteTo(narrow, hn::Mul(hn::Sub(hn::LoadU(wide, task.panel + j * S::points + i), centre), scale)),
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
        const auto least = hn::Mul(hn::Add(lowest, hn::Load(d, below_ + v * S::lanes)),
                                   hn::Load(d, factor_ + v * S::lanes));
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
