#!/bin/bash
# Builds the examples in build/examples and runs them all. The files that they write go to build/examples/out.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
cmake/dependencies.sh

programs=$PWD/build/examples/bin
cmake -S . -B build/examples -G Ninja -DCMAKE_BUILD_TYPE=Release "-DCMAKE_RUNTIME_OUTPUT_DIRECTORY=$programs" \
  -DCORYMB_TESTS=OFF -DCORYMB_BENCH=OFF -DCORYMB_TOOL=OFF
cmake --build build/examples -j "$(nproc)"

out=$PWD/build/examples/out
rm -rf "$out"
mkdir "$out"
cd "$out"
for program in "$programs"/*; do
  printf '\n==== %s ====\n' "${program##*/}"
  "$program"
done
if [[ -n $(ls "$out") ]]; then
  printf '\nThe pictures are in %s\n' "$out"
fi
