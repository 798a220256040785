#!/usr/bin/env bash
# Every source is formatted as .clang-format says, and a planted violation is found: a check that finds nothing proves nothing.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
command -v clang-format-16 >/dev/null || { echo "skipped: needs clang-format-16"; exit 77; }

planted=$(mktemp --suffix=.cpp -p .)
trap 'rm -f "$planted"' EXIT
printf 'int  main( ){return 0 ;}\n' >"$planted"
if clang-format-16 --dry-run --Werror "$planted" 2>/dev/null; then
  echo "a planted violation was not found"
  exit 1
fi
rm -f "$planted"
git ls-files -z '*.cpp' '*.hpp' '*.h' '*.c' | xargs -0 clang-format-16 --dry-run --Werror
