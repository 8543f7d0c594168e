#pragma once

#include <corymb/core/types.hpp>
#include <corymb/metrics/external.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace corymb::tool {

class Arguments;

/// How well a labeling agrees with known classes.
struct Scores {
  double ari;
  double nmi;
  double accuracy;
};

/// The known classes of the points, from a file.
class Truth {
 public:
  /// @param noise  Points with this true label are left out of the scores.
  /// @throws IoError  The file is no list of labels; InvalidArgument  all its labels are `noise`.
  Truth(const std::string& path, std::optional<std::int32_t> noise);

  /// @throws InvalidArgument  There are not n true labels. `what` is the name of what has n entries.
  void require_size(Index n, const std::string& what) const;

  /// @param predicted  as many labels as there are true ones.
  Scores score(const Labels& predicted) const;

  /// What the scores are made of.
  ContingencyTable compare(const Labels& predicted, NoisePolicy noise = NoisePolicy::cluster) const;

 private:
  std::string path_;
  std::optional<std::int32_t> noise_;
  Labels labels_;
};

/// --truth-noise.
void define_truth_noise(Arguments& arguments, std::optional<std::int32_t>& noise);

}  // namespace corymb::tool
