#include <corymb/io/csv.hpp>

#include "fuzz/support.hpp"

namespace corymb_fuzz {
namespace {

template <class T>
bool read(const std::string& path, const corymb::CsvOptions& options) {
  const auto table = accepted([&] { return corymb::read_csv<T>(path, options); });
  if (!table) return false;
  require(table->values.size() > 0, "a table without values");
  require(table->names.empty() || static_cast<corymb::Index>(table->names.size()) == table->values.cols(), "names");
  require_same_csv(*table, options.delimiter == '\0' ? ',' : options.delimiter);
  return true;
}

}  // namespace

bool csv(Bytes input) {
  const corymb::CsvOptions options = csv_options(input);
  const MemoryFile file(input);
  const bool as_float = read<float>(file.path(), options), as_double = read<double>(file.path(), options);
  require(as_double || !as_float, "read as float, but not as double");
  return as_double;
}

}  // namespace corymb_fuzz
