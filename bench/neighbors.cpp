// Neighbours, minimum spanning trees, DBSCAN and HDBSCAN*, with their peak memory. ./bench/run.sh neighbors
//
//   bench_neighbors [--threads 1,2] [--repeats 3] [--float] [TASK ...]
//
//   TASK is dbscan=DATA,EPS,MIN_POINTS[,ALGORITHM] · knn=DATA,K · mst=DATA[,MIN_SAMPLES], with mutual reachability
//   where MIN_SAMPLES is given · hdbscan=DATA,MIN_CLUSTER_SIZE,MIN_SAMPLES, or hdbscan-stages=… for the same one stage
//   after the other. DATA is a file of points (.npy), or KIND:N:D for generated ones: uniform in [0, 1]^D; blobs, 100
//   of them and a tenth of noise; embedding, rows of length 1 around 100 centres whose variances fall with the column.
//
// Every measurement runs in a process of its own. B/row is its peak memory beyond what it began with, which holds the
// points.
#include <sys/wait.h>
#include <unistd.h>
#include <corymb/datasets/generators.hpp>
#include <corymb/density/dbscan.hpp>
#include <corymb/density/hdbscan.hpp>
#include <corymb/graph/minimum_spanning_tree.hpp>
#include <corymb/io/npy.hpp>
#include <corymb/neighbors/nearest_neighbors.hpp>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/command_line.hpp"

namespace {

using corymb::Index;

struct Settings {
  std::vector<int> threads = {1, 2};
  int repeats = 3;
  bool floats = false;
  std::vector<std::string> tasks;
};

/// What a run gave, in words.
using Work = std::function<std::string()>;

template <class T>
corymb::RowMatrix<T> embedding(Index n, Index d) {
  constexpr Index centers = 100;
  corymb::Random random(5);
  const auto scale = [](Index j) { return 1 / std::sqrt(static_cast<double>(j + 1)); };
  corymb::RowMatrix<double> center(centers, d);
  for (Index c = 0; c < centers; ++c)
    for (Index j = 0; j < d; ++j) center(c, j) = random.normal() * scale(j);
  corymb::RowMatrix<T> X(n, d);
  for (Index i = 0; i < n; ++i) {
    const Index c = random.below(centers);
    for (Index j = 0; j < d; ++j) X(i, j) = static_cast<T>(center(c, j) + 0.7 * random.normal() * scale(j));
    X.row(i).normalize();
  }
  return X;
}

/// Blobs of different densities in a box that grows with them, and noise.
template <class T>
corymb::RowMatrix<T> blobs(Index n, Index d) {
  constexpr Index number = 100;
  const double side = d == 2 ? 60 : 30;
  corymb::RowMatrix<T> X =
      corymb::make_blobs<T>(n, d, number, {.spread = {1.0}, .box_low = -side, .box_high = side, .seed = 1}).points;
  corymb::Random random(2);
  for (Index i = 0; i < n; i += 10)
    for (Index j = 0; j < d; ++j) X(i, j) = static_cast<T>(side * (2 * random.uniform() - 1));
  return X;
}

template <class T>
corymb::RowMatrix<T> points_of(const std::string& data) {
  if (data.find(':') == std::string::npos) return corymb::read_npy<T>(data);
  const std::size_t first = data.find(':'), second = data.find(':', first + 1);
  if (second == std::string::npos) throw std::invalid_argument(data + " is not KIND:N:D");
  const std::string kind = data.substr(0, first);
  const Index n = std::stol(data.substr(first + 1)), d = std::stol(data.substr(second + 1));
  if (kind == "embedding") return embedding<T>(n, d);
  if (kind == "blobs") return blobs<T>(n, d);
  if (kind != "uniform") throw std::invalid_argument(kind + " is not uniform, blobs or embedding");
  corymb::Random random(1);
  corymb::RowMatrix<T> X(n, d);
  for (T& entry : X.reshaped()) entry = static_cast<T>(random.uniform());
  return X;
}

/// Bytes, from a line of /proc/self/status; 0 where there is none.
double status_bytes(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(name)) return 1024 * std::stod(line.substr(name.size() + 1));
  return 0;
}

/// Runs the work in processes of their own, so that one's memory is not another's, and prints a line.
void measure(const std::string& task, Index n, Index d, bool floats, int threads, int repeats, const Work& work) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child > 0) {
    int status = 0;
    waitpid(child, &status, 0);
    if (status != 0) throw std::runtime_error(task + " failed");
    return;
  }
  std::ofstream("/proc/self/clear_refs") << 5;  // the peak so far is forgotten
  const double before = status_bytes("VmRSS:");
  std::string outcome;
  std::vector<double> seconds;
  double peak = 0;
  for (int i = 0; i < repeats; ++i) {
    seconds.push_back(bench::median_seconds(1, [&] { outcome = work(); }));
    if (i == 0) peak = status_bytes("VmHWM:") - before;
  }
  std::nth_element(seconds.begin(), seconds.begin() + repeats / 2, seconds.end());
  std::printf("%-34s %-3s %8ld %4ld %2d %9.3f %8.0f  %s\n", task.c_str(), floats ? "f32" : "f64", static_cast<long>(n),
              static_cast<long>(d), threads, seconds[static_cast<std::size_t>(repeats / 2)],
              peak / static_cast<double>(n), outcome.c_str());
  std::fflush(stdout);
  _exit(0);
}

template <class T>
Work dbscan_of(const corymb::RowMatrix<T>& X, const std::vector<std::string>& parts, int threads) {
  if (parts.size() < 3) throw std::invalid_argument("dbscan needs DATA,EPS,MIN_POINTS");
  const std::map<std::string, corymb::DbscanAlgorithm> algorithms = {
      {"automatic", corymb::DbscanAlgorithm::automatic},
      {"grid", corymb::DbscanAlgorithm::grid},
      {"kd-tree", corymb::DbscanAlgorithm::kd_tree},
      {"brute-force", corymb::DbscanAlgorithm::brute_force}};
  const auto algorithm = algorithms.at(parts.size() > 3 ? parts[3] : "automatic");
  return [&X, eps = std::stod(parts[1]), min_points = std::stol(parts[2]), algorithm, threads] {
    const auto result = corymb::dbscan(X, eps, min_points, {.algorithm = algorithm, .execution = {.threads = threads}});
    return std::to_string(result.clusters) + " clusters, " +
           std::to_string((result.labels.array() == corymb::noise).count()) + " noise";
  };
}

template <class T>
Work neighbors_of(const corymb::RowMatrix<T>& X, const std::vector<std::string>& parts, int threads) {
  if (parts.size() != 2) throw std::invalid_argument("knn needs DATA,K");
  return [&X, k = std::stol(parts[1]), threads] {
    const auto near = corymb::nearest_neighbors(X, k, {.execution = {.threads = threads}});
    return "mean distance " + std::to_string(near.distances.template cast<double>().mean());
  };
}

template <class T>
Work spanning_tree_of(const corymb::RowMatrix<T>& X, const std::vector<std::string>& parts, int threads) {
  const Index min_samples = parts.size() > 1 ? std::stol(parts[1]) : 1;
  return [&X, min_samples, threads] {
    corymb::SpanningTreeOptions options{.execution = {.threads = threads}};
    if (min_samples > 1)
      options.core_distances = corymb::nearest_neighbors(X, min_samples - 1, {.execution = {.threads = threads}})
                                   .distances.rightCols(1)
                                   .template cast<double>();
    double total = 0;
    for (const corymb::Edge& edge : corymb::minimum_spanning_tree(X, options)) total += edge.weight;
    return "total weight " + std::to_string(total);
  };
}

template <class T>
Work hdbscan_of(const corymb::RowMatrix<T>& X, const std::vector<std::string>& parts, int threads) {
  if (parts.size() != 3) throw std::invalid_argument("hdbscan needs DATA,MIN_CLUSTER_SIZE,MIN_SAMPLES");
  return [&X, size = std::stol(parts[1]), samples = std::stol(parts[2]), threads] {
    const corymb::HdbscanResult result =
        corymb::hdbscan(X, {.min_cluster_size = size, .min_samples = samples, .execution = {.threads = threads}});
    return std::to_string(result.clusters) + " clusters, " +
           std::to_string((result.labels.array() == corymb::noise).count()) + " noise";
  };
}

template <class T>
Work hdbscan_stages_of(const corymb::RowMatrix<T>& X, const std::vector<std::string>& parts, int threads) {
  if (parts.size() != 3) throw std::invalid_argument("hdbscan-stages needs DATA,MIN_CLUSTER_SIZE,MIN_SAMPLES");
  return [&X, size = std::stol(parts[1]), samples = std::stol(parts[2]), threads] {
    std::string stages;
    double all = 0;
    const auto time = [&](const char* stage, const auto& work) {
      const double seconds = bench::median_seconds(1, work);
      char text[64];
      std::snprintf(text, sizeof(text), "%s %.3f, ", stage, seconds);
      stages += text;
      all += seconds;
    };
    const corymb::Execution execution{.threads = threads};
    corymb::SpanningTreeOptions of_tree{.execution = execution};
    if (samples > 1)
      time("core distances", [&] {
        of_tree.core_distances = corymb::nearest_neighbors(X, samples - 1, {.execution = execution})
                                     .distances.rightCols(1)
                                     .template cast<double>();
      });
    std::vector<corymb::Edge> edges;
    corymb::SingleLinkage linkage;
    corymb::CondensedTree tree;
    time("spanning tree", [&] { edges = corymb::minimum_spanning_tree(X, of_tree); });
    const double before = all;
    time("single linkage", [&] { linkage = corymb::single_linkage(X.rows(), edges); });
    time("condense", [&] { tree = corymb::condense(linkage, size); });
    time("select", [&] { (void)corymb::select(tree); });
    time("outlier scores", [&] { (void)corymb::outlier_scores(tree); });
    return stages + "after the tree " + std::to_string(std::lround(100 * (all - before) / all)) + " %";
  };
}

template <class T>
void run(const std::string& task, const Settings& settings) {
  const std::size_t equals = task.find('=');
  if (equals == std::string::npos) throw std::invalid_argument(task + " is not TASK=DATA,…");
  const std::string kind = task.substr(0, equals);
  const std::vector<std::string> parts = bench::split(task.substr(equals + 1));
  if (parts.empty()) throw std::invalid_argument(task + " names no data");
  const corymb::RowMatrix<T> X = points_of<T>(parts[0]);
  std::string name = kind + ' ' + std::filesystem::path(parts[0]).filename().string();
  for (std::size_t i = 1; i < parts.size(); ++i) name += ' ' + parts[i];
  for (const int threads : settings.threads) {
    Work work;
    if (kind == "dbscan") work = dbscan_of(X, parts, threads);
    if (kind == "knn") work = neighbors_of(X, parts, threads);
    if (kind == "mst") work = spanning_tree_of(X, parts, threads);
    if (kind == "hdbscan") work = hdbscan_of(X, parts, threads);
    if (kind == "hdbscan-stages") work = hdbscan_stages_of(X, parts, threads);
    if (!work) throw std::invalid_argument(kind + " is not dbscan, knn, mst, hdbscan or hdbscan-stages");
    measure(name, X.rows(), X.cols(), sizeof(T) == 4, threads, settings.repeats, work);
  }
}

Settings parse(int count, char** words) {
  Settings settings;
  bench::Words rest(count, words);
  for (std::string word; rest.next(word);) {
    if (word == "--threads")
      settings.threads = rest.numbers_of(word);
    else if (word == "--repeats")
      settings.repeats = std::stoi(rest.value_of(word));
    else if (word == "--float")
      settings.floats = true;
    else
      settings.tasks.push_back(word);
  }
  if (settings.tasks.empty())
    settings.tasks = {"knn=uniform:1000000:2,10",
                      "knn=blobs:200000:8,10",
                      "knn=embedding:50000:384,10",
                      "mst=blobs:1000000:2",
                      "mst=blobs:1000000:2,10",
                      "dbscan=blobs:10000:2,2,10",
                      "dbscan=blobs:100000:2,0.6,10",
                      "dbscan=blobs:1000000:2,0.2,10",
                      "dbscan=blobs:4000000:2,0.1,10",
                      "dbscan=blobs:1000000:2,0.2,10,kd-tree",
                      "dbscan=blobs:1000000:3,0.5,10",
                      "dbscan=blobs:200000:8,3,10",
                      "dbscan=embedding:50000:64,0.9,10",
                      "hdbscan=blobs:100000:2,25,10",
                      "hdbscan=blobs:1000000:2,25,10",
                      "hdbscan=blobs:50000:8,25,10",
                      "hdbscan=embedding:20000:50,25,10",
                      "hdbscan=embedding:50000:384,25,10",
                      "hdbscan-stages=blobs:100000:2,25,10",
                      "hdbscan-stages=blobs:1000000:2,25,10",
                      "hdbscan-stages=blobs:50000:8,25,10",
                      "hdbscan-stages=embedding:20000:50,25,10",
                      "hdbscan-stages=embedding:50000:384,25,10"};
  return settings;
}

}  // namespace

int main(int count, char** words) {
  try {
    const Settings settings = parse(count, words);
    std::printf("%-34s %-3s %8s %4s %2s %9s %8s\n", "", "", "n", "d", "t", "seconds", "B/row");
    for (const std::string& task : settings.tasks)
      settings.floats ? run<float>(task, settings) : run<double>(task, settings);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_neighbors: %s\n", error.what());
    return 1;
  }
}
