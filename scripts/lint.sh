# clang-format on every source, clang-tidy on what was compiled. `--fix` rewrites formatting in place.
( set -- test; . scripts/deps.sh )
mapfile -t sources < <(git ls-files '*.cpp' '*.hpp' '*.h' '*.c')
if [[ ${1:-} == --fix ]]; then
  clang-format-16 -i "${sources[@]}"
else
  clang-format-16 --dry-run --Werror "${sources[@]}"
fi
if [[ ${LINT_TIDY:-1} == 1 ]]; then
  # The preset that compiles every file by itself: clang-tidy asks how.
  [[ -f build/debug/compile_commands.json ]] || ( set -- debug programs; . scripts/build.sh )
  git ls-files 'engine/*.cpp' 'cli/*.cpp' 'plugins/*.cpp' | grep -v /tests/ |
    xargs -P "$(nproc)" -n 4 clang-tidy-16 --quiet -p build/debug --warnings-as-errors='*'
fi
