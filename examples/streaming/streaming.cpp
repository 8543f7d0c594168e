// Clusters a file that is larger than the memory this program allows itself: k-means reads the rows from the file, some
// of them at a time and in several passes, and gives the same result as with all of them in memory.

#include <corymb/core/errors.hpp>
#include <corymb/datasets/generators.hpp>
#include <corymb/io/npy.hpp>
#include <corymb/metrics/external.hpp>
#include <corymb/partition/kmeans.hpp>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#if defined(__unix__) || defined(__APPLE__)
#include <sys/resource.h>
#endif

namespace {

using corymb::Index;

constexpr Index n = 1'000'000, d = 64, k = 8;
constexpr std::uint64_t memory_limit = 160'000'000;

double megabytes(std::uint64_t bytes) { return static_cast<double>(bytes) * 1e-6; }

/// Lets allocations fail that would take the program beyond the limit. False where there is no such limit: on other
/// systems, and with the sanitizers, which need far more memory for themselves.
bool limit_memory() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  return false;
#endif
#endif
#if defined(__linux__)
  rlimit limit{};
  if (getrlimit(RLIMIT_DATA, &limit) != 0) return false;
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, memory_limit);
  return setrlimit(RLIMIT_DATA, &limit) == 0;
#else
  return false;
#endif
}

/// The most memory that the program has had in use; 0 if unknown.
std::uint64_t peak_memory() {
#if defined(__unix__) || defined(__APPLE__)
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
#if defined(__APPLE__)
  return static_cast<std::uint64_t>(usage.ru_maxrss);
#else
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
#endif
#else
  return 0;
#endif
}

/// A file that is removed at the end, whatever happens.
struct TemporaryFile {
  ~TemporaryFile() {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
  }
  std::string path;
};

/// Writes n points in k blobs as an NPY file, a few at a time; returns the blob of each.
corymb::Labels write_blobs(const std::string& path) {
  std::ofstream file(path, std::ios::binary);
  std::string header = std::string("{'descr': '") + (std::endian::native == std::endian::little ? "<" : ">") +
                       "f4', 'fortran_order': False, 'shape': (" + std::to_string(n) + ", " + std::to_string(d) +
                       "), }";
  header.resize(117, ' ');  // the data then begin at byte 128
  header += '\n';
  file << "\x93NUMPY" << '\x01' << '\0' << static_cast<char>(header.size()) << '\0' << header;

  corymb::Labels blobs(n);
  const auto centers = corymb::make_blobs(0, d, k, {.box_low = -1.5, .box_high = 1.5, .seed = 1}).centers;
  const Index some = 20'000;
  for (Index first = 0; first < n; first += some) {
    const Index count = std::min(some, n - first);
    const auto part =
        corymb::make_blobs<float>(count, d, k, {.centers = centers, .seed = 2 + static_cast<std::uint64_t>(first)});
    file.write(reinterpret_cast<const char*>(part.points.data()),
               static_cast<std::streamsize>(static_cast<std::size_t>(part.points.size()) * sizeof(float)));
    blobs.segment(first, count) = part.labels;
  }
  file.close();
  if (!file) throw std::runtime_error(path + " cannot be written");
  return blobs;
}

}  // namespace

int main() {
  const bool limited = limit_memory();
  const TemporaryFile file{"blobs.npy"};
  const corymb::Labels blobs = write_blobs(file.path);
  std::printf("the file      %.0f MB, %td x %td numbers\n", megabytes(std::filesystem::file_size(file.path)), n, d);
  if (limited) {
    std::printf("memory limit  %.0f MB\n", megabytes(memory_limit));
    try {
      corymb::read_npy<float>(file.path);
    } catch (const corymb::IoError& error) {
      std::printf("loading it    fails: %s\n", error.what());
    }
  }

  const auto result = corymb::kmeans(corymb::npy_rows<float>(file.path), k, {.seed = 1, .execution = {.threads = 2}});

  std::printf("streaming it  inertia %.6g after %d iterations, ARI %.4f\n", result.inertia, result.iterations,
              corymb::adjusted_rand_index(blobs, result.labels));
  std::printf("sizes        ");
  for (const double size : result.sizes) std::printf(" %.0f", size);
  std::printf("\npeak memory   %.0f MB\n", megabytes(peak_memory()));
}
