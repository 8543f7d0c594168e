#!/bin/bash
# Configures and builds a project: build.sh SOURCE_FOLDER BUILD_FOLDER [CMAKE_ARGUMENT...]
set -eu
cmake -S "$1" -B "$2" "${@:3}"
cmake --build "$2"
