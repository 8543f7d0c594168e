#pragma once

#include <corymb/core/errors.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#if defined(__unix__) || defined(__APPLE__)
#include <unistd.h>
#endif
#if defined(__linux__)
#include <sys/mman.h>
#endif

CORYMB_BEGIN
namespace detail {

inline std::uint64_t physical_memory() {
#if defined(_SC_PHYS_PAGES) && defined(_SC_PAGESIZE)
  const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
  if (pages > 0 && page > 0) return static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page);
#endif
  return ~std::uint64_t{0};
}

/// Asks for large pages for an array that has just been allocated and will be gone through many times. Changes nothing
/// but the time that takes.
inline void prefer_large_pages([[maybe_unused]] void* array, [[maybe_unused]] std::size_t bytes) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  constexpr std::uintptr_t page = 4096;
  const std::uintptr_t begin = (reinterpret_cast<std::uintptr_t>(array) + page - 1) / page * page;
  const std::uintptr_t end = (reinterpret_cast<std::uintptr_t>(array) + bytes) / page * page;
  if (end > begin + (std::uintptr_t{1} << 22)) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
#endif
}

/// Bytes that a limit allows: 0 stands for the machine's memory.
inline double allowed_memory(std::uint64_t limit) { return static_cast<double>(limit > 0 ? limit : physical_memory()); }

/// "1.5 GiB"
inline std::string readable_bytes(double bytes) {
  static constexpr const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  int unit = 0;
  while (bytes >= 1024 && unit < 5) {
    bytes /= 1024;
    ++unit;
  }
  const auto tenths = static_cast<std::uint64_t>(bytes * 10 + 0.5);
  std::string text = std::to_string(tenths / 10);
  if (tenths % 10 != 0) text.append(1, '.').append(std::to_string(tenths % 10));
  return text.append(1, ' ').append(units[unit]);
}

/// Throws MemoryLimitExceeded if `bytes` (a double, so that products cannot overflow) exceed the limit; `advice` names
/// the cheaper way.
inline void require_memory(std::string_view function, double bytes, std::uint64_t limit, std::string_view advice) {
  const std::uint64_t allowed = limit > 0 ? limit : physical_memory();
  if (bytes <= static_cast<double>(allowed)) return;
  const auto required = bytes < 1.8e19 ? static_cast<std::uint64_t>(bytes) : ~std::uint64_t{0};
  throw MemoryLimitExceeded("corymb::" + std::string(function) + ": needs " + readable_bytes(bytes) + ", allowed are " +
                                readable_bytes(static_cast<double>(allowed)) + "; " + std::string(advice),
                            required, allowed);
}

}  // namespace detail
CORYMB_END
