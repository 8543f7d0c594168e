// Reads points from a file, clusters them, and writes the labels.
#include <corymb/core/errors.hpp>
#include <corymb/io/labels.hpp>
#include <corymb/io/matrix.hpp>
#include <corymb/partition/kmeans.hpp>

#include <cstdlib>
#include <exception>
#include <iostream>

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: app POINTS K LABELS\n";
    return 2;
  }
  try {
    const auto points = corymb::read_matrix(argv[1]);
    const auto result = corymb::kmeans(points, std::atoi(argv[2]));
    corymb::write_labels(argv[3], result.labels);
    std::cout << points.rows() << " points, inertia " << result.inertia << '\n';
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
