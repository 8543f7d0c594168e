#include <corymb/io/labels.hpp>

#include "fuzz/support.hpp"

namespace corymb_fuzz {

bool labels(Bytes input) {
  const MemoryFile file(input);
  const auto labels = accepted([&] { return corymb::read_labels(file.path()); });
  const auto rows = accepted([&] { return corymb::read_rows(file.path()); });
  const std::string path = output_path();
  if (labels && labels->size() > 0) {
    corymb::write_labels(path, *labels);
    require(corymb::read_labels(path) == *labels, "write_labels, read_labels");
  }
  if (rows && !rows->empty()) {
    corymb::write_labels(path, *rows);
    require(corymb::read_rows(path) == *rows, "write_labels, read_rows");
  }
  return labels || rows;
}

}  // namespace corymb_fuzz
