#pragma once

#include <functional>

namespace corymb::tool {

class Arguments;

/// A command defines its arguments, and returns what runs it once they are parsed. The number is the exit code.
using Run = std::function<int()>;

struct Command {
  const char* name;
  const char* summary;
  Run (*define)(Arguments& arguments);
};

// A new command is a file that defines one such function, and a line in the table.
Run define_kmeans(Arguments& arguments);
Run define_score(Arguments& arguments);

inline constexpr Command commands[] = {
    {"kmeans", "Cluster around k centroids by Lloyd's algorithm", define_kmeans},
    {"score", "Compare a labeling with known classes", define_score},
};

}  // namespace corymb::tool
