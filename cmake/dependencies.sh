#!/bin/bash
# Installs what is missing to build Corymb, its tests, examples and benchmarks, with Debian's package manager.
#   cmake/dependencies.sh          compiler, CMake and libraries
#   cmake/dependencies.sh --full   also clang, its sanitizers, clang-format and clang-tidy, for tests/run.sh --full
# Where it cannot install, it prints the list and stops with exit code 1. With CORYMB_SKIP_DEPENDENCIES=1 it does nothing.
set -euo pipefail
[[ ${CORYMB_SKIP_DEPENDENCIES:-0} == 1 ]] && exit

packages=(g++ cmake ninja-build pkg-config libeigen3-dev libhwy-dev libspectra-dev libcli11-dev nlohmann-json3-dev
          zlib1g-dev libgtest-dev libbenchmark-dev)
if [[ ${1:-} == --full ]]; then
  packages+=(clang-14 libomp-14-dev libclang-rt-14-dev clang-format-14 clang-tidy-14)
fi

stop() {
  printf '%s\n  %s\n' "$1" "${*:2}" >&2
  echo "(names of Debian packages; when they are installed, set CORYMB_SKIP_DEPENDENCIES=1)" >&2
  exit 1
}

if ! command -v dpkg-query > /dev/null || ! command -v apt-get > /dev/null; then
  stop "Corymb needs these, and this system has no apt to install them:" "${packages[@]}"
fi
installed=$( (dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${packages[@]}" 2> /dev/null || true) |
            sed -n 's/ installed$//p')  # dpkg-query fails for packages that it has never seen
missing=()
for package in "${packages[@]}"; do
  grep -qxF -- "$package" <<< "$installed" || missing+=("$package")
done
((${#missing[@]} == 0)) && exit

as_root=(env DEBIAN_FRONTEND=noninteractive)
if ((EUID != 0)); then
  command -v sudo > /dev/null || stop "Corymb needs these, and only root can install them:" "${missing[@]}"
  as_root=(sudo "${as_root[@]}")
fi
echo "Installing ${missing[*]}"
"${as_root[@]}" apt-get update -q
"${as_root[@]}" apt-get install -q -y --no-install-recommends "${missing[@]}"
