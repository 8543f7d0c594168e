#include "viz/tree_bodies.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace corymb::compiled {
namespace {

std::size_t at(std::ptrdiff_t number) { return static_cast<std::size_t>(number); }

}  // namespace

TreeLayout::TreeLayout(const CondensedTreeTask& task)
    : task_(task),
      first_(at(task.clusters) + 1, 0),
      own_(at(task.clusters), 0),
      size_(at(task.clusters), 0),
      left_(at(task.clusters), 0) {
  sort_rows();
  place_clusters();
}

void TreeLayout::sort_rows() {
  for (std::ptrdiff_t i = 0; i < task_.rows; ++i) {
    const std::int32_t c = task_.row_cluster[i];
    if (c < 0) continue;
    ++first_[at(c) + 1];
    own_[at(c)] += task_.weights != nullptr ? task_.weights[i] : 1;
  }
  for (std::size_t c = 0; c < own_.size(); ++c) first_[c + 1] += first_[c];
  row_.resize(first_.back());
  std::vector<std::size_t> next(first_.begin(), first_.end() - 1);
  for (std::ptrdiff_t i = 0; i < task_.rows; ++i)
    if (task_.row_cluster[i] >= 0) row_[next[at(task_.row_cluster[i])]++] = static_cast<std::int32_t>(i);
  for (std::size_t c = 0; c < own_.size(); ++c)
    std::sort(row_.begin() + static_cast<std::ptrdiff_t>(first_[c]),
              row_.begin() + static_cast<std::ptrdiff_t>(first_[c + 1]), [&](std::int32_t a, std::int32_t b) {
                return std::pair(task_.row_lambda[a], a) < std::pair(task_.row_lambda[b], b);
              });
}

void TreeLayout::place_clusters() {
  size_ = own_;
  std::vector<std::vector<std::int32_t>> children(size_.size());
  for (std::ptrdiff_t c = task_.clusters - 1; c > 0; --c) {  // children come after their parents
    size_[at(task_.parent[c])] += size_[at(c)];
    children[at(task_.parent[c])].push_back(static_cast<std::int32_t>(c));
  }
  std::vector<std::int32_t> waiting;
  if (task_.clusters > 0) waiting.push_back(0);
  while (!waiting.empty()) {
    const std::int32_t c = waiting.back();
    waiting.pop_back();
    order_.push_back(c);
    // The children fill the middle, where the body is when it splits.
    std::vector<std::int32_t>& parts = children[at(c)];
    std::sort(parts.begin(), parts.end(), [&](std::int32_t a, std::int32_t b) {
      return std::pair(-size_[at(a)], a) < std::pair(-size_[at(b)], b);
    });
    double left = left_[at(c)] + own_[at(c)] / 2;
    for (const std::int32_t part : parts) {
      left_[at(part)] = left;
      left += size_[at(part)];
    }
    waiting.insert(waiting.end(), parts.rbegin(), parts.rend());
  }
}

Body TreeLayout::body(std::ptrdiff_t c, const Axis& x, const std::function<double(double)>& y, bool visible) const {
  const auto height_at = [&](double lambda) { return std::round(2 * y(lambda)) / 2; };
  const double middle = left_[at(c)] + size_[at(c)] / 2;
  const double top = height_at(task_.birth[c]), bottom = height_at(task_.death[c]);
  Body boxes;
  const auto add = [&](double from, double to, double weight) {
    if (to <= from) return;
    double left = x.pixel(middle - weight / 2), right = x.pixel(middle + weight / 2);
    if (visible && right - left < 1) {
      left = (left + right - 1) / 2;
      right = left + 1;
    }
    left = std::round(10 * left) / 10;
    right = std::round(10 * right) / 10;
    if (right <= left) return;
    if (!boxes.empty() && boxes.back().left == left && boxes.back().right == right)
      boxes.back().bottom = to;
    else
      boxes.push_back({left, from, right, to});
  };
  double weight = size_[at(c)], from = top;
  if (visible && bottom < top + 1) {
    add(top, top + 1, weight);
    return boxes;
  }
  for (std::size_t i = first_[at(c)]; i < first_[at(c) + 1]; ++i) {
    const std::int32_t row = row_[i];
    const double to = std::min(height_at(task_.row_lambda[row]), bottom);
    if (to > from) {
      add(from, to, weight);
      from = to;
    }
    weight -= task_.weights != nullptr ? task_.weights[row] : 1;
  }
  add(from, bottom, std::max(weight, 0.0));
  return boxes;
}

}  // namespace corymb::compiled
