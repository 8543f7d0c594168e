#!/bin/bash
# Builds the library and runs its tests, each variant in a folder build/NAME.
#   tests/run.sh          one optimised build with g++, warnings as errors, all fast tests; what CI runs
#   tests/run.sh --full   also slow tests, the format of the sources, sanitizers, a build with clang without OpenMP,
#                         Highway and zlib, and one without the compiled library
#   tests/run.sh STAGE... some of tests, slow, format, asan, tsan, no-openmp, headers-only
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
all=(tests slow format asan tsan no-openmp headers-only)
dependencies=(--full)
case ${1:-} in
  "") stages=(tests) dependencies=() ;;
  --full) stages=("${all[@]}") ;;
  *) stages=("$@") ;;
esac
for name in "${stages[@]}"; do
  [[ " ${all[*]} " == *" $name "* ]] || { sed -n '2,/^set/s/^# //p' tests/run.sh; exit 2; }
done
cmake/dependencies.sh "${dependencies[@]}"

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

slow_tests() {  # the randomised tests take thousands of instances; what fast tests leave out is here too
  CORYMB_SLOW_TESTS=1 build_and_test tests release "package|headers"
}

check_format() {
  find include src tests examples bench -name '*.[hci]pp' -print0 | xargs -0 clang-format-14 --dry-run -Werror
}

# Tests run side by side: a thread that waits by spinning takes the processor from those of another test, and the tests
# took twice as long.
export OMP_WAIT_POLICY=passive
# Of the sanitizers' builds and the one without OpenMP the package, the headers as text, the examples and the benchmarks
# are no longer a part.
export TSAN_OPTIONS=ignore_noninstrumented_modules=1
other=("package|headers|long" -DCORYMB_BENCH=OFF -DCORYMB_EXAMPLES=OFF)
for name in "${stages[@]}"; do
  case $name in
    tests) run=(build_and_test tests release long) ;;
    slow) run=(slow_tests) ;;
    format) run=(check_format) ;;
    asan) run=(build_and_test asan asan "${other[@]}") ;;
    tsan) run=(build_and_test tsan tsan "${other[@]}") ;;
    no-openmp)
      run=(build_and_test no-openmp no-openmp "${other[@]}" -DCMAKE_CXX_COMPILER=clang++-14
           -DCORYMB_HIGHWAY=OFF -DCORYMB_ZLIB=OFF)
      ;;
    headers-only) run=(build_and_test headers-only headers-only "") ;;
  esac
  stage "$name" "${run[@]}"
done

printf '\n%s' "$summary"
if ((${#failed[@]})); then
  echo "tests/run.sh: FAILED: ${failed[*]}"
  exit 1
fi
echo "tests/run.sh: all tests passed"
