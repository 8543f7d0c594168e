#!/bin/bash
# Every block of C++ or CMake code in README.md and docs/*.md stands, line by line, in a file that is compiled: an
# example, for docs/ also a test in tests/docs. Indentation aside. code_blocks.sh ROOT, or --self-test.
set -eu

plain() { sed 's/^[ \t]*//; s/[ \t]*$//'; }

check() {  # ROOT: prints each block that is nowhere else
  local root=$1 page block sources=() source found failed=0 blocks=0
  for page in "$root"/README.md "$root"/docs/*.md; do
    [[ -e $page ]] || continue
    sources=("$root"/examples/*/*.cpp "$root"/examples/*/CMakeLists.txt)
    [[ $page == */docs/* ]] && sources+=("$root"/tests/docs/*.cpp)
    while IFS= read -r -d '' block; do
      blocks=$((blocks + 1))
      block=$(plain <<< "${block%$'\n'}")
      found=0
      for source in "${sources[@]}"; do
        [[ -e $source ]] || continue
        if [[ $'\n'$(plain < "$source")$'\n' == *$'\n'"$block"$'\n'* ]]; then found=1; break; fi
      done
      if ((!found)); then
        printf -- '---- %s: this block is in no compiled file ----\n%s\n' "${page#"$root"/}" "$block"
        failed=1
      fi
    done < <(awk '/^```(cpp|cmake)$/ { inside = 1; next } /^```$/ { if (inside) printf "%c", 0; inside = 0; next }
                  inside' "$page")
  done
  ((blocks > 0)) || { echo "there are no blocks at all"; failed=1; }
  return $failed
}

if [[ $1 != --self-test ]]; then
  check "$1"
  exit
fi

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree/examples/a" "$tree/docs" "$tree/tests/docs"
printf 'int main() {\n  int x = 1;\n\n  return x;\n}\n' > "$tree/examples/a/a.cpp"
printf 'Text\n```cpp\nint x = 1;\n\nreturn x;\n```\n' > "$tree/README.md"
printf 'void page() {\n  f();\n}\n' > "$tree/tests/docs/page.cpp"
printf '```cpp\nf();\n```\n```sh\nanything\n```\n' > "$tree/docs/page.md"
check "$tree" || { echo "blocks that are compiled were rejected"; exit 1; }
for wrong in 'int x = 2;' 'x = 1;' 'f();'; do
  printf '```cpp\n%s\n```\n' "$wrong" > "$tree/README.md"
  check "$tree" > /dev/null && { echo "not found: $wrong"; exit 1; }
done
exit 0
