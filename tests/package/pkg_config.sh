#!/bin/bash
# Builds and runs the consumer with pkg-config alone: pkg_config.sh PREFIX WORK_FOLDER MODULE...
# The compiler is $CXX.
set -eu
prefix=$1 work=$2
command -v pkg-config > /dev/null || { echo "SKIPPED: no pkg-config"; exit 77; }
cd "$(dirname "$0")/consumer"
mkdir -p "$work"
pc=$(find "$prefix" -name corymb-headers.pc)
export PKG_CONFIG_PATH=${pc%/*}:${PKG_CONFIG_PATH:-}
for module in "${@:3}"; do
  target=corymb::${module#corymb-}
  # `read` without -r, because pkg-config puts backslashes before blanks.
  read -a compile <<< "-std=c++20 -DCLUSTER=cluster_it $(pkg-config --cflags "$module")"
  "$CXX" "${compile[@]}" "-DEXPECTED_TARGET=\"$target\"" -c cluster.cpp -o "$work/$module.o"
  "$CXX" "${compile[@]}" -c main.cpp -o "$work/main.o"
  for static in "" --static; do
    read -a link <<< "$(pkg-config $static --libs "$module")"
    "$CXX" "$work/main.o" "$work/$module.o" "${link[@]}" -o "$work/$module"
    LD_LIBRARY_PATH=${pc%/pkgconfig/*}:${LD_LIBRARY_PATH:-} "$work/$module"
  done
done
