#include <corymb/io/idx.hpp>

#include "fuzz/support.hpp"

namespace corymb_fuzz {
namespace {

template <class T>
bool read(const std::string& path) {
  const auto values = accepted([&] { return corymb::read_idx<T>(path); });
  if (!values) return false;
  require_same_npy(*values);
  require_same_csv<T>({*values, {}});
  return true;
}

}  // namespace

bool idx(Bytes input) {
  const MemoryFile file(input);
  const bool as_float = read<float>(file.path()), as_double = read<double>(file.path());
  require(as_float == as_double, "read as one of float and double");
  return as_double;
}

}  // namespace corymb_fuzz
