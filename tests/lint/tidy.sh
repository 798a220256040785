#!/usr/bin/env bash
# clang-tidy bites: a planted violation of each family that .clang-tidy asks for is found. The whole tree is `./dev lint`.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
command -v clang-tidy-16 >/dev/null || { echo "skipped: needs clang-tidy-16"; exit 77; }

dir=$(mktemp -d -p .)
trap 'rm -rf "$dir"' EXIT
cat >"$dir/planted.cpp" <<'TEXT'
#include <string>
#include <utility>
struct Base {
  virtual ~Base() = default;
  virtual void run() = 0;
};
struct Derived : Base {
  virtual void run() {}
};
std::string moved() {
  std::string text = "text";
  std::string other = std::move(text);
  return text + other;
}
TEXT
out=$(clang-tidy-16 --quiet --config-file=.clang-tidy "$dir/planted.cpp" -- -std=c++20 2>/dev/null || true)
for check in bugprone-use-after-move modernize-use-override; do
  grep -q "$check" <<<"$out" || { echo "not found: $check"; exit 1; }
done
