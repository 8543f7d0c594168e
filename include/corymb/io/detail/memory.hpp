#pragma once

#include <corymb/core/types.hpp>
#include <corymb/io/detail/compiled.hpp>
#include <corymb/io/detail/needs_library.hpp>

#include <cstddef>

CORYMB_BEGIN
namespace detail {

/// Lets a compiled reader resize and fill `matrix`, which must outlive the result.
template <class T>
compiled::MatrixMemory<T> memory_of(RowMatrix<T>& matrix) {
  return {[](void* context, std::ptrdiff_t rows, std::ptrdiff_t cols) {
            auto& target = *static_cast<RowMatrix<T>*>(context);
            target.resize(rows, cols);
            return target.data();
          },
          &matrix};
}

}  // namespace detail
CORYMB_END
