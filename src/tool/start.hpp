#pragma once

#include <corymb/core/errors.hpp>
#include <corymb/core/types.hpp>
#include <corymb/io/labels.hpp>
#include <corymb/io/matrix.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "clustering.hpp"
#include "table.hpp"

// What commands that work with k centroids share: starting points from files, and writing the centroids.
namespace corymb::tool {

/// -k, or a start from a file, which fixes k.
struct StartArguments {
  std::optional<Index> k;
  std::string initial_rows;
  std::string initial_centroids;

  void define_rows_file(Arguments& arguments) {
    arguments.input_file("--initial-rows", initial_rows, "Start from these rows, numbered from 0: CSV or NPY");
  }

  void define_files(Arguments& arguments) {
    define_rows_file(arguments);
    arguments.input_file("--initial-centroids", initial_centroids, "Start from these centroids: CSV or NPY");
  }

  /// @param files  the options that define a start, as the message names them
  void check(const char* files = "--initial-rows or --initial-centroids") const {
    if (!k && initial_rows.empty() && initial_centroids.empty())
      throw InvalidArgument(std::string("-k is needed, the number of clusters (or ") + files + ")");
  }

  /// k, of a start with this many rows.
  Index number_of_clusters(Index rows, const std::string& path) const {
    if (rows == 0) throw IoError(path, 0, 0, "holds no rows to start from");
    if (k && *k != rows)
      throw InvalidArgument("-k is " + std::to_string(*k) + ", but " + path + " has " + std::to_string(rows) +
                            " rows; they must agree");
    return rows;
  }

  /// Reads the rows to start from, if there is such a file, and returns k.
  Index read_initial_rows(std::vector<Index>& rows) const {
    if (initial_rows.empty()) return k.value_or(0);
    rows = read_rows(initial_rows);
    return number_of_clusters(static_cast<Index>(rows.size()), initial_rows);
  }
};

/// A start as the algorithms take it.
template <class T>
struct Start {
  Index k = 0;
  std::vector<Index> initial_rows;
  std::optional<RowMatrix<T>> initial_centroids;

  Start(const StartArguments& given, const ClusteringInput<T>& input) {
    k = given.read_initial_rows(initial_rows);
    if (!given.initial_centroids.empty()) {
      RowMatrix<T> rows = read_matrix<T>(given.initial_centroids);
      k = given.number_of_clusters(rows.rows(), given.initial_centroids);
      initial_centroids = input.to_clustered(std::move(rows));
    }
  }
};

inline void define_centroids_file(Arguments& arguments, std::string& path) {
  arguments.output_file("--centroids", path, OutputFormat::text_or_npy,
                        "Write the centroids, one a row: NPY if FILE ends in .npy, else CSV");
}

/// In the units of the input file; nothing where no file is wanted.
template <class T>
void write_centroids(const std::string& path, const ClusteringInput<T>& input, const RowMatrix<T>& centroids) {
  if (!path.empty()) write_table(path, input.to_original(centroids));
}

}  // namespace corymb::tool
