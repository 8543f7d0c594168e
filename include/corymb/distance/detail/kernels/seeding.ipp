// Part of kernels.ipp.
//
// Few candidates against many rows. Up to 16 coordinates: candidates go in lanes, rows are broadcast. Beyond: lanes go
// along the coordinates, in a fixed number of partial sums (64 bytes of them) that are folded in a fixed order. Either
// way nothing is transposed for each row, nothing is fused, and the value depends on d and the two rows alone: the same
// seeds on every instruction set.

inline constexpr std::ptrdiff_t few_coordinates = 16;
inline constexpr std::ptrdiff_t candidate_group = 4;

template <class T>
inline constexpr std::ptrdiff_t partial_sums = 64 / sizeof(T);

/// How many places packed candidates have: whole vectors, or whole groups.
template <class T>
std::ptrdiff_t candidate_places(T, std::ptrdiff_t count, std::ptrdiff_t d) {
  const std::ptrdiff_t group = d <= few_coordinates ? Shape<T>::lanes : candidate_group;
  return divide_up(count, group) * group;
}

template <class T>
std::ptrdiff_t candidates_size(T, std::ptrdiff_t count, std::ptrdiff_t d) {
  const std::ptrdiff_t length = d <= few_coordinates ? d : divide_up(d, partial_sums<T>) * partial_sums<T>;
  return candidate_places(T(), count, d) * length;
}

/// Places beyond `count` repeat the first candidate.
template <class T>
void pack_candidates(const T* const* rows, std::ptrdiff_t count, std::ptrdiff_t d, T* packed) {
  const std::ptrdiff_t places = candidate_places(T(), count, d);
  const std::ptrdiff_t length = divide_up(d, partial_sums<T>) * partial_sums<T>;
  for (std::ptrdiff_t l = 0; l < places; ++l) {
    const T* row = rows[l < count ? l : 0];
    if (d <= few_coordinates) {
      for (std::ptrdiff_t j = 0; j < d; ++j) packed[j * places + l] = row[j];
    } else {
      for (std::ptrdiff_t j = 0; j < length; ++j) packed[l * length + j] = j < d ? row[j] : T(0);
    }
  }
}

inline constexpr int seeding_rows = 8;  // rows at a time: their chains of additions run side by side

// value[i · places + l] for Rows rows and one vector of candidates.
template <int Rows, class T>
HWY_INLINE void values_in_lanes(const T* const* rows, const T* candidates, std::ptrdiff_t places, std::ptrdiff_t dim,
                                T* value) {
  using S = Shape<T>;
  const typename S::D d;
  typename S::V sum[static_cast<std::size_t>(Rows)];
  CORYMB_UNROLL
  for (int i = 0; i < Rows; ++i) sum[i] = hn::Zero(d);
  for (std::ptrdiff_t j = 0; j < dim; ++j) {
    const auto z = hn::LoadU(d, candidates + j * places);
    CORYMB_UNROLL
    for (int i = 0; i < Rows; ++i) sum[i] = step<PairValue::squared_euclidean, T>(sum[i], hn::Set(d, rows[i][j]), z);
  }
  CORYMB_UNROLL
  for (int i = 0; i < Rows; ++i) hn::StoreU(sum[i], d, value + i * places);
}

// The sum of all lanes of `vectors` vectors, by halving: lane i and lane i + half, down to one.
template <class T, class V>
HWY_INLINE T fold_partial_sums(const V* sums) {
  constexpr std::ptrdiff_t lanes = Shape<T>::lanes;
  const typename Shape<T>::D d;
  alignas(64) T buffer[partial_sums<T>];
  for (std::ptrdiff_t v = 0; v < partial_sums<T> / lanes; ++v) hn::Store(sums[v], d, buffer + v * lanes);
  CORYMB_UNROLL
  for (std::ptrdiff_t half = partial_sums<T> / 2; half > 0; half /= 2)
    for (std::ptrdiff_t i = 0; i < half; ++i) buffer[i] += buffer[i + half];
  return buffer[0];
}

// value[i · places + l] for Rows rows and four candidates, lanes along the coordinates. What stands `ahead` elements
// further will be wanted soon.
template <int Rows, class T>
HWY_INLINE void values_along(const T* const* rows, const T* const* tails, const T* candidates, std::ptrdiff_t length,
                             std::ptrdiff_t dim, std::ptrdiff_t ahead, std::ptrdiff_t places, T* value) {
  using S = Shape<T>;
  constexpr int vectors = static_cast<int>(partial_sums<T> / S::lanes);
  const typename S::D d;
  typename S::V sum[static_cast<std::size_t>(Rows)][candidate_group][static_cast<std::size_t>(vectors)];
  for (int i = 0; i < Rows; ++i)
    for (int l = 0; l < candidate_group; ++l)
      for (int v = 0; v < vectors; ++v) sum[i][l][v] = hn::Zero(d);
  for (std::ptrdiff_t j = 0; j < length; j += partial_sums<T>) {
    const bool whole = j + partial_sums<T> <= dim;
    CORYMB_UNROLL
    for (int v = 0; v < vectors; ++v) {
      typename S::V x[static_cast<std::size_t>(Rows)];
      CORYMB_UNROLL
      for (int i = 0; i < Rows; ++i) {
        x[i] = hn::LoadU(d, (whole ? rows[i] + j : tails[i]) + v * S::lanes);
        __builtin_prefetch(rows[i] + ahead + j + v * S::lanes);
      }
      CORYMB_UNROLL
      for (int l = 0; l < candidate_group; ++l) {
        const auto z = hn::LoadU(d, candidates + l * length + j + v * S::lanes);
        CORYMB_UNROLL
        for (int i = 0; i < Rows; ++i) sum[i][l][v] = step<PairValue::squared_euclidean, T>(sum[i][l][v], x[i], z);
      }
    }
  }
  for (int i = 0; i < Rows; ++i)
    for (int l = 0; l < candidate_group; ++l) value[i * places + l] = fold_partial_sums<T>(sum[i][l]);
}

// The values of `count` rows (at most seeding_rows) and all candidates.
template <class T>
HWY_INLINE void candidate_values(const CandidatesTask<T>& task, std::ptrdiff_t first, int count, T* value) {
  const std::ptrdiff_t dim = task.x.d, places = task.places;
  const T* rows[seeding_rows];
  for (int i = 0; i < seeding_rows; ++i) rows[i] = task.x.data + (first + (i < count ? i : count - 1)) * task.x.stride;
  if (dim <= few_coordinates) {
    for (std::ptrdiff_t l = 0; l < places; l += Shape<T>::lanes)
      values_in_lanes<seeding_rows, T>(rows, task.candidates + l, places, dim, value + l);
    return;
  }
  const std::ptrdiff_t length = divide_up(dim, partial_sums<T>) * partial_sums<T>;
  const std::ptrdiff_t tail = dim / partial_sums<T> * partial_sums<T>;
  alignas(64) T ends[2][partial_sums<T>] = {};
  const T* tails[2] = {ends[0], ends[1]};
  for (int i = 0; i < count; i += 2) {
    for (std::ptrdiff_t j = tail; j < dim; ++j) {
      ends[0][j - tail] = rows[i][j];
      ends[1][j - tail] = rows[i + 1][j];
    }
    for (std::ptrdiff_t l = 0; l < places; l += candidate_group)
      values_along<2, T>(rows + i, tails, task.candidates + l * length, length, dim, 4 * task.x.stride, places,
                         value + i * places + l);
  }
}

// mass[l] += weight · min(closest, value[l]) for all candidates, in double.
template <class T>
HWY_INLINE void add_minima(const T* value, T closest, double weight, std::ptrdiff_t places, double* mass) {
  const hn::ScalableTag<double> dd;
  constexpr std::ptrdiff_t lanes = Shape<double>::lanes;
  const auto w = hn::Set(dd, weight), most = hn::Set(dd, static_cast<double>(closest));
  std::ptrdiff_t l = 0;
  for (; l + lanes <= places; l += lanes) {
    auto v = hn::Zero(dd);
    if constexpr (sizeof(T) == 4)
      v = hn::PromoteTo(dd, hn::LoadU(hn::Rebind<float, hn::ScalableTag<double>>(), value + l));
    else
      v = hn::LoadU(dd, value + l);
    const auto added = CORYMB_KERNEL_ROUNDED(hn::Mul(hn::Min(v, most), w));
    hn::StoreU(hn::Add(hn::LoadU(dd, mass + l), added), dd, mass + l);
  }
  for (; l < places; ++l)
    mass[l] += CORYMB_KERNEL_ROUNDED(static_cast<double>(value[l] < closest ? value[l] : closest) * weight);
}

template <class T>
void try_candidates(const CandidatesTask<T>& task) {
  T* value = task.scratch;
  for (std::ptrdiff_t first = 0; first < task.x.n; first += seeding_rows) {
    const int count = static_cast<int>(task.x.n - first < seeding_rows ? task.x.n - first : seeding_rows);
    candidate_values<T>(task, first, count, value);
    for (int i = 0; i < count; ++i) {
      T& closest = task.closest[first + i];
      const T* row_value = value + i * task.places;
      if (row_value[0] < closest) closest = row_value[0];
      if (task.mass != nullptr)
        add_minima(row_value, closest, task.weight != nullptr ? task.weight[first + i] : 1.0, task.places, task.mass);
    }
  }
}
