#include "truth.hpp"

#include <corymb/core/errors.hpp>
#include <corymb/io/labels.hpp>

#include <vector>

#include "arguments.hpp"

namespace corymb::tool {

Truth::Truth(const std::string& path, std::optional<std::int32_t> noise)
    : path_(path), noise_(noise), labels_(read_labels(path)) {
  if (noise_ && (labels_.array() == *noise_).all())
    throw InvalidArgument("--truth-noise: " + path_ + " has no label but " + std::to_string(*noise_) +
                          ", so no point is left to score");
}

void Truth::require_size(Index n, const std::string& what) const {
  if (labels_.size() != n)
    throw InvalidArgument(path_ + " has " + std::to_string(labels_.size()) + " labels, " + what + " has " +
                          std::to_string(n) + " rows; they must agree");
}

ContingencyTable Truth::compare(const Labels& predicted, NoisePolicy noise) const {
  std::vector<std::int32_t> truth, compared;
  truth.reserve(static_cast<std::size_t>(labels_.size()));
  compared.reserve(static_cast<std::size_t>(labels_.size()));
  for (Index i = 0; i < labels_.size(); ++i) {
    if (labels_[i] == noise_) continue;
    truth.push_back(labels_[i]);
    compared.push_back(predicted[i]);
  }
  return contingency_table(truth, compared, {.noise = noise});
}

Scores Truth::score(const Labels& predicted) const {
  const ContingencyTable table = compare(predicted);
  return {adjusted_rand_index(table), normalized_mutual_information(table), clustering_accuracy(table)};
}

void define_truth_noise(Arguments& arguments, std::optional<std::int32_t>& noise) {
  arguments.number("--truth-noise", noise, "VALUE", "Leave out of the scores the points whose true label is VALUE");
}

}  // namespace corymb::tool
