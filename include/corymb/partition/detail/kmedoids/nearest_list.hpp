#pragma once

#include <corymb/core/config.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

CORYMB_BEGIN
namespace detail {

/// The nearest few medoids of an object, nearest first: of two equally near ones the one of the lower slot. As many as
/// are known; behind them stand slots −1, infinitely far away.
template <class T, std::size_t Size>
struct NearestList {
  static constexpr std::size_t size = Size;

  std::array<T, Size> distance;
  std::array<std::int32_t, Size> slot;
  std::size_t known = 0;

  NearestList() {
    distance.fill(std::numeric_limits<T>::infinity());
    slot.fill(-1);
  }

  /// The rank of a slot; Size if it is not in the list.
  std::size_t find(std::int32_t of) const {
    std::size_t rank = 0;
    while (rank < Size && slot[rank] != of) ++rank;
    return rank;
  }

  /// Whether a medoid comes before, or after, the one at a rank.
  bool is_before(T at, std::int32_t of, std::size_t rank) const {
    return at < distance[rank] || (at == distance[rank] && of < slot[rank]);
  }

  bool is_after(T at, std::int32_t of, std::size_t rank) const {
    return at > distance[rank] || (at == distance[rank] && of > slot[rank]);
  }

  /// Takes a medoid in; from a full list the last one falls out. Returns its rank.
  std::size_t insert(T at, std::int32_t of) {
    if (known < Size) ++known;
    std::size_t rank = known - 1;
    for (; rank > 0 && is_before(at, of, rank - 1); --rank) {
      distance[rank] = distance[rank - 1];
      slot[rank] = slot[rank - 1];
    }
    distance[rank] = at;
    slot[rank] = of;
    return rank;
  }

  void erase(std::size_t rank) {
    --known;
    for (; rank < known; ++rank) {
      distance[rank] = distance[rank + 1];
      slot[rank] = slot[rank + 1];
    }
    distance[known] = std::numeric_limits<T>::infinity();
    slot[known] = -1;
  }
};

}  // namespace detail
CORYMB_END
