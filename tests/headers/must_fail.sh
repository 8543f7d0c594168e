#!/bin/bash
# Mistakes that the compiler must report in words: each file of must_fail/ compiles with ENTRY(right, wrong) = right,
# and fails with ENTRY(right, wrong) = wrong and the message of its first line: must_fail.sh ROOT COMPILER [FLAG...]
set -eu
root=$1 compiler=("${@:2}" -DCORYMB_COMPILED "-I$1/include" -fsyntax-only)
failed=0
for file in "$root"/tests/headers/must_fail/*.cpp; do
  expected=$(sed -n 's,^// expected: ,,p' "$file")
  [[ -n $expected ]] || { echo "$file: the first line must be '// expected: MESSAGE'"; failed=1; }
  if ! output=$("${compiler[@]}" '-DENTRY(right, wrong)=right' "$file" 2>&1); then
    printf '%s: the right variant does not compile\n%s\n' "$file" "$output"
    failed=1
  fi
  if output=$("${compiler[@]}" '-DENTRY(right, wrong)=wrong' "$file" 2>&1); then
    printf '%s: the wrong variant compiles\n' "$file"
    failed=1
  elif [[ $output != *"error: "*"$expected"* ]]; then
    printf '%s: the message has no "%s"\n%s\n' "$file" "$expected" "$output"
    failed=1
  fi
done
exit $failed
