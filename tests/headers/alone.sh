#!/bin/bash
# Every public header compiles alone, included twice, in both modes: alone.sh ROOT COMPILER [FLAG...]
# In headers mode those of io/ and viz/ must refuse to, with a message that says what they need.
set -eu
export root=$1 compiler=$2 work
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf '"%s"\n' "${@:3}" "-I$root/include" > "$work/flags"

# Every header includes core/config.hpp first, by itself or through another one; that is where the time would go, so it
# is compiled once for each mode.
printf '#include <corymb/core/config.hpp>\n' | tee "$work/compiled.hpp" > "$work/headers.hpp"
"$compiler" @"$work/flags" -DCORYMB_COMPILED -x c++-header "$work/compiled.hpp" -o "$work/compiled.hpp.gch"
"$compiler" @"$work/flags" -x c++-header "$work/headers.hpp" -o "$work/headers.hpp.gch"

check() {  # HEADER MODE
  local header=$1 mode=$2 define=() refusal="" output
  if [[ $mode == compiled ]]; then
    define=(-DCORYMB_COMPILED)
  elif [[ $header =~ ^corymb/(io|viz)/ ]]; then
    refusal="need the compiled library: link corymb::corymb, not corymb::headers"
  fi
  if ! grep -q '^#include <corymb/' "$root/include/$header" && [[ $header != corymb/core/config.hpp ]]; then
    output="includes no other header of the library, not even <corymb/core/config.hpp>"
  elif output=$(printf '#include <%s>\n#include <%s>\n' "$header" "$header" |
                "$compiler" @"$work/flags" "${define[@]}" -include "$work/$mode.hpp" -fsyntax-only -x c++ - 2>&1); then
    [[ -z $refusal ]] && return
    output="compiled, but should have failed with: $refusal"
  elif [[ -n $refusal && $output == *"$refusal"* ]]; then
    return
  fi
  printf -- '---- <%s> in %s mode ----\n%s\n' "$header" "$mode" "$output"
  return 1
}
export -f check

headers=$(cd "$root/include" && find corymb -name '*.hpp' -not -path '*/detail/*' | sort)
for header in $headers; do
  echo "$header compiled"
  echo "$header headers"
done | xargs -P 2 -L 1 bash -c 'check "$@"' check
