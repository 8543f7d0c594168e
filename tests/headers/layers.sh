#!/bin/bash
# The layers of the library: a header includes its own folder or a lower layer only, and compiled sources include no
# Eigen, but for those in src/spectral, which are compiled with it under another name. layers.sh ROOT prints each
# violation as FILE:LINE; layers.sh --self-test proves that violations are found.
set -eu

check() {  # ROOT
  (cd "$1" && find include/corymb src -name '*.[hci]pp' | sort | xargs awk '
    BEGIN {
      split("core=0 distance=1 metrics=1 io=1 datasets=1 preprocess=1 neighbors=2 graph=3 partition=4 mixture=5" \
            " density=5 hierarchy=5 transport=5 spectral=6 validity=7 selection=7 viz=8", pairs, " ")
      for (i in pairs) { split(pairs[i], pair, "="); layer[pair[1]] = pair[2] }
    }
    function violation(what) { printf "%s:%d: %s\n", FILENAME, FNR, what; found = 1 }
    FNR == 1 {
      split(FILENAME, part, "/")
      public = part[1] == "include"
      folder = public && part[4] != "" ? part[3] : ""   # "" for include/corymb/corymb.hpp
      tool = FILENAME ~ /^src\/(tool|spectral)\//
      if (folder != "" && !(folder in layer)) violation("the folder " folder " has no layer")
    }
    /^[ \t]*#[ \t]*include/ {
      split($0, piece, /[<>"]/)
      file = piece[2]
      if (!public && !tool && file ~ /^(Eigen|unsupported|Spectra)\//) violation("compiled sources include no Eigen")
      if (!public) next
      if ($0 !~ /</) violation("headers are included as <corymb/...>")
      if (file !~ /^corymb\//) next
      split(file, to, "/")
      target = to[3] != "" ? to[2] : ""
      if (target == "") violation("<" file "> is for programs")
      else if (!(target in layer)) violation("the folder " target " has no layer")
      else if (folder != "" && folder != target && layer[target] >= layer[folder])
        violation(folder " (layer " layer[folder] ") includes " target " (layer " layer[target] ")")
    }
    END { exit found }')
}

if [[ $1 != --self-test ]]; then
  check "$1"
  exit
fi

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
write() { mkdir -p "$tree/${1%/*}" && printf '%s\n' "${@:2}" > "$tree/$1"; }
write include/corymb/corymb.hpp '#include <corymb/viz/plot.hpp>'
write include/corymb/core/points.hpp '#include <Eigen/Core>' '#include <corymb/core/detail/memory.hpp>'
write include/corymb/core/detail/memory.hpp '// #include <corymb/viz/plot.hpp>'
write include/corymb/viz/plot.hpp '#include <corymb/selection/k.hpp>' '#include <corymb/core/points.hpp>'
write src/io/csv.cpp '#include <corymb/viz/plot.hpp>' '#include "io/file.hpp"'
write src/tool/main.cpp '#include <Eigen/Core>'
check "$tree" || { echo "a legal tree was rejected"; exit 1; }

expect() {  # MESSAGE FILE LINE: the file with that line is rejected with the message, and accepted again without it
  local output
  write "$2" '#pragma once' "$3"
  if output=$(check "$tree") || [[ $output != "$2:2: $1" ]]; then
    printf 'for %s with %s\nexpected: %s:2: %s\ngot:      %s\n' "$2" "$3" "$2" "$1" "$output"
    exit 1
  fi
  rm "$tree/$2"
}
expect "core (layer 0) includes distance (layer 1)" include/corymb/core/bad.hpp '#include <corymb/distance/metric.hpp>'
expect "graph (layer 3) includes viz (layer 8)" include/corymb/graph/detail/bad.hpp '  #  include <corymb/viz/plot.hpp>'
expect "density (layer 5) includes mixture (layer 5)" include/corymb/density/bad.hpp '#include <corymb/mixture/gmm.hpp>'
expect "the folder misc has no layer" include/corymb/core/bad.hpp '#include <corymb/misc/x.hpp>'
expect "<corymb/corymb.hpp> is for programs" include/corymb/viz/bad.hpp '#include <corymb/corymb.hpp>'
expect "headers are included as <corymb/...>" include/corymb/core/bad.hpp '#include "../viz/plot.hpp"'
expect "compiled sources include no Eigen" src/simd/bad.cpp '#include <Eigen/Core>'
