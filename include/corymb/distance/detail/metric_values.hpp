#pragma once

#include <corymb/distance/detail/formulas/coordinates.hpp>
#include <corymb/distance/detail/formulas/cosine.hpp>
#include <corymb/distance/detail/formulas/haversine.hpp>
#include <corymb/distance/detail/formulas/minkowski.hpp>
#include <corymb/distance/detail/formulas/shares.hpp>
#include <corymb/distance/detail/row_values.hpp>
#include <corymb/distance/metric.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Rows from one to another.
struct RowRange {
  Index first;
  Index last;
  Index size() const { return last - first; }
};

/// Values (see row_values.hpp) of a built-in metric, whichever it is. Virtual calls are made per block, never per pair.
template <class T>
class BlockValues {
 public:
  virtual ~BlockValues() = default;
  /// @param of_c  the rows of C that are asked for; row i's values stand from (i − first) · (their number) on
  virtual void operator()(Index first, Index last, RowRange of_c, T* out, ValuesScratch& scratch) const = 0;
  virtual void finish(T* values, Index count) const = 0;
  /// The kernel whose values of the rows as they are decide, if there is one.
  virtual std::optional<PairValue> deciding_kernel() const = 0;
};

/// The rows of X and C whose distances are asked for.
template <class T>
struct TwoSides {
  std::string_view function;
  const Points<T>& X;
  const Points<T>& C;
  std::string_view x_name;
  std::string_view c_name;
  int threads;
};

/// The values of a formula. C is embedded once as a whole; X, where it must be, a few rows at a time.
template <class T, class Formula>
class FormulaValues final : public BlockValues<T> {
  using U = typename Formula::Scalar;
  using Number = typename Formula::Number;

 public:
  FormulaValues(const TwoSides<T>& sides, const Formula& formula) : formula_(formula), X_(sides.X), C_(sides.C) {
    formula_.check(sides.function, sides.x_name, X_, sides.threads);
    formula_.check(sides.function, sides.c_name, C_, sides.threads);
    if constexpr (Formula::embeds) {
      U* rows = c_rows_.reserve(C_.rows() * width());
      for_blocks(C_.rows(), sides.threads,
                 [&](Index first, Index last) { embed(C_, first, last, rows + first * width()); });
      c_view_ = {rows, C_.rows(), width(), width()};
    } else {
      c_view_ = rows_view(C_);
    }
    if constexpr (Formula::keeps_numbers) {
      if constexpr (!Formula::embeds) keep_numbers(sides, rows_view(X_), sides.x_name, x_numbers_);
      keep_numbers(sides, c_view_, sides.c_name, c_numbers_);
    }
  }

  void operator()(Index first, Index last, RowRange of_c, T* out, ValuesScratch& scratch) const override {
    if constexpr (!Formula::embeds) {
      const Number* numbers = nullptr;
      if constexpr (Formula::keeps_numbers) numbers = x_numbers_.data() + first;
      return of_rows(rows_view(X_, first, last), numbers, of_c, out, scratch);
    } else {
      const Index most = std::clamp<Index>(65536 / width(), 8, 256);
      for (Index begin = first; begin < last; begin += most) {
        const Index end = std::min(begin + most, last);
        U* rows = room_for<U>(scratch.rows, most * width());
        Number* numbers = room_for<Number>(scratch.numbers, most);
        embed(X_, begin, end, rows);
        const RowsView<U> view{rows, end - begin, width(), width()};
        if constexpr (Formula::keeps_numbers) formula_.numbers(view, numbers);
        of_rows(view, numbers, of_c, out + (begin - first) * of_c.size(), scratch);
      }
    }
  }

  void finish([[maybe_unused]] T* values, [[maybe_unused]] Index count) const override {
    if constexpr (Formula::finishes) formula_.finish(values, count);
  }

  std::optional<PairValue> deciding_kernel() const override {
    if constexpr (Formula::embeds || Formula::adjusts) return std::nullopt;
    return Formula::value;
  }

 private:
  static constexpr Index block_rows = 256;

  template <class Work>
  static void for_blocks(Index n, int threads, const Work& work) {
    parallel_for(threads, (n + block_rows - 1) / block_rows,
                 [&](Index block) { work(block * block_rows, std::min((block + 1) * block_rows, n)); });
  }

  Index width() const {
    if constexpr (Formula::embeds) return formula_.width(X_.cols());
    return X_.cols();
  }

  void embed(const Points<T>& points, Index first, Index last, U* rows) const {
    for (Index i = first; i < last; ++i) formula_.embed(points.row(i), points.cols(), rows + (i - first) * width());
  }

  void keep_numbers(const TwoSides<T>& sides, const RowsView<U>& rows, std::string_view name,
                    std::vector<Number>& numbers) const {
    numbers.resize(static_cast<std::size_t>(rows.n));
    for_blocks(rows.n, sides.threads, [&](Index first, Index last) {
      formula_.numbers(RowsView<U>{rows.data + first * rows.stride, last - first, rows.d, rows.stride},
                       numbers.data() + first);
      for (Index i = first; i < last; ++i)
        formula_.check_number(sides.function, name, i, numbers[static_cast<std::size_t>(i)]);
    });
  }

  // Rows of X as the kernel sees them, against some of C.
  void of_rows(const RowsView<U>& x, [[maybe_unused]] const Number* x_numbers, RowRange of_c, T* out,
               ValuesScratch& scratch) const {
    const Index k = of_c.size();
    const RowsView<U> c{c_view_.data + of_c.first * c_view_.stride, k, c_view_.d, c_view_.stride};
    U* values = nullptr;
    if constexpr (std::is_same_v<U, T>)
      values = out;
    else
      values = room_for<U>(scratch.values, x.n * k);
    kernels::distances(compiled::DistancesTask<U>{Formula::value, x, c, nullptr, values, k,
                                                  room_for<U>(scratch.kernel, kernels::defined_scratch_size(U(), x.d)),
                                                  formula_.power});
    if constexpr (Formula::adjusts) {
      for (Index i = 0; i < x.n; ++i)
        for (Index j = 0; j < k; ++j) {
          Number x_number{}, c_number{};
          if constexpr (Formula::keeps_numbers) {
            x_number = x_numbers[i];
            c_number = c_numbers_[static_cast<std::size_t>(of_c.first + j)];
          }
          out[i * k + j] = formula_.decide(values[i * k + j], x_number, c_number);
        }
    }
  }

  Formula formula_;
  const Points<T>& X_;
  const Points<T>& C_;
  Scratch<U> c_rows_;
  RowsView<U> c_view_;
  std::vector<Number> x_numbers_;
  std::vector<Number> c_numbers_;
};

/// Minkowski distances for any p, pair by pair.
template <class T>
class PowerValues final : public BlockValues<T> {
 public:
  PowerValues(const TwoSides<T>& sides, double p) : X_(sides.X), C_(sides.C), p_(p), safe_(X_.cols()) {}

  void operator()(Index first, Index last, RowRange of_c, T* out, ValuesScratch&) const override {
    for (Index i = first; i < last; ++i)
      for (Index j = of_c.first; j < of_c.last; ++j)
        *out++ = minkowski_distance(X_.row(i), C_.row(j), X_.cols(), p_, safe_);
  }
  void finish(T*, Index) const override {}
  std::optional<PairValue> deciding_kernel() const override { return std::nullopt; }

 private:
  const Points<T>& X_;
  const Points<T>& C_;
  double p_;
  SafeSums<double> safe_;
};

template <class T, class Formula>
std::unique_ptr<const BlockValues<T>> formula_values(const TwoSides<T>& sides, const Formula& formula) {
  return std::make_unique<FormulaValues<T, Formula>>(sides, formula);
}

template <class T>
std::unique_ptr<const BlockValues<T>> minkowski_values(const TwoSides<T>& sides, double p) {
  const Index d = sides.X.cols();
  if (!is_small_power(p)) return std::make_unique<PowerValues<T>>(sides, p);
  const int power = static_cast<int>(p);
  if (power == 3) return formula_values(sides, MinkowskiFormula<T, PairValue::cubes>(power, d));
  if (power == 4) return formula_values(sides, MinkowskiFormula<T, PairValue::fourth_powers>(power, d));
  return formula_values(sides, MinkowskiFormula<T, PairValue::powers>(power, d));
}

/// The values that decide between the rows of C under a metric: squared distances for the Euclidean metric, squared
/// chords for haversine in double, numbers of coordinates for Hamming, distances otherwise.
template <class T>
std::unique_ptr<const BlockValues<T>> values_of_metric(const TwoSides<T>& sides, Metric metric) {
  const Index d = sides.X.cols();
  switch (metric.kind()) {
    case Metric::Kind::euclidean: break;
    case Metric::Kind::manhattan: return formula_values(sides, ManhattanFormula<T>{});
    case Metric::Kind::chebyshev: return formula_values(sides, ChebyshevFormula<T>{});
    case Metric::Kind::minkowski: return minkowski_values(sides, metric.p());
    case Metric::Kind::canberra: return formula_values(sides, CanberraFormula<T>{});
    case Metric::Kind::bray_curtis: return formula_values(sides, BrayCurtisFormula<T>(d));
    case Metric::Kind::cosine: return formula_values(sides, CosineFormula<T>(d));
    case Metric::Kind::correlation: return formula_values(sides, CorrelationFormula<T>(d));
    case Metric::Kind::hamming: return formula_values(sides, HammingFormula<T>{{}, d});
    case Metric::Kind::jaccard: return formula_values(sides, JaccardFormula<T>{});
    case Metric::Kind::haversine: return formula_values(sides, HaversineFormula<T>{});
  }
  return formula_values(sides, EuclideanFormula<T>{});
}

// See kmeans_impl.hpp.
#if defined(CORYMB_EXTERN_TEMPLATES)
#define CORYMB_METRIC_INSTANCES(Template, T) \
  Template std::unique_ptr<const BlockValues<T>> values_of_metric(const TwoSides<T>&, Metric)
CORYMB_METRIC_INSTANCES(extern template, float);
CORYMB_METRIC_INSTANCES(extern template, double);
#endif

/// The same as a value.
template <class T>
class MetricValues {
 public:
  MetricValues(std::string_view function, const Points<T>& X, const Points<T>& C, Metric metric,
               std::string_view x_name, std::string_view c_name, int threads)
      : all_{0, C.rows()}, values_(values_of_metric(TwoSides<T>{function, X, C, x_name, c_name, threads}, metric)) {}

  void operator()(Index first, Index last, T* out, ValuesScratch& scratch) const {
    (*values_)(first, last, all_, out, scratch);
  }
  void operator()(Index first, Index last, RowRange of_c, T* out, ValuesScratch& scratch) const {
    (*values_)(first, last, of_c, out, scratch);
  }
  void finish(T* values, Index count) const { values_->finish(values, count); }
  std::optional<PairValue> deciding_kernel() const { return values_->deciding_kernel(); }

 private:
  RowRange all_;  // of C
  std::unique_ptr<const BlockValues<T>> values_;
};

}  // namespace detail
CORYMB_END
