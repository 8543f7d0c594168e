// Part of kernels.ipp.
// For searches that leave most pairs out: shrink_bounds, search_groups, within_reach, pair_values, project.

template <class T>
std::ptrdiff_t panel_rows(T) {
  return Shape<T>::points;
}

// Bit i says whether lane i of a < b.
template <class V, class D>
HWY_INLINE std::uint64_t lanes_below([[maybe_unused]] D d, V a, V b) {
  const auto mask = hn::Lt(a, b);
#if CORYMB_KERNEL_MASKS_ARE_BITS
  return mask.raw;
#else
  alignas(8) std::uint8_t bytes[8] = {};
  hn::StoreMaskBits(d, mask, bytes);
  std::uint64_t bits;
  std::memcpy(&bits, bytes, sizeof(bits));
  return bits;
#endif
}

// Bit i says whether value i of a vector is at most the limit.
template <class T>
HWY_INLINE std::uint64_t lanes_within(typename Shape<T>::V value, typename Shape<T>::V limit) {
  constexpr std::uint64_t all = Shape<T>::lanes < 64 ? (std::uint64_t{1} << Shape<T>::lanes) - 1 : ~std::uint64_t{0};
  return ~lanes_below(typename Shape<T>::D(), limit, value) & all;
}

// Bounds are rounded to the safe side.
template <class T>
inline constexpr T round_up = T(1) + 4 * std::numeric_limits<T>::epsilon();
template <class T>
inline constexpr T round_down = T(1) - 4 * std::numeric_limits<T>::epsilon();

template <class T>
void shrink_bounds(const ShrinkBoundsTask<T>& task) {
  using S = Shape<T>;
  const typename S::D d;
  const std::uint64_t all_lanes = S::lanes < 64 ? (std::uint64_t{1} << S::lanes) - 1 : ~std::uint64_t{0};
  const auto down = hn::Set(d, round_down<T>);
  for (std::ptrdiff_t i = 0; i < task.n; ++i) {
    T* bound = task.bound + i * task.stride;
    task.upper[i] = (task.upper[i] + task.moved[task.label[i]]) * round_up<T>;
    const auto reach = hn::Set(d, task.upper[i] * task.certain + task.smallest);
    std::uint64_t within = 0;
    const std::ptrdiff_t half = task.stride / 2;
    for (std::ptrdiff_t g = 0; half < S::lanes && g < half; ++g) {
      const T one = bound[g], other = bound[half + g];
      const T one_joined = other + task.joined[g], other_joined = one + task.joined[half + g];
      bound[g] = ((one_joined < one ? one_joined : one) - task.group_moved[g]) * round_down<T>;
      bound[half + g] = ((other_joined < other ? other_joined : other) - task.group_moved[half + g]) * round_down<T>;
      const T limit = hn::GetLane(reach);
      within |= static_cast<std::uint64_t>(!(limit < bound[g])) << g;
      within |= static_cast<std::uint64_t>(!(limit < bound[half + g])) << (half + g);
    }
    for (std::ptrdiff_t g = 0; half >= S::lanes && g < half; g += S::lanes) {
      const auto one = hn::LoadU(d, bound + g), other = hn::LoadU(d, bound + half + g);
      const auto one_joined = hn::Min(one, hn::Add(other, hn::LoadU(d, task.joined + g)));
      const auto other_joined = hn::Min(other, hn::Add(one, hn::LoadU(d, task.joined + half + g)));
      const auto one_shrunk = hn::Mul(hn::Sub(one_joined, hn::LoadU(d, task.group_moved + g)), down);
      const auto other_shrunk = hn::Mul(hn::Sub(other_joined, hn::LoadU(d, task.group_moved + half + g)), down);
      hn::StoreU(one_shrunk, d, bound + g);
      hn::StoreU(other_shrunk, d, bound + half + g);
      within |= (~lanes_below(d, reach, one_shrunk) & all_lanes) << g;
      within |= (~lanes_below(d, reach, other_shrunk) & all_lanes) << (half + g);
    }
    task.within[i] = within;
  }
}

template <class T>
class GroupSearch {
 public:
  explicit GroupSearch(const SearchGroupsTask<T>& task) : task_(task), scored_(task.scratch, task.x.d) {}

  void run() {
    for (std::ptrdiff_t first = 0; first < task_.count; first += S::points) {
      const std::ptrdiff_t count = task_.count - first < S::points ? task_.count - first : S::points;
      const std::uint64_t shared = choose_shared(first, count);
      for (std::ptrdiff_t p = first; p < first + count; ++p) start(p, shared);
      if (shared == 0) continue;
      for (std::ptrdiff_t i = 0; i < count; ++i) position_[i] = static_cast<std::int32_t>(first + i);
      fill(count);
      for (std::uint64_t bits = shared; bits != 0; bits &= bits - 1) search(__builtin_ctzll(bits), count);
    }
    for (std::ptrdiff_t g = 0; g < task_.groups.count; ++g) flush(g);
    for (std::ptrdiff_t p = 0; p < task_.count; ++p)
      if (task_.place[p] >= 0) task_.nearest[p] = task_.groups.centroid[task_.group[p]][task_.place[p]];
  }

 private:
  using S = Shape<T>;

  /// The groups that at least a third of the rows of a panel need.
  std::uint64_t choose_shared(std::ptrdiff_t first, std::ptrdiff_t count) {
    std::int32_t rows[most_groups] = {};
    std::uint64_t any = 0;
    for (std::ptrdiff_t p = first; p < first + count; ++p) {
      any |= task_.within[p];
      for (std::uint64_t bits = task_.within[p]; bits != 0; bits &= bits - 1) ++rows[__builtin_ctzll(bits)];
    }
    std::uint64_t shared = 0;
    for (std::uint64_t bits = any; bits != 0; bits &= bits - 1) {
      const int g = __builtin_ctzll(bits);
      if (3 * rows[g] >= S::points) shared |= std::uint64_t{1} << g;
    }
    return shared;
  }

  /// Gathers the row for the groups that its panel does not search.
  void start(std::ptrdiff_t p, std::uint64_t shared) {
    constexpr T infinity = std::numeric_limits<T>::infinity();
    const std::uint64_t searched = task_.within[p] | shared;
    task_.others[p] = infinity;
    task_.place[p] = -1;
    if (task_.group[p] < 0 || (searched >> task_.group[p] & 1) != 0) {  // the search finds the own centroid again
      task_.group[p] = -1;
      task_.above[p] = infinity;
      task_.below[p] = infinity;
    }
    for (std::uint64_t bits = task_.within[p] & ~shared; bits != 0; bits &= bits - 1) {
      const int g = __builtin_ctzll(bits);
      task_.gathered[g * gathered_rows + gathered_[g]] = static_cast<std::int32_t>(p);
      if (++gathered_[g] == gathered_rows) flush(g);
    }
  }

  void flush(std::ptrdiff_t g) {
    for (std::ptrdiff_t first = 0; first < gathered_[g]; first += S::points) {
      const std::ptrdiff_t count = gathered_[g] - first < S::points ? gathered_[g] - first : S::points;
      for (std::ptrdiff_t i = 0; i < count; ++i) position_[i] = task_.gathered[g * gathered_rows + first + i];
      fill(count);
      search(g, count);
    }
    gathered_[g] = 0;
  }

  /// The rows at position_ become the panel.
  void fill(std::ptrdiff_t count) {
    for (std::ptrdiff_t i = 0; i < count; ++i) row_[i] = task_.index[position_[i]];
    scored_.fill(task_.x, row_, 0, count, task_.centre);
    const typename S::D d;
    const auto tiny = hn::Set(d, static_cast<T>(scored_.bound.absolute));
    for (int v = 0; v < S::vectors; ++v)
      hn::Store(hn::Add(scored_.error(v, task_.largest_norm), tiny), d, error_ + v * S::lanes);
  }

  /// Finds the two nearest members of a group for the rows of the panel and joins them with what is known.
  void search(std::ptrdiff_t g, std::ptrdiff_t count) {
    const typename S::D d;
    scored_.find_best(task_.groups.packed[g], task_.groups.size[g]);
    alignas(64) T above[S::points], below[S::points], second[S::points];
    const auto zero = hn::Zero(d), up = hn::Set(d, round_up<T>), down = hn::Set(d, round_down<T>);
    for (int v = 0; v < S::vectors; ++v) {
      const std::ptrdiff_t at = v * S::lanes;
      const auto error = hn::Load(d, error_ + at);
      const auto lowest = hn::Add(hn::Load(d, scored_.best.first + at), scored_.norm[v]);
      const auto next = hn::Add(hn::Load(d, scored_.best.second + at), scored_.norm[v]);
      hn::Store(hn::Mul(hn::Sqrt(hn::Max(hn::Add(lowest, error), zero)), up), d, above + at);
      hn::Store(hn::Mul(hn::Sqrt(hn::Max(hn::Sub(lowest, error), zero)), down), d, below + at);
      hn::Store(hn::Mul(hn::Sqrt(hn::Max(hn::Sub(next, error), zero)), down), d, second + at);
    }
    for (std::ptrdiff_t i = 0; i < count; ++i) {
      const std::int32_t p = position_[i];
      T* bound = task_.groups.bound + row_[i] * task_.groups.stride;
      T beaten = below[i];  // the lowest of all that is not the nearest
      if (above[i] < task_.above[p]) {
        beaten = second[i];
        if (task_.group[p] >= 0) {  // what was the nearest so far is one of the others from now on
          T& of_group = bound[task_.group[p]];
          if (task_.below[p] < of_group) of_group = task_.below[p];
          if (task_.below[p] < task_.others[p]) task_.others[p] = task_.below[p];
        }
        task_.above[p] = above[i];
        task_.below[p] = below[i];
        task_.group[p] = static_cast<std::int32_t>(g);
        task_.place[p] = static_cast<std::int32_t>(scored_.best.index[i]);
      }
      bound[g] = beaten;
      if (beaten < task_.others[p]) task_.others[p] = beaten;
    }
  }

  const SearchGroupsTask<T>& task_;
  ScoredPanel<T> scored_;
  alignas(64) T error_[S::points];
  std::ptrdiff_t row_[S::points];
  std::int32_t position_[S::points];
  std::ptrdiff_t gathered_[most_groups] = {};
};

template <class T>
void search_groups(const SearchGroupsTask<T>& task) {
  GroupSearch<T>(task).run();
}

template <class T>
std::ptrdiff_t all_pairs(const WithinReachTask<T>& task) {
  std::ptrdiff_t pairs = 0;
  for (std::ptrdiff_t c = 0; c < task.k; ++c)
    for (std::ptrdiff_t i = 0; i < task.x.n; ++i) {
      task.row[pairs] = static_cast<std::int32_t>(i);
      task.centroid[pairs++] = static_cast<std::int32_t>(c);
    }
  return pairs;
}

template <class T>
std::ptrdiff_t within_reach(const WithinReachTask<T>& task) {
  using S = Shape<T>;
  const typename S::D d;
  const std::ptrdiff_t dim = task.x.d, tiles = tile_count(task.k);
  ScoredPanel<T> scored(task.scratch, dim);
  scored.fill(task.x, nullptr, 0, task.x.n, task.centre);
  alignas(64) T reach[S::points];
  for (std::ptrdiff_t i = 0; i < S::points; ++i) reach[i] = task.reach[i < task.x.n ? i : task.x.n - 1];
  const auto slack = hn::Set(d, task.slack);
  const auto largest = hn::Set(d, static_cast<T>(task.largest_norm));
  const auto tiny = hn::Set(d, static_cast<T>(scored.bound.absolute));
  const auto generous = hn::Set(d, T(1) + 16 * std::numeric_limits<T>::epsilon());  // roundings of the limit itself
  typename S::V limit[S::vectors];
  auto overflow = hn::Zero(d);
  for (int v = 0; v < S::vectors; ++v) {
    const auto norms = hn::Add(hn::Sqrt(scored.norm[v]), hn::Sqrt(largest));
    const auto distance = hn::MulAdd(slack, norms, hn::Load(d, reach + v * S::lanes));
    const auto error = hn::Add(scored.error(v, task.largest_norm), tiny);
    limit[v] = hn::Sub(hn::Mul(generous, hn::MulAdd(distance, distance, error)), scored.norm[v]);
    // No score is beyond 2 (norm + largest norm): below infinity here, none becomes NaN.
    const auto size = hn::Mul(hn::Set(d, T(4)), hn::Add(hn::Add(scored.norm[v], largest), hn::Abs(limit[v])));
    const auto finite = hn::Lt(size, hn::Set(d, std::numeric_limits<T>::infinity()));
    overflow = hn::Max(overflow, hn::IfThenElse(finite, hn::Zero(d), hn::Set(d, T(1))));
  }
  if (hn::GetLane(hn::MaxOfLanes(d, overflow)) != T(0)) return all_pairs(task);
  const std::uint64_t places = task.x.n < S::points ? (std::uint64_t{1} << task.x.n) - 1 : ~std::uint64_t{0};
  const T* coefficients = task.packed + tiles * tile_centroids;
  std::ptrdiff_t pairs = 0;
  for (std::ptrdiff_t tile = 0; tile < tiles; ++tile) {
    const T* norms = task.packed + tile * tile_centroids;
    typename S::V score[tile_centroids][S::vectors];
    CORYMB_UNROLL
    for (int i = 0; i < tile_centroids; ++i) {
      CORYMB_UNROLL
      for (int v = 0; v < S::vectors; ++v) score[i][v] = hn::Set(d, norms[i]);
    }
    CORYMB_KERNEL_SPILL;
    multiply_tile<tile_centroids, T>(scored.panel, coefficients + tile * tile_centroids * dim, dim, score);
    for (int v = 0; v < S::vectors; ++v) {
      auto lowest = score[0][v];
      CORYMB_UNROLL
      for (int i = 1; i < tile_centroids; ++i) lowest = hn::Min(lowest, score[i][v]);
      if (lanes_below(d, lowest, limit[v]) == 0) continue;
      const std::uint64_t here = places >> (v * S::lanes);
      for (int i = 0; i < tile_centroids; ++i) {
        for (std::uint64_t bits = lanes_below(d, score[i][v], limit[v]) & here; bits != 0; bits &= bits - 1) {
          task.row[pairs] = static_cast<std::int32_t>(v * S::lanes + __builtin_ctzll(bits));
          task.centroid[pairs++] = static_cast<std::int32_t>(tile * tile_centroids + i);
        }
      }
    }
  }
  return pairs;
}

template <class T>
void pair_values(const PairsTask<T>& task) {
  using S = Shape<T>;
  const typename S::D d;
  constexpr int chains = 4;  // sums that run side by side
  constexpr std::ptrdiff_t step = chains * S::lanes;
  for (std::ptrdiff_t p = 0; p < task.count; ++p) {
    if (p + 8 < task.count) prefetch_row<T>(task.x.data + task.row[p + 8] * task.x.stride, task.x.d);
    const T* x = task.x.data + task.row[p] * task.x.stride;
    const T* c = task.c.data + task.centroid[p] * task.c.stride;
    typename S::V sum[chains];
    CORYMB_UNROLL
    for (int l = 0; l < chains; ++l) sum[l] = hn::Zero(d);
    std::ptrdiff_t j = 0;
    for (; j + step <= task.x.d; j += step) {
      CORYMB_UNROLL
      for (int l = 0; l < chains; ++l) {
        const auto difference = hn::Sub(hn::LoadU(d, x + j + l * S::lanes), hn::LoadU(d, c + j + l * S::lanes));
        sum[l] = hn::MulAdd(difference, difference, sum[l]);
      }
    }
    for (; j + S::lanes <= task.x.d; j += S::lanes) {
      const auto difference = hn::Sub(hn::LoadU(d, x + j), hn::LoadU(d, c + j));
      sum[0] = hn::MulAdd(difference, difference, sum[0]);
    }
    T rest = T(0);
    for (; j < task.x.d; ++j) rest += (x[j] - c[j]) * (x[j] - c[j]);
    task.value[p] = rest + hn::GetLane(hn::SumOfLanes(d, hn::Add(hn::Add(sum[0], sum[1]), hn::Add(sum[2], sum[3]))));
  }
}

/// Room for packed_size(axes, d) values. Tiles of axes; in a tile, coordinates, then axes, padded with zeros.
template <class T>
void pack_axes(const RowsView<T>& axes, T* packed) {
  for (std::ptrdiff_t tile = 0; tile < tile_count(axes.n); ++tile)
    for (std::ptrdiff_t j = 0; j < axes.d; ++j)
      for (std::ptrdiff_t i = tile * tile_centroids; i < (tile + 1) * tile_centroids; ++i)
        *packed++ = i < axes.n ? axes.data[i * axes.stride + j] : T(0);
}

template <class T>
void project(const ProjectTask<T>& task) {
  using S = Shape<T>;
  const typename S::D d;
  T* panel = task.scratch;
  const T* zeros = zero_centre(task.scratch, task.x.d);
  for (std::ptrdiff_t first = 0; first < task.x.n; first += S::points) {
    const std::ptrdiff_t count = task.x.n - first < S::points ? task.x.n - first : S::points;
    fill_panel<T>(task.x, nullptr, first, count, zeros, panel);
    for (std::ptrdiff_t tile = 0; tile < tile_count(task.axes); ++tile) {
      typename S::V product[tile_centroids][S::vectors];
      CORYMB_UNROLL
      for (int i = 0; i < tile_centroids; ++i) {
        CORYMB_UNROLL
        for (int v = 0; v < S::vectors; ++v) product[i][v] = hn::Zero(d);
      }
      CORYMB_KERNEL_SPILL;
      multiply_tile<tile_centroids, T>(panel, task.packed + tile * tile_centroids * task.x.d, task.x.d, product);
      alignas(64) T buffer[S::points];
      for (int i = 0; i < tile_centroids && tile * tile_centroids + i < task.axes; ++i) {
        CORYMB_UNROLL
        for (int v = 0; v < S::vectors; ++v) hn::Store(product[i][v], d, buffer + v * S::lanes);
        T* out = task.out + first * task.out_stride + tile * tile_centroids + i;
        for (std::ptrdiff_t l = 0; l < count; ++l) out[l * task.out_stride] = buffer[l];
      }
    }
  }
}
