#!/bin/bash
# Builds the library and runs its tests, each variant in a folder build/NAME.
#   tests/run.sh          one optimised build with g++, warnings as errors, all fast tests; what CI runs
#   tests/run.sh --full   also the format of the sources, clang, sanitizers, builds without OpenMP, Highway or the
#                         compiled library, and slow tests
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
  cmake --preset "$2" -B "build/$1" -DCORYMB_WERROR=ON "${@:4}" &&
    cmake --build "build/$1" -j "$(nproc)" &&
    ctest --test-dir "build/$1" -j "$(nproc)" --output-on-failure --no-tests=error ${3:+-LE "$3"}
}

check_format() {
  find include src tests examples bench -name '*.[hci]pp' -print0 | xargs -0 clang-format-14 --dry-run -Werror
}

stage tests build_and_test tests release ""
if ((full)); then
  stage format check_format
  stage clang build_and_test clang release "" -DCMAKE_CXX_COMPILER=clang++-14
  # Of what follows, the package and the headers as text are no longer a part.
  other="package|headers"
  stage asan build_and_test asan asan "$other"
  TSAN_OPTIONS=ignore_noninstrumented_modules=1 stage tsan build_and_test tsan tsan "$other"
  stage no-openmp build_and_test no-openmp no-openmp "$other"
  stage no-highway build_and_test no-highway release "$other" -DCORYMB_HIGHWAY=OFF
  stage headers-only build_and_test headers-only headers-only ""
  stage slow build_and_test slow release "$other" -DCORYMB_SLOW_TESTS=ON
fi

printf '\n%s' "$summary"
if ((${#failed[@]})); then
  echo "tests/run.sh: FAILED: ${failed[*]}"
  exit 1
fi
echo "tests/run.sh: all tests passed"
