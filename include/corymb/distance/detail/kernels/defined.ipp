// Part of kernels.ipp.
// Defined values: distances, nearest_defined, square_roots, squared_to_assigned.

inline int highest_bit(int number) {
  int bit = 1;
  while (number / bit >= 2) bit *= 2;
  return bit;
}

// One step of the defined value. Product and sum are rounded apart: this file is compiled without contraction, and the
// stand-in for Highway keeps the compiler from fusing them.
template <PairValue Value, class T>
HWY_INLINE typename Shape<T>::V step(typename Shape<T>::V sum, typename Shape<T>::V a, typename Shape<T>::V b,
                                     [[maybe_unused]] int power = 0) {
  const typename Shape<T>::D d;
  if constexpr (Value == PairValue::squared_euclidean) {
    const auto difference = hn::Sub(a, b);
    return hn::Add(sum, CORYMB_KERNEL_ROUNDED(hn::Mul(difference, difference)));
  } else if constexpr (Value == PairValue::manhattan) {
    return hn::Add(sum, hn::Abs(hn::Sub(a, b)));
  } else if constexpr (Value == PairValue::chebyshev) {
    return hn::Max(sum, hn::Abs(hn::Sub(a, b)));
  } else if constexpr (Value == PairValue::dot_product) {
    return hn::Add(sum, CORYMB_KERNEL_ROUNDED(hn::Mul(a, b)));
  } else if constexpr (Value == PairValue::canberra) {
    const auto size = hn::Add(hn::Abs(a), hn::Abs(b));
    const auto part = hn::Div(hn::Abs(hn::Sub(a, b)), size);
    return hn::Add(sum, hn::IfThenZeroElse(hn::Eq(size, hn::Zero(d)), part));
  } else if constexpr (Value == PairValue::mismatches) {
    return hn::Add(sum, hn::IfThenZeroElse(hn::Eq(a, b), hn::Set(d, T(1))));
  } else if constexpr (Value == PairValue::cubes) {
    const auto difference = hn::Abs(hn::Sub(a, b));
    return hn::Add(sum, CORYMB_KERNEL_ROUNDED(hn::Mul(hn::Mul(difference, difference), difference)));
  } else if constexpr (Value == PairValue::fourth_powers) {
    const auto difference = hn::Sub(a, b), square = hn::Mul(difference, difference);
    return hn::Add(sum, CORYMB_KERNEL_ROUNDED(hn::Mul(square, square)));
  } else {
    const auto difference = hn::Abs(hn::Sub(a, b));
    auto product = difference;
    for (int bit = highest_bit(power) / 2; bit > 0; bit /= 2) {
      product = hn::Mul(product, product);
      if ((power & bit) != 0) product = hn::Mul(product, difference);
    }
    return hn::Add(sum, CORYMB_KERNEL_ROUNDED(product));
  }
}

// The values of Count rows of `a` from row `base` against the rows of a panel.
template <PairValue Value, int Count, class T>
HWY_INLINE void defined_tile(const T* panel, const RowsView<T>& a, std::ptrdiff_t base, int power,
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
      for (int v = 0; v < S::vectors; ++v) value[i][v] = step<Value, T>(value[i][v], x[v], coordinate, power);
    }
  }
}

// Calls sink(base, count, values) for tiles of rows of `a`, in ascending order.
template <PairValue Value, class T, class Sink>
HWY_INLINE void defined_tiles(const T* panel, const RowsView<T>& a, int power, const Sink& sink) {
  using S = Shape<T>;
  typename S::V value[tile_centroids][S::vectors];
  std::ptrdiff_t base = 0;
  for (; base + tile_centroids <= a.n; base += tile_centroids) {
    defined_tile<Value, tile_centroids, T>(panel, a, base, power, value);
    sink(base, tile_centroids, value);
  }
  for (; base + 2 <= a.n; base += 2) {
    defined_tile<Value, 2, T>(panel, a, base, power, value);
    sink(base, 2, value);
  }
  if (base < a.n) {
    defined_tile<Value, 1, T>(panel, a, base, power, value);
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
    defined_tiles<Value, T>(panel, task.a, task.power,
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
        panel, task.c, 0,
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
    case PairValue::manhattan: return distances_of<PairValue::manhattan, T>(task);
    case PairValue::chebyshev: return distances_of<PairValue::chebyshev, T>(task);
    case PairValue::dot_product: return distances_of<PairValue::dot_product, T>(task);
    case PairValue::canberra: return distances_of<PairValue::canberra, T>(task);
    case PairValue::mismatches: return distances_of<PairValue::mismatches, T>(task);
    case PairValue::cubes: return distances_of<PairValue::cubes, T>(task);
    case PairValue::fourth_powers: return distances_of<PairValue::fourth_powers, T>(task);
    case PairValue::powers: return distances_of<PairValue::powers, T>(task);
  }
}

template <class T>
void nearest_defined(const NearestTask<T>& task) {
  switch (task.kind) {
    case PairValue::squared_euclidean: return nearest_defined_of<PairValue::squared_euclidean, T>(task);
    case PairValue::manhattan: return nearest_defined_of<PairValue::manhattan, T>(task);
    case PairValue::chebyshev: return nearest_defined_of<PairValue::chebyshev, T>(task);
    case PairValue::canberra: return nearest_defined_of<PairValue::canberra, T>(task);
    case PairValue::mismatches: return nearest_defined_of<PairValue::mismatches, T>(task);
    case PairValue::dot_product:
    case PairValue::cubes:
    case PairValue::fourth_powers:
    case PairValue::powers: return;  // these values do not decide: see NearestTask
  }
}

// Each value becomes its root, rounded as the standard says.
template <class T>
void square_roots(T* values, std::ptrdiff_t n) {
  using S = Shape<T>;
  const typename S::D d;
  std::ptrdiff_t i = 0;
  for (; i + S::lanes <= n; i += S::lanes) hn::StoreU(hn::Sqrt(hn::LoadU(d, values + i)), d, values + i);
  if (i == n) return;
  alignas(64) T buffer[S::points] = {};
  for (std::ptrdiff_t l = i; l < n; ++l) buffer[l - i] = values[l];
  hn::Store(hn::Sqrt(hn::Load(d, buffer)), d, buffer);
  for (std::ptrdiff_t l = i; l < n; ++l) values[l] = buffer[l - i];
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
