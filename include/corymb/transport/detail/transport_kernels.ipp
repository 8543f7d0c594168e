// The hot loops of transport, as kernels.ipp are those of distances: no include guard, included once for every
// instruction set by src/simd/transport_kernels.cpp and once by portable_transport_kernels.hpp, with hn as Highway or
// its stand-in. Exponents are always formed in double, of float costs too: a cost may be 10⁷ ε.

#include <corymb/distance/detail/kernels/exponential.ipp>

using D = hn::ScalableTag<double>;
using V = hn::Vec<D>;
inline constexpr std::ptrdiff_t lanes = static_cast<std::ptrdiff_t>(CORYMB_KERNEL_LANES(double));
inline constexpr double lowest_exponent = -708;  // below, terms are taken for zero
inline constexpr double minus_infinity = -__builtin_huge_val();

HWY_INLINE V load_wide(const double* from) { return hn::LoadU(D(), from); }
HWY_INLINE V load_wide(const float* from) { return hn::PromoteTo(D(), hn::LoadU(hn::Rebind<float, D>(), from)); }
HWY_INLINE void store_narrow(V v, double* to) { hn::StoreU(v, D(), to); }
HWY_INLINE void store_narrow(V v, float* to) {
  const hn::Rebind<float, D> narrow;
  hn::StoreU(hn::DemoteTo(narrow, v), narrow, to);
}

// The first `count` of the numbers, fewer than there are lanes, and zeros.
template <class T>
HWY_INLINE V load_part(const T* from, std::ptrdiff_t count) {
  alignas(64) T part[lanes] = {};
  for (std::ptrdiff_t j = 0; j < count; ++j) part[j] = from[j];
  return load_wide(part);
}
template <class T>
HWY_INLINE void store_part(V v, std::ptrdiff_t count, T* to) {
  alignas(64) T part[lanes];
  store_narrow(v, part);
  for (std::ptrdiff_t j = 0; j < count; ++j) to[j] = part[j];
}

// Asks for numbers that will be wanted soon: where they come from memory, the hardware alone gets less than its
// bandwidth.
template <class T>
HWY_INLINE void ask_for(const T* from, std::ptrdiff_t count) {
  for (std::ptrdiff_t j = 0; j < count; j += 64 / static_cast<std::ptrdiff_t>(sizeof(T))) __builtin_prefetch(from + j);
}
template <class T>
HWY_INLINE void ask_ahead(const T* now, std::ptrdiff_t count) {
  ask_for(now + 4096 / static_cast<std::ptrdiff_t>(sizeof(T)), count);
}

// exp(x) of any x ≤ 709; 0 below lowest_exponent.
HWY_INLINE V exp_or_zero(V x) {
  const D real;
  const auto lowest = hn::Set(real, lowest_exponent);
  return hn::IfThenElse(hn::Lt(x, lowest), hn::Zero(real), exp_within(hn::Max(x, lowest)));
}

// exp(x) of any x: 0 below lowest_exponent, infinity from 709.5 on.
HWY_INLINE V exp_of_any(V x) {
  const D real;
  const auto highest = hn::Set(real, 709.5);
  const auto value = exp_or_zero(hn::Min(x, highest));
  return hn::IfThenElse(hn::Lt(x, highest), value, hn::Set(real, -minus_infinity));
}

template <class T>
inline void exponentials(const ExponentialsTask<T>& task) {
  const D real;
  const auto& cost = task.cost;
  const std::ptrdiff_t width = (cost.k + padding - 1) / padding * padding, whole = cost.k / lanes * lanes;
  const auto factor = hn::Set(real, -task.per_epsilon), zero_cost = hn::Set(real, task.origin);
  for (std::ptrdiff_t i = 0; i < cost.n; ++i) {
    const T* c = cost.data + i * cost.stride;
    double* values = task.values + i * width;
    ask_ahead(c, cost.stride);
    auto most = hn::Set(real, minus_infinity);
    const auto add = [&](std::ptrdiff_t j, V costs) HWY_ATTR {
      const auto x = hn::MulAdd(hn::Sub(costs, zero_cost), factor, hn::LoadU(real, task.columns + j));
      hn::Store(x, real, values + j);
      most = hn::Max(most, x);
    };
    for (std::ptrdiff_t j = 0; j < whole; j += lanes) add(j, load_wide(c + j));
    if (whole < cost.k) add(whole, load_part(c + whole, cost.k - whole));
    const double most_of_lanes = hn::GetLane(hn::MaxOfLanes(real, most));
    // Highway's emulation of vectors starts from the lowest finite number.
    const double largest = most_of_lanes > -__DBL_MAX__ ? most_of_lanes : minus_infinity;
    task.largest[i] = largest;
    const auto origin = hn::Set(real, largest == minus_infinity ? 0.0 : largest);
    auto even = hn::Zero(real), odd = even;
    std::ptrdiff_t j = 0;
    const std::ptrdiff_t end = whole < cost.k ? whole + lanes : whole;
    for (; j + 2 * lanes <= end; j += 2 * lanes) {
      const auto first = exp_or_zero(hn::Sub(hn::Load(real, values + j), origin));
      const auto second = exp_or_zero(hn::Sub(hn::Load(real, values + j + lanes), origin));
      hn::Store(first, real, values + j);
      hn::Store(second, real, values + j + lanes);
      even = hn::Add(even, first);
      odd = hn::Add(odd, second);
    }
    if (j < end) {
      const auto last = exp_or_zero(hn::Sub(hn::Load(real, values + j), origin));
      hn::Store(last, real, values + j);
      even = hn::Add(even, last);
    }
    task.sums[i] = hn::GetLane(hn::SumOfLanes(real, hn::Add(even, odd)));
  }
}

template <class T>
inline void plan(const PlanTask<T>& task) {
  const D real;
  const auto& cost = task.cost;
  const std::ptrdiff_t whole = cost.k / lanes * lanes;
  const auto factor = hn::Set(real, -task.per_epsilon), zero_cost = hn::Set(real, task.origin);
  for (std::ptrdiff_t i = 0; i < cost.n; ++i) {
    const T* c = cost.data + i * cost.stride;
    T* values = task.values + i * task.stride;
    const auto row = hn::Set(real, task.rows[i]);
    ask_ahead(c, cost.stride);
    auto sum = hn::Zero(real), paid = sum;
    const auto value_of = [&](std::ptrdiff_t j, V costs) HWY_ATTR {
      const auto x = hn::Add(hn::MulAdd(hn::Sub(costs, zero_cost), factor, hn::LoadU(real, task.columns + j)), row);
      const auto value = exp_of_any(x);
      sum = hn::Add(sum, value);
      // Infinite costs are paid for nothing.
      paid = hn::Add(paid, hn::IfThenElse(hn::Lt(hn::Zero(real), value), hn::Mul(value, costs), hn::Zero(real)));
      return value;
    };
    for (std::ptrdiff_t j = 0; j < whole; j += lanes) store_narrow(value_of(j, load_wide(c + j)), values + j);
    if (whole < cost.k)
      store_part(value_of(whole, load_part(c + whole, cost.k - whole)), cost.k - whole, values + whole);
    task.sums[i] = hn::GetLane(hn::SumOfLanes(real, sum));
    task.costs[i] = hn::GetLane(hn::SumOfLanes(real, paid));
  }
}

// `height` rows at a time share the factors.
template <int height, class T>
HWY_INLINE void products_of_rows(const CostBlock<T>& values, const T* factors, std::ptrdiff_t i, double* sums) {
  using DT = hn::ScalableTag<T>;
  using VT = hn::Vec<DT>;
  constexpr std::ptrdiff_t lanes_of_t = static_cast<std::ptrdiff_t>(CORYMB_KERNEL_LANES(T));
  const DT real;
  const T* row = values.data + i * values.stride;
  VT sum[static_cast<std::size_t>(height)][2];
  CORYMB_UNROLL
  for (int h = 0; h < height; ++h) sum[h][0] = sum[h][1] = hn::Zero(real);
  std::ptrdiff_t j = 0;
  for (; j + 2 * lanes_of_t <= values.k; j += 2 * lanes_of_t) {
    const auto first = hn::LoadU(real, factors + j), second = hn::LoadU(real, factors + j + lanes_of_t);
    CORYMB_UNROLL
    for (int h = 0; h < height; ++h) {
      sum[h][0] = hn::MulAdd(hn::LoadU(real, row + h * values.stride + j), first, sum[h][0]);
      sum[h][1] = hn::MulAdd(hn::LoadU(real, row + h * values.stride + j + lanes_of_t), second, sum[h][1]);
    }
  }
  for (; j + lanes_of_t <= values.k; j += lanes_of_t) {
    const auto first = hn::LoadU(real, factors + j);
    CORYMB_UNROLL
    for (int h = 0; h < height; ++h)
      sum[h][0] = hn::MulAdd(hn::LoadU(real, row + h * values.stride + j), first, sum[h][0]);
  }
  for (int h = 0; h < height; ++h) {
    double total = static_cast<double>(hn::GetLane(hn::SumOfLanes(real, hn::Add(sum[h][0], sum[h][1]))));
    for (std::ptrdiff_t last = j; last < values.k; ++last)
      total += static_cast<double>(row[h * values.stride + last]) * static_cast<double>(factors[last]);
    sums[i + h] = total;
  }
}

template <class T>
inline void row_products(const RowProductsTask<T>& task) {
  const auto& values = task.values;
  std::ptrdiff_t i = 0;
  for (; i + 4 <= values.n; i += 4) {
    ask_ahead(values.data + i * values.stride, 4 * values.stride);
    products_of_rows<4>(values, task.factors, i, task.sums);
  }
  for (; i < values.n; ++i) products_of_rows<1>(values, task.factors, i, task.sums);
}

// `width` vectors of columns stay in registers while all rows are added.
template <int width, class T>
HWY_INLINE void products_of_columns(const CostBlock<T>& values, const double* factors, std::ptrdiff_t j, double* sums,
                                    const T* next) {
  using DT = hn::ScalableTag<T>;
  using VT = hn::Vec<DT>;
  constexpr std::ptrdiff_t lanes_of_t = static_cast<std::ptrdiff_t>(CORYMB_KERNEL_LANES(T));
  const DT real;
  VT sum[static_cast<std::size_t>(width)];
  CORYMB_UNROLL
  for (int w = 0; w < width; ++w) sum[w] = hn::Zero(real);
  for (std::ptrdiff_t i = 0; i < values.n; ++i) {
    const T* row = values.data + i * values.stride + j;
    if (next != nullptr) ask_for(next + i * values.stride + j, width * lanes_of_t);
    const auto factor = hn::Set(real, static_cast<T>(factors[i]));
    CORYMB_UNROLL
    for (int w = 0; w < width; ++w) sum[w] = hn::MulAdd(hn::LoadU(real, row + w * lanes_of_t), factor, sum[w]);
  }
  alignas(64) T part[static_cast<std::size_t>(lanes_of_t)];
  for (int w = 0; w < width; ++w) {
    hn::Store(sum[w], real, part);
    for (std::ptrdiff_t lane = 0; lane < lanes_of_t; ++lane)
      sums[j + w * lanes_of_t + lane] += static_cast<double>(part[lane]);
  }
}

template <class T>
inline void column_products(const ColumnProductsTask<T>& task) {
  constexpr std::ptrdiff_t lanes_of_t = static_cast<std::ptrdiff_t>(CORYMB_KERNEL_LANES(T));
  const auto& values = task.values;
  std::ptrdiff_t j = 0;
  for (; j + 8 * lanes_of_t <= values.k; j += 8 * lanes_of_t)
    products_of_columns<8>(values, task.factors, j, task.sums, task.next);
  for (; j + 2 * lanes_of_t <= values.k; j += 2 * lanes_of_t)
    products_of_columns<2>(values, task.factors, j, task.sums, task.next);
  for (; j + lanes_of_t <= values.k; j += lanes_of_t)
    products_of_columns<1>(values, task.factors, j, task.sums, task.next);
  for (; j < values.k; ++j) {
    double sum = 0;
    for (std::ptrdiff_t i = 0; i < values.n; ++i)
      sum += static_cast<double>(values.data[i * values.stride + j]) * task.factors[i];
    task.sums[j] += sum;
  }
}

// Columns from j on, `count` of them, in one vector.
template <class T>
HWY_INLINE void log_sums_of_columns(const ColumnLogSumsTask<T>& task, std::ptrdiff_t j, std::ptrdiff_t count) {
  const D real;
  const auto& cost = task.cost;
  const bool whole = count == lanes;
  const auto factor = hn::Set(real, -task.per_epsilon), zero_cost = hn::Set(real, task.origin);
  const auto term = [&](std::ptrdiff_t i) HWY_ATTR {
    const T* c = cost.data + i * cost.stride + j;
    const auto costs = whole ? load_wide(c) : load_part(c, count);
    return hn::MulAdd(hn::Sub(costs, zero_cost), factor, hn::Set(real, task.rows[i]));
  };
  const auto before = whole ? hn::LoadU(real, task.largest + j) : load_part(task.largest + j, count);
  auto sum = whole ? hn::LoadU(real, task.sums + j) : load_part(task.sums + j, count);
  auto largest = before;
  for (std::ptrdiff_t i = 0; i < cost.n; ++i) largest = hn::Max(largest, term(i));
  const auto none = hn::Set(real, minus_infinity);
  const auto origin = hn::IfThenElse(hn::Lt(none, largest), largest, hn::Zero(real));
  sum = hn::Mul(sum, exp_or_zero(hn::Sub(before, origin)));
  for (std::ptrdiff_t i = 0; i < cost.n; ++i) sum = hn::Add(sum, exp_or_zero(hn::Sub(term(i), origin)));
  if (whole) {
    hn::StoreU(largest, real, task.largest + j);
    hn::StoreU(sum, real, task.sums + j);
  } else {
    store_part(largest, count, task.largest + j);
    store_part(sum, count, task.sums + j);
  }
}

template <class T>
inline void column_log_sums(const ColumnLogSumsTask<T>& task) {
  for (std::ptrdiff_t j = 0; j < task.cost.k; j += lanes)
    log_sums_of_columns(task, j, task.cost.k - j < lanes ? task.cost.k - j : lanes);
}

HWY_INLINE void step_of_lanes(const StepTask& task, std::ptrdiff_t i, std::ptrdiff_t count) {
  const D real;
  const auto load = [&](const double* from)
                        HWY_ATTR { return count == lanes ? hn::LoadU(real, from + i) : load_part(from + i, count); };
  const auto store = [&](V v, double* to) HWY_ATTR {
    if (count == lanes)
      hn::StoreU(v, real, to + i);
    else
      store_part(v, count, to + i);
  };
  const auto none = hn::Set(real, minus_infinity), zero = hn::Zero(real), one = hn::Set(real, 1.0);
  const auto log_mass = load(task.log_masses), sum = load(task.sums), largest = load(task.largest);
  const auto offered = hn::Lt(zero, sum);
  const auto log_sum = hn::Add(log_of_normal(hn::IfThenElse(offered, sum, one)), largest);
  auto potential = hn::Sub(log_mass, log_sum);
  if (task.exponents != nullptr) {
    potential = hn::Mul(potential, load(task.exponents));
  } else {
    const auto lower = hn::Sub(load(task.log_lower), log_sum);
    potential = hn::Max(hn::Min(zero, potential), lower);
  }
  if (task.relaxation != 1) {
    const auto previous = load(task.potentials);
    potential = hn::MulAdd(hn::Set(real, task.relaxation), hn::Sub(potential, previous), previous);
  }
  const auto scale = task.masses != nullptr ? hn::Div(load(task.masses), hn::IfThenElse(offered, sum, one))
                                            : exp_of_any(hn::Add(potential, largest));
  store(hn::IfThenElse(hn::Lt(none, log_mass), hn::IfThenElse(offered, potential, none), none), task.potentials);
  store(hn::IfThenElse(hn::Lt(none, log_mass), hn::IfThenElse(offered, scale, zero), zero), task.scales);
}

inline void step(const StepTask& task) {
  for (std::ptrdiff_t i = 0; i < task.n; i += lanes) step_of_lanes(task, i, task.n - i < lanes ? task.n - i : lanes);
}
