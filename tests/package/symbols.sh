#!/bin/bash
# What the linker could merge by mistake: symbols.sh NM LIBRARY HEADERS_OBJECT COMPILED_OBJECT
set -eu
nm=$1 library=$2 headers=$3 compiled=$4

# Eigen's weak symbols differ with the flags of the compiler; a library that carries some would crash consumers.
if "$nm" -C "$library" | grep -E 'Eigen::|Spectra::'; then
  echo "$library holds symbols of Eigen or Spectra" >&2
  exit 1
fi

# Only what is the same in both modes may have one name in both: exceptions, and the plain structs of corymb::compiled.
defined() { "$nm" --defined-only "$1" | awk '{ print $NF }' | sort -u; }
if [[ $(defined "$headers" | grep -c corymb) -lt 10 ]]; then
  echo "$headers holds no code of corymb" >&2
  exit 1
fi
shared=$(comm -12 <(defined "$headers") <(defined "$compiled") | c++filt | grep 'corymb::' |
         grep -vE 'corymb::(compiled::|InvalidArgument|NumericalError|Cancelled|MemoryLimitExceeded|IoError)' || true)
if [[ -n $shared ]]; then
  printf 'one symbol in headers mode and compiled mode:\n%s\n' "$shared" >&2
  exit 1
fi
