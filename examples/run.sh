#!/bin/bash
# Builds the examples in build/examples and runs them all; at the end it names the folder of the pictures they drew.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
cmake/dependencies.sh

cmake -S . -B build/examples -G Ninja -DCMAKE_BUILD_TYPE=Release \
  -DCORYMB_TESTS=OFF -DCORYMB_BENCH=OFF -DCORYMB_TOOL=OFF
cmake --build build/examples -j "$(nproc)"
# consumer/ is a project of its own, as yours would be.
cmake -S examples/consumer -B build/examples/consumer -G Ninja -DCMAKE_BUILD_TYPE=Release \
  "-Dcorymb_DIR=$PWD/build/examples"
cmake --build build/examples/consumer

examples=(quick_start real_data shapes digits colour_quantization streaming medoids cities hdbscan dendrogram mixtures long_tail shifts spirals)
out=$PWD/build/examples/out
rm -rf "$out"
page() { printf '%s\n' "$@" >> "$out/index.html"; }
mkdir "$out"
page '<!DOCTYPE html>' '<html lang="en">' '<head>' '<meta charset="utf-8">' '<title>Corymb: examples</title>' \
  '<style>' \
  'body { font-family: sans-serif; max-width: 1100px; margin: 2em auto; padding: 0 1em; color: #333; }' \
  'img { max-width: 100%; height: auto; }' 'figure { display: inline-block; margin: 0 1em 1em 0; }' \
  'figcaption { color: #666; font-size: 0.9em; }' '</style>' '</head>' '<body>' '<h1>Corymb: examples</h1>'
for example in "${examples[@]}"; do
  printf '\n==== %s ====\n' "$example"
  mkdir "$out/$example"
  (cd "$out/$example" && "../../examples/$example")
  # The comment at the top of the source says what the pictures show.
  about=$(sed -n '/^\/\//!q; s,^// ,,p' "examples/$example/$example.cpp" | sed '/^ /d')
  page "<h2>$example</h2>" "<p>$about</p>"
  while read -r picture; do
    page "<figure><img src=\"$example/$picture\" alt=\"$picture\"><figcaption>$picture</figcaption></figure>"
  done < <(cd "$out/$example" && ls -tr -- *.svg *.bmp 2> /dev/null)
done
page '</body>' '</html>'
printf '\n==== consumer ====\n'
(cd "$out" && printf '1,1\n1,2\n8,8\n9,8\n' > points.csv && ../consumer/app points.csv 2 labels.csv && rm points.csv labels.csv)

printf '\nThe pictures are in %s: open index.html there.\n' "$out"
