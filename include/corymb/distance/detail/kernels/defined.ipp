// Part of kernels.ipp.
// Defined values: distances, nearest_defined, squared_to_assigned.

// One step of the defined value. Product and sum are rounded apart: this file is compiled without contraction, and the
// stand-in for Highway keeps the compiler from fusing them.
template <PairValue Value, class V>
HWY_INLINE V step(V sum, V a, V b) {
  if constexpr (Value == PairValue::squared_euclidean || Value == PairValue::euclidean) {
    const V difference = hn::Sub(a, b);
    return hn::Add(sum, CORYMB_KERNEL_ROUNDED(hn::Mul(difference, difference)));
  } else if constexpr (Value == PairValue::manhattan) {
    return hn::Add(sum, hn::Abs(hn::Sub(a, b)));
  } else if constexpr (Value == PairValue::chebyshev) {
    return hn::Max(sum, hn::Abs(hn::Sub(a, b)));
  } else {
    return hn::Add(sum, CORYMB_KERNEL_ROUNDED(hn::Mul(a, b)));
  }
}

// The values of Count rows of `a` from row `base` against the rows of a panel.
template <PairValue Value, int Count, class T>
HWY_INLINE void defined_tile(const T* panel, const RowsView<T>& a, std::ptrdiff_t base,
                             typename Shape<T>::V (&value)[tile_centroids][Shape<T>::vectors]) {
  using S = Shape<T>;
  const typename S::D d;
  const T* y[static_cast<std::size_t>(Count)];
  CORYMB_UNROLL
  for (int i = 0; i < Count; ++i) {
    y[i] = a.data + (base + i) * a.stride;
    CORYMB_UNROLL
    for (int v = 0; v < S::vectors; ++v) value[i][v] = hn::Zero(d);
  }
  for (std::ptrdiff_t j = 0; j < a.d; ++j) {
    typename S::V x[S::vectors];
    CORYMB_UNROLL
    for (int v = 0; v < S::vectors; ++v) {
      auto row = hn::Load(d, panel + j * S::points + v * S::lanes);
      CORYMB_KERNEL_KEEP(row);
      x[v] = row;
    }
    CORYMB_UNROLL
    for (int i = 0; i < Count; ++i) {
      const auto coordinate = hn::Set(d, y[i][j]);
      CORYMB_UNROLL
      for (int v = 0; v < S::vectors; ++v) value[i][v] = step<Value>(value[i][v], x[v], coordinate);
    }
  }
  if constexpr (Value == PairValue::euclidean) {
    CORYMB_UNROLL
    for (int i = 0; i < Count; ++i) {
      CORYMB_UNROLL
      for (int v = 0; v < S::vectors; ++v) value[i][v] = hn::Sqrt(value[i][v]);
    }
  }
}

// Calls sink(base, count, values) for tiles of rows of `a`, in ascending order.
template <PairValue Value, class T, class Sink>
HWY_INLINE void defined_tiles(const T* panel, const RowsView<T>& a, const Sink& sink) {
  using S = Shape<T>;
  typename S::V value[tile_centroids][S::vectors];
  std::ptrdiff_t base = 0;
  for (; base + tile_centroids <= a.n; base += tile_centroids) {
    defined_tile<Value, tile_centroids, T>(panel, a, base, value);
    sink(base, tile_centroids, value);
  }
  for (; base + 2 <= a.n; base += 2) {
    defined_tile<Value, 2, T>(panel, a, base, value);
    sink(base, 2, value);
  }
  if (base < a.n) {
    defined_tile<Value, 1, T>(panel, a, base, value);
    sink(base, 1, value);
  }
}

template <class T>
std::ptrdiff_t defined_scratch_size(T, std::ptrdiff_t d) {
  return Shape<T>::points * d + d;  // a panel, and zeros to centre it by
}

template <class T>
HWY_INLINE const T* zero_centre(T* scratch, std::ptrdiff_t d) {
  T* zeros = scratch + Shape<T>::points * d;
  for (std::ptrdiff_t j = 0; j < d; ++j) zeros[j] = T(0);
  return zeros;
}

template <PairValue Value, class T>
void distances_of(const DistancesTask<T>& task) {
  using S = Shape<T>;
  const typename S::D d;
  T* panel = task.scratch;
  const T* zeros = zero_centre(task.scratch, task.b.d);
  for (std::ptrdiff_t first = 0; first < task.b.n; first += S::points) {
    const std::ptrdiff_t count = task.b.n - first < S::points ? task.b.n - first : S::points;
    fill_panel<T>(task.b, task.b_index, first, count, zeros, panel);
    defined_tiles<Value, T>(panel, task.a,
                            [&](std::ptrdiff_t base, int rows, const typename S::V(&value)[tile_centroids][S::vectors])
                                HWY_ATTR {
                                  for (int i = 0; i < rows; ++i) {
                                    T* out = task.out + (base + i) * task.out_stride + first;
                                    if (count == S::points) {
                                      CORYMB_UNROLL
                                      for (int v = 0; v < S::vectors; ++v)
                                        hn::StoreU(value[i][v], d, out + v * S::lanes);
                                    } else {
                                      alignas(64) T buffer[S::points];
                                      for (int v = 0; v < S::vectors; ++v)
                                        hn::Store(value[i][v], d, buffer + v * S::lanes);
                                      for (std::ptrdiff_t l = 0; l < count; ++l) out[l] = buffer[l];
                                    }
                                  }
                                });
  }
}

template <PairValue Value, class T>
void nearest_defined_of(const NearestTask<T>& task) {
  using S = Shape<T>;
  const typename S::D d;
  const typename S::DI di;
  T* panel = task.scratch;
  const T* zeros = zero_centre(task.scratch, task.x.d);
  for (std::ptrdiff_t first = 0; first < task.count; first += S::points) {
    const std::ptrdiff_t count = task.count - first < S::points ? task.count - first : S::points;
    fill_panel<T>(task.x, task.index, first, count, zeros, panel);
    typename S::V best[S::vectors];
    typename S::I best_index[S::vectors];
    for (int v = 0; v < S::vectors; ++v) {
      best[v] = hn::Set(d, std::numeric_limits<T>::infinity());
      best_index[v] = hn::Zero(di);
    }
    defined_tiles<Value, T>(
        panel, task.c,
        [&](std::ptrdiff_t base, int rows, const typename S::V(&value)[tile_centroids][S::vectors]) HWY_ATTR {
          for (int i = 0; i < rows; ++i) {
            const auto number = hn::Set(di, static_cast<typename S::Lane>(base + i));
            for (int v = 0; v < S::vectors; ++v) {
              const auto closer = hn::Lt(value[i][v], best[v]);  // strictly: the lower index wins
              best[v] = hn::Min(best[v], value[i][v]);
              best_index[v] = hn::IfThenElse(hn::RebindMask(di, closer), number, best_index[v]);
            }
          }
        });
    alignas(64) typename S::Lane index[S::points];
    alignas(64) T value[S::points];
    for (int v = 0; v < S::vectors; ++v) {
      hn::Store(best_index[v], di, index + v * S::lanes);
      hn::Store(best[v], d, value + v * S::lanes);
    }
    for (std::ptrdiff_t i = 0; i < count; ++i) {
      const std::ptrdiff_t row = task.index != nullptr ? task.index[first + i] : first + i;
      task.label[row] = static_cast<std::int32_t>(index[i]);
      if (task.value != nullptr) task.value[row] = value[i];
    }
  }
}

template <class T>
void distances(const DistancesTask<T>& task) {
  switch (task.kind) {
    case PairValue::squared_euclidean: return distances_of<PairValue::squared_euclidean, T>(task);
    case PairValue::euclidean: return distances_of<PairValue::euclidean, T>(task);
    case PairValue::manhattan: return distances_of<PairValue::manhattan, T>(task);
    case PairValue::chebyshev: return distances_of<PairValue::chebyshev, T>(task);
    case PairValue::dot_product: return distances_of<PairValue::dot_product, T>(task);
  }
}

template <class T>
void nearest_defined(const NearestTask<T>& task) {
  switch (task.kind) {
    case PairValue::squared_euclidean: return nearest_defined_of<PairValue::squared_euclidean, T>(task);
    case PairValue::euclidean: return nearest_defined_of<PairValue::euclidean, T>(task);
    case PairValue::manhattan: return nearest_defined_of<PairValue::manhattan, T>(task);
    case PairValue::chebyshev: return nearest_defined_of<PairValue::chebyshev, T>(task);
    case PairValue::dot_product: return;  // the callers turn cosine into distances first
  }
}

// value[i] = Σ_j (x_ij − c_label(i),j)². Eight rows at a time: their chains of additions run side by side.
template <class T>
void squared_to_assigned(const RowsView<T>& x, const RowsView<T>& c, const std::int32_t* label, T* value) {
  constexpr int group = 8;
  std::ptrdiff_t i = 0;
  for (; i + group <= x.n; i += group) {
    const T* row[group];
    const T* centroid[group];
    T sum[group];
    for (int l = 0; l < group; ++l) {
      row[l] = x.data + (i + l) * x.stride;
      centroid[l] = c.data + label[i + l] * c.stride;
      sum[l] = T(0);
    }
    for (std::ptrdiff_t j = 0; j < x.d; ++j) {
      CORYMB_UNROLL
      for (int l = 0; l < group; ++l) {
        const T difference = row[l][j] - centroid[l][j];
        sum[l] += CORYMB_KERNEL_ROUNDED(difference * difference);
      }
    }
    for (int l = 0; l < group; ++l) value[i + l] = sum[l];
  }
  for (; i < x.n; ++i) {
    T sum = T(0);
    for (std::ptrdiff_t j = 0; j < x.d; ++j) {
      const T difference = x.data[i * x.stride + j] - c.data[label[i] * c.stride + j];
      sum += CORYMB_KERNEL_ROUNDED(difference * difference);
    }
    value[i] = sum;
  }
}
