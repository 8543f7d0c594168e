#pragma once

#include <corymb/core/errors.hpp>
#include <corymb/metrics/detail/compiled.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

CORYMB_BEGIN

/// What functions on labels take: any range of integers with begin, end and size, e.g. Labels and other Eigen vectors,
/// std::vector, std::span, arrays. 32- and 64-bit signed integers that stand side by side are used in place, others
/// are copied.
template <class Range>
concept LabelRange = requires(const Range& range) {
  std::begin(range);
  std::end(range);
  std::size(range);
  requires std::integral<std::remove_cvref_t<decltype(*std::begin(range))>>;
};

namespace detail {

/// Whether the range is an Eigen vector, map or block, not an expression that is yet to be evaluated.
template <class Range>
constexpr bool is_eigen_memory = false;
template <class Range>
requires std::is_base_of_v<Eigen::DenseBase<Range>, Range>
constexpr bool is_eigen_memory<Range> = (Eigen::internal::traits<Range>::Flags & Eigen::DirectAccessBit) != 0;

/// A view of a range of labels, with a copy where one is needed.
class LabelSource {
 public:
  template <LabelRange Range>
  LabelSource(std::string_view function, std::string_view parameter, const Range& labels) {
    using Label = std::remove_cvref_t<decltype(*std::begin(labels))>;
    view_.n = static_cast<std::ptrdiff_t>(std::size(labels));
    if constexpr (std::same_as<Label, std::int32_t> || std::same_as<Label, std::int64_t>) {
      if constexpr (std::contiguous_iterator<decltype(std::begin(labels))>) {
        if (view_.n > 0) borrow(std::to_address(std::begin(labels)));
        return;
      } else if constexpr (is_eigen_memory<Range>) {
        if (labels.innerStride() == 1 || view_.n <= 1) {
          borrow(labels.data());
          return;
        }
      }
    }
    copy_.reserve(static_cast<std::size_t>(view_.n));
    for (const Label label : labels) {
      if constexpr (std::unsigned_integral<Label> && sizeof(Label) >= sizeof(std::int64_t))
        if (label > static_cast<Label>(INT64_MAX))
          throw InvalidArgument("corymb::" + std::string(function) + ": " + std::string(parameter) + "[" +
                                std::to_string(copy_.size()) + "] = " + std::to_string(label) +
                                " must fit into a signed 64-bit integer");
      copy_.push_back(static_cast<std::int64_t>(label));
    }
    borrow(copy_.data());
  }
  LabelSource(const LabelSource&) = delete;
  LabelSource& operator=(const LabelSource&) = delete;

  const compiled::LabelsView& view() const { return view_; }

 private:
  void borrow(const std::int32_t* labels) { view_.narrow = labels; }
  void borrow(const std::int64_t* labels) { view_.wide = labels; }

  std::vector<std::int64_t> copy_;
  compiled::LabelsView view_{nullptr, nullptr, 0};
};

}  // namespace detail
CORYMB_END
