#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <new>

namespace corymb_test {

/// An array of n elements that ends where readable memory ends: one element beyond it is a segmentation fault.
template <class T>
class GuardedArray {
 public:
  explicit GuardedArray(std::size_t n) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t pages = (n * sizeof(T) + page - 1) / page;
    bytes_ = (pages + 1) * page;
    memory_ = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory_ == MAP_FAILED) throw std::bad_alloc();
    std::byte* const guard = static_cast<std::byte*>(memory_) + pages * page;
    mprotect(guard, page, PROT_NONE);
    data_ = reinterpret_cast<T*>(guard) - n;
  }
  ~GuardedArray() { munmap(memory_, bytes_); }
  GuardedArray(const GuardedArray&) = delete;
  GuardedArray& operator=(const GuardedArray&) = delete;

  T* data() const { return data_; }

 private:
  void* memory_ = nullptr;
  std::size_t bytes_ = 0;
  T* data_ = nullptr;
};

}  // namespace corymb_test
