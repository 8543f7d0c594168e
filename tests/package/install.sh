#!/bin/bash
# Installs a build tree and moves the result, which must work wherever it stands: install.sh BUILD_FOLDER PREFIX
set -eu
rm -rf "$2" "$2.first"
cmake --install "$1" --prefix "$2.first"
mv "$2.first" "$2"
if grep -rIl -e "$2.first" -e "$(cd "$1" && pwd)" "$2"; then
  echo "the files above name the folder that they were built in or installed to first" >&2
  exit 1
fi
