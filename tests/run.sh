#!/bin/bash
# Builds the library and runs its tests, each variant in a folder build/NAME.
#   tests/run.sh          one optimised build with g++, warnings as errors, all fast tests; what CI runs
#   tests/run.sh --full   also the format of the sources, clang with slow tests, sanitizers, a build without OpenMP,
#                         Highway and zlib, and one without the compiled library
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
full=0
case ${1:-} in
  "") ;;
  --full) full=1 ;;
  *) sed -n 's/^# //p' tests/run.sh; exit 2 ;;
esac
cmake/dependencies.sh "$@"

failed=()
summary=""
stage() {  # NAME COMMAND...
  local start=$SECONDS result=passed
  printf '\n==== %s ====\n' "$1"
  "${@:2}" || { result=FAILED; failed+=("$1"); }
  summary+=$(printf '%-14s%s, %d s' "$1" $result $((SECONDS - start)))$'\n'
}

build_and_test() {  # NAME PRESET LABELS_LEFT_OUT [CMAKE_ARGUMENT...]
  cmake --preset "$2" -B "build/$1" -DCORYMB_WERROR=ON -DCORYMB_TEST_BATCH=6 "${@:4}" &&
    cmake --build "build/$1" -j "$(nproc)" &&
    ctest --test-dir "build/$1" -j "$(nproc)" --output-on-failure --no-tests=error ${3:+-LE "$3"}
}

check_format() {
  find include src tests examples bench -name '*.[hci]pp' -print0 | xargs -0 clang-format-14 --dry-run -Werror
}

stage tests build_and_test tests release ""
if ((full)); then
  stage format check_format
  # With clang, the randomised tests take thousands of instances.
  stage clang-slow build_and_test clang release "" -DCMAKE_CXX_COMPILER=clang++-14 -DCORYMB_SLOW_TESTS=ON
  # Of what follows, the package, the headers as text and the benchmarks are no longer a part.
  other=("package|headers" -DCORYMB_BENCH=OFF)
  stage asan build_and_test asan asan "${other[@]}"
  TSAN_OPTIONS=ignore_noninstrumented_modules=1 stage tsan build_and_test tsan tsan "${other[@]}"
  stage no-openmp build_and_test no-openmp no-openmp "${other[@]}" -DCORYMB_HIGHWAY=OFF -DCORYMB_ZLIB=OFF
  stage headers-only build_and_test headers-only headers-only ""
fi

printf '\n%s' "$summary"
if ((${#failed[@]})); then
  echo "tests/run.sh: FAILED: ${failed[*]}"
  exit 1
fi
echo "tests/run.sh: all tests passed"
