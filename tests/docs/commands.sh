#!/bin/bash
# The commands of the tool that README.md, docs/*.md and `corymb --help` show work, in an empty folder, one after the
# other: commands.sh ROOT TOOL
set -eu
root=$1 tool=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/bin"
ln -s "$tool" "$folder/bin/corymb"
PATH=$folder/bin:$PATH

run_all() {  # SOURCE LEAST: runs the lines of standard input, at least so many
  local work count=0
  work=$(mktemp -d -p "$folder")
  while IFS= read -r line; do
    echo "$1: $line"
    (cd "$work" && bash -eu -c "$line" > /dev/null)
    count=$((count + 1))
  done
  ((count >= $2)) || { echo "$1 shows too few commands: $count"; exit 1; }
}

run_all "corymb --help" 1 < <(corymb --help | sed -n 's/^    \(corymb .*\)/\1/p')
commands() { awk '/^```sh$/ { inside = 1; next } /^```$/ { inside = 0 } inside && /^corymb /' "$1"; }
run_all README.md 1 < <(commands "$root/README.md")
for page in "$root"/docs/*.md; do
  run_all "${page##*/}" 0 < <(commands "$page")  # a page may be about what the tool does not have
done
