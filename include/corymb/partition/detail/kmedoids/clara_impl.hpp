#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/core/random.hpp>
#include <corymb/partition/clara.hpp>
#include <corymb/partition/detail/check_options.hpp>
#include <corymb/partition/detail/kmedoids/kmedoids_fit.hpp>
#include <corymb/partition/detail/kmedoids/medoid_input.hpp>
#include <corymb/partition/detail/kmedoids/medoid_labels.hpp>
#include <corymb/partition/detail/seeding/draws.hpp>

#include <algorithm>
#include <numeric>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Objects, ascending, and how often each was drawn (empty = once).
struct Sample {
  std::vector<Index> objects;
  Vector weights;
};

/// Draws m objects of n, and puts `included` among them.
inline Sample draw_sample(Index n, Index m, const double* weight, std::vector<Index> included, Random& random) {
  Sample sample;
  std::sort(included.begin(), included.end());
  if (weight == nullptr) {
    // Numbers of objects that are not included, turned into those of objects.
    std::vector<Index> others =
        random_rows(n - static_cast<Index>(included.size()), m - static_cast<Index>(included.size()), nullptr, random);
    std::sort(others.begin(), others.end());
    std::size_t passed = 0;
    for (const Index other : others) {
      while (passed < included.size() && included[passed] <= other + static_cast<Index>(passed)) ++passed;
      sample.objects.push_back(other + static_cast<Index>(passed));
    }
    sample.objects.insert(sample.objects.end(), included.begin(), included.end());
    std::sort(sample.objects.begin(), sample.objects.end());
    return sample;
  }
  std::vector<double> up_to(static_cast<std::size_t>(n));
  std::partial_sum(weight, weight + n, up_to.begin());
  std::vector<Index> drawn = std::move(included);
  while (static_cast<Index>(drawn.size()) < m) {
    const double place = random.uniform() * up_to.back();
    Index object = std::upper_bound(up_to.begin(), up_to.end(), place) - up_to.begin();
    while (object == n || weight[object] == 0) --object;  // rounding, at the end
    drawn.push_back(object);
  }
  std::sort(drawn.begin(), drawn.end());
  std::vector<double> times;
  for (const Index object : drawn) {
    if (sample.objects.empty() || sample.objects.back() != object) {
      sample.objects.push_back(object);
      times.push_back(0);
    }
    ++times.back();
  }
  sample.weights = Eigen::Map<const Vector>(times.data(), static_cast<Index>(times.size()));
  return sample;
}

/// A call of clara, see medoid_input.hpp.
template <class T>
struct ClaraCall {
  Index k;
  const ClaraOptions& options;
  std::string_view name = "clara";
  const std::optional<Metric>& metric = options.metric;
  const Execution& execution = options.execution;

  void check(Index n) const {
    require_threads(name, execution.threads);
    if (options.samples < 1) reject(name, "samples = " + to_text(options.samples) + " must be ≥ 1");
    check_max_iterations(name, options.max_iterations);
    check_k(name, "objects", n, k, options.weights);
    if (options.sample_size != 0 && options.sample_size < k)
      reject(name, "sample_size = " + to_text(options.sample_size) + " must be at least k = " + to_text(k) +
                       " (0 = chosen from k)");
  }

  void check_matrix(Index n) const { keeps_distances(n, 0); }

  bool keeps_distances(Index n, double taken) const {
    const Index m = sample_size(n);
    const int threads = resolve_threads(execution.threads);
    const double of_objects = sizeof(T) + 2 * sizeof(std::int32_t) + (options.weights.size() > 0 ? sizeof(double) : 0);
    require_memory(
        name,
        taken + static_cast<double>(n) * of_objects + matrix_bytes<T>(m, m) + kmedoids_memory<T>(m, k, threads, true),
        execution.memory_limit, "use a smaller sample_size");
    return false;
  }

  KMedoidsResult<T> run(const DistanceColumns<T>& distances, std::optional<double>) const {
    const Index n = distances.size(), m = sample_size(n);
    const double* weight = options.weights.size() > 0 ? options.weights.data() : nullptr;
    const int threads = resolve_threads(execution.threads);
    const ProgressReporter progress(execution.on_progress);
    const int samples = m == n && weight == nullptr ? 1 : options.samples;  // of everything there is one sample only
    KMedoidsResult<T> best;
    for (int i = 0; i < samples; ++i) {
      Random random(options.seed, {static_cast<std::uint64_t>(i)});
      Sample sample = draw_sample(n, m, weight, best.medoids, random);
      complete(sample, weight);
      const Index pairs = static_cast<Index>(sample.objects.size() * sample.objects.size());
      const int in_sample = pairs >= Index{1} << 18 ? threads : 1;
      const StoredColumns<T> columns(distances, sample.objects, in_sample);
      const KMedoidsOptions of_sample{.init = options.init,
                                      .algorithm = options.algorithm,
                                      .max_iterations = options.max_iterations,
                                      .weights = sample.weights,
                                      .seed = random.bits(),
                                      .execution = {.threads = in_sample}};
      const KMedoidsResult<T> found =
          kmedoids_of<T>(name, columns, largest_distance(columns, in_sample), k, of_sample, nullptr);
      std::vector<Index> medoids;
      for (const Index medoid : found.medoids) medoids.push_back(sample.objects[static_cast<std::size_t>(medoid)]);
      KMedoidsResult<T> result = assign_to_medoids(distances, std::move(medoids), weight, threads);
      if (i == 0 || result.loss < best.loss) {
        best = std::move(result);
        best.swaps = found.swaps;
        best.iterations = found.iterations;
        best.status = found.status;
        best.restart = i;
      }
      if (progress("clara", i + 1, samples, best.loss)) continue;
      if (i + 1 < samples) best.status = Status::cancelled;
      break;
    }
    return best;
  }

  static KMedoidsResult<T>& model(KMedoidsResult<T>& result) { return result; }

 private:
  Index sample_size(Index n) const {
    if (options.sample_size > 0) return std::min(options.sample_size, n);
    return std::min(options.algorithm == KMedoidsAlgorithm::faster_pam ? 80 + 4 * k : 40 + 2 * k, n);
  }

  // Of heavy objects, fewer than k different ones may have been drawn: the lowest others make up for them.
  void complete(Sample& sample, const double* weight) const {
    const auto count = static_cast<Index>(sample.objects.size());
    if (count >= k) return;
    std::vector<std::pair<Index, double>> all;
    for (Index i = 0; i < count; ++i) all.emplace_back(sample.objects[static_cast<std::size_t>(i)], sample.weights[i]);
    fill_with_lowest_rows(options.weights.size(), k, weight, sample.objects);
    for (Index i = count; i < k; ++i) all.emplace_back(sample.objects[static_cast<std::size_t>(i)], 1.0);
    std::sort(all.begin(), all.end());
    sample.weights.resize(k);
    for (Index i = 0; i < k; ++i)
      std::tie(sample.objects[static_cast<std::size_t>(i)], sample.weights[i]) = all[static_cast<std::size_t>(i)];
  }
};

}  // namespace detail

template <class Derived>
KMedoidsResult<typename Derived::Scalar> clara(const Eigen::DenseBase<Derived>& X, Index k,
                                               const ClaraOptions& options) {
  return detail::medoids_of_points(X, detail::ClaraCall<typename Derived::Scalar>{k, options});
}

template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    KMedoidsResult<typename Derived::Scalar> clara(const Eigen::DenseBase<Derived>& X, Index k, const Callable& f,
                                                   const ClaraOptions& options) {
  return detail::medoids_of_points(X, f, detail::ClaraCall<typename Derived::Scalar>{k, options});
}

template <class F>
KMedoidsResult<DissimilarityScalar<F>> clara(const Dissimilarity<F>& objects, Index k, const ClaraOptions& options) {
  return detail::medoids_of_objects(objects, detail::ClaraCall<DissimilarityScalar<F>>{k, options});
}

template <class T>
KMedoidsResult<T> clara(const DistanceMatrix<T>& D, Index k, const ClaraOptions& options) {
  return detail::medoids_of_matrix(D, detail::ClaraCall<T>{k, options});
}

CORYMB_END
