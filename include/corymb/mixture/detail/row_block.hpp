#pragma once

#include <corymb/core/points.hpp>
#include <corymb/distance/detail/kernels.hpp>
#include <corymb/mixture/detail/digamma.hpp>
#include <corymb/mixture/detail/mixture_rows.hpp>
#include <corymb/mixture/detail/mixture_sums.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

CORYMB_BEGIN
namespace detail {

/// Some rows of X and what the kernels compute of them: few enough that all of it stays in the second cache, whatever
/// the number of threads.
class RowBlock {
 public:
  /// @param noise    whether there is a component of noise besides the k
  /// @param student  whether the components are Student's t
  /// @param rows     that it will hold at most, if these are fewer than there is room for
  RowBlock(Index k, bool noise, bool student, Index d, Index rows)
      : k_(k),
        terms_(k + (noise ? 1 : 0)),
        d_(d),
        stride_(padded(d)),
        capacity_(whole_panels(std::min(rows, capacity(k, d)))),
        rows_(capacity_ * stride_),
        panels_(capacity_ * d),
        values_(capacity_ * terms_),
        scales_(student ? capacity_ * k : 0),
        by_row_(4 * capacity_),
        scratch_(std::max(mixture_kernels::panel_rows() * d, mixture_kernels::moment_rows * stride_)),
        labels_(capacity_),
        list_(capacity_) {
    std::fill_n(rows_.data(), capacity_ * stride_, 0.0);
  }

  static Index capacity(Index k, Index d) { return whole_panels(std::clamp<Index>(32768 / (2 * d + k), 64, 1024)); }

  /// In bytes.
  static double memory(Index k, Index d, bool student) {
    return static_cast<double>(capacity(k, d) + mixture_kernels::moment_rows) *
           static_cast<double>(2 * padded(d) + (student ? 2 : 1) * k + 7) * sizeof(double);
  }

  /// Rows [begin, end) of a group, at most `capacity`: those of its columns that are observed.
  template <class T>
  void load(const RowGroup<T>& group, Index begin, Index end) {
    begin_ = group.begin + begin;
    numbers_ = group.numbers.empty() ? nullptr : group.numbers.data() + begin;
    size_ = end - begin;
    padded_size_ = whole_panels(size_);
    for (Index i = 0; i < size_; ++i) {
      const T* x = group.X.row(row(i));
      double* copy = rows_.data() + i * stride_;
      if (group.complete)
        for (Index j = 0; j < d_; ++j) copy[j] = static_cast<double>(x[j]);
      else
        for (Index j = 0; j < d_; ++j) copy[j] = static_cast<double>(x[group.columns[static_cast<std::size_t>(j)]]);
    }
    std::fill(rows_.data() + size_ * stride_, rows_.data() + padded_size_ * stride_, 0.0);
    mixture_kernels::pack_panels(
        {.rows = rows_.data(), .n = padded_size_, .d = d_, .stride = stride_, .panels = panels_.data()});
    for (Index i = 0; i < padded_size_; ++i)
      weights()[i] = i >= size_ ? 0.0 : group.weight != nullptr ? group.weight[row(i)] : 1.0;
  }

  /// The posterior probabilities of the components, times the weight of the row.
  void find_posteriors(const ComponentDensities& components, const Vector& proportions) {
    components.evaluate(panels_.data(), padded_size_, scratch_.data(), values_.data(), scales_.data());
    if (terms_ > k_) std::fill_n(values_.data() + k_ * padded_size_, padded_size_, components.noise());
    mixture_kernels::posteriors({.values = values_.data(),
                                 .n = padded_size_,
                                 .k = terms_,
                                 .weights = weights(),
                                 .largest = largest(),
                                 .labels = labels_.data(),
                                 .sums = sums()});
    // Where all densities vanish, a row is as likely in a component as the component itself.
    for (Index i = 0; i < padded_size_; ++i)
      if (largest()[i] == -std::numeric_limits<double>::infinity()) {
        for (Index c = 0; c < k_; ++c) value(i, c) = weights()[i] * proportions[c];
        sums()[i] = 1;
      }
  }

  /// Each row goes with one component altogether, or is noise.
  template <class Label>
  void set_memberships(const Label& label) {
    std::fill_n(values_.data(), terms_ * padded_size_, 0.0);
    for (Index i = 0; i < size_; ++i) value(i, label(i) < 0 ? k_ : label(i)) = weights()[i];
  }

  /// Student's t: adds what the degrees of freedom follow from, and scales the rows for add_moments().
  void scale_rows(const ComponentDensities& components, MixtureSums& sums) {
    for (Index c = 0; c < k_; ++c) {
      const double half = (components.degrees_of_freedom(c) + static_cast<double>(d_)) / 2;
      const double excess = digamma(half) - std::log(half);  // E[log u] beyond log E[u]
      const double* scales = scales_.data() + c * padded_size_;
      double weight = 0, tail = 0;
      for (Index i = 0; i < size_; ++i) {
        double& r = value(i, c);
        if (!(r > 0)) continue;
        weight += r;
        tail += r * (std::log(scales[i]) - scales[i] + excess);
        r *= scales[i];
      }
      sums.weight[c] += weight;
      sums.tail[c] += tail;
    }
  }

  /// Adds the rows, as far as they belong to the components.
  /// @param references  k columns, padded
  void add_moments(const Eigen::MatrixXd& references, MixtureSums& sums) {
    mixture_kernels::moments({.rows = rows_.data(),
                              .panels = panels_.data(),
                              .n = padded_size_,
                              .d = d_,
                              .k = k_,
                              .stride = stride_,
                              .along_axes = sums.along_axes(),
                              .r = values_.data(),
                              .means = references.data(),
                              .weight = sums.tail.size() > 0 ? sums.scaled_weight.data() : sums.weight.data(),
                              .first = sums.first.data(),
                              .second = sums.second.data(),
                              .second_stride = sums.second.cols() == 1 ? 0 : sums.second.rows(),
                              .list = list_.data(),
                              .roots = by_row_.data() + 3 * capacity_,
                              .scaled = scratch_.data()});
    for (Index i = 0; i < size_ && terms_ > k_; ++i) sums.noise += value(i, k_);
  }

  Index size() const { return size_; }
  /// The number of a row in X.
  Index row(Index i) const { return numbers_ == nullptr ? begin_ + i : numbers_[i]; }
  double weight(Index i) const { return by_row_.data()[i]; }
  /// The most probable component.
  std::int32_t label(Index i) const {
    return labels_.data()[i] < k_ ? static_cast<std::int32_t>(labels_.data()[i]) : noise;
  }
  /// The posterior probability of that, times the weight.
  double value_of_label(Index i) const { return value(i, labels_.data()[i]); }
  /// The largest of the logs of the components' terms in the density of a row.
  double largest(Index i) const { return by_row_.data()[capacity_ + i]; }
  double log_density(Index i) const { return largest(i) + std::log(by_row_.data()[2 * capacity_ + i]); }
  double value(Index i, Index c) const { return values_.data()[c * padded_size_ + i]; }

 private:
  static Index whole_panels(Index rows) {
    const Index panel = mixture_kernels::panel_rows();
    return (rows + panel - 1) / panel * panel;
  }
  double& value(Index i, Index c) { return values_.data()[c * padded_size_ + i]; }
  double* weights() { return by_row_.data(); }
  double* largest() { return by_row_.data() + capacity_; }
  double* sums() { return by_row_.data() + 2 * capacity_; }

  Index k_, terms_, d_, stride_, capacity_;
  Index begin_ = 0, size_ = 0, padded_size_ = 0;
  const Index* numbers_ = nullptr;  // of the rows in X, unless they are from begin_ on
  Scratch<double> rows_;            // size × stride, padded with zeros
  Scratch<double> panels_;          // the same, transposed by panels
  Scratch<double> values_;          // k × size
  Scratch<double> scales_;          // of Student's t the same: E[u]
  Scratch<double> by_row_;          // weight, largest term, sum of the terms relative to it, and scratch of the kernels
  Scratch<double> scratch_;         // of the kernels
  Scratch<std::int64_t> labels_;    // the component of the largest term
  Scratch<std::int32_t> list_;      // of the kernels
};

}  // namespace detail
CORYMB_END
