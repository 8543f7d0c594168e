#!/bin/bash
# Builds the benchmarks in build/bench and runs them.
#   bench/run.sh                        the kernels, k-means, k-medoids, neighbours, mixtures, hierarchies, spectral
#                                       clustering, transport, the scores of labelings
#   bench/run.sh hierarchy [OPTION...]  agglomerative clustering, with options of bench_hierarchy
#   bench/run.sh kernels [OPTION...]    the kernels, with options of Google Benchmark
#   bench/run.sh kmeans [OPTION...]     k-means, with options of bench_kmeans
#   bench/run.sh kmedoids [OPTION...]   k-medoids, with options of bench_kmedoids
#   bench/run.sh mixture [OPTION...]    Gaussian mixtures, with options of bench_mixture
#   bench/run.sh neighbors [OPTION...]  neighbours, spanning trees, DBSCAN, HDBSCAN*, with options of bench_neighbors
#   bench/run.sh scores [OPTION...]     the scores, with options of Google Benchmark
#   bench/run.sh spectral [OPTION...]   spectral clustering, with options of bench_spectral
#   bench/run.sh transport [OPTION...]  optimal transport, with options of bench_transport
set -euo pipefail
case ${1:-} in
  "" | hierarchy | kernels | kmeans | kmedoids | mixture | neighbors | scores | spectral | transport) ;;
  *) sed -n 's/^# //p' "${BASH_SOURCE[0]}"; exit 2 ;;
esac
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$root/cmake/dependencies.sh"

programs=$root/build/bench/bin
cmake -S "$root" -B "$root/build/bench" -G Ninja -DCMAKE_BUILD_TYPE=Release \
  "-DCMAKE_RUNTIME_OUTPUT_DIRECTORY=$programs" -DCORYMB_TESTS=OFF -DCORYMB_EXAMPLES=OFF -DCORYMB_TOOL=OFF
cmake --build "$root/build/bench" -j "$(nproc)"

if (($#)); then
  exec "$programs/bench_$1" "${@:2}"
fi
"$programs/bench_kernels"
"$programs/bench_kmeans"
"$programs/bench_kmedoids"
"$programs/bench_neighbors"
"$programs/bench_mixture"
"$programs/bench_hierarchy"
"$programs/bench_scores"
"$programs/bench_spectral"
"$programs/bench_transport"
