# clang-format on every source, clang-tidy on what makes up the programs. `--fix` rewrites formatting in place.
( set -- test; . scripts/deps.sh )
mapfile -t sources < <(git ls-files '*.cpp' '*.hpp' '*.h' '*.c')
if [[ ${1:-} == --fix ]]; then
  clang-format-16 -i "${sources[@]}"
else
  clang-format-16 --dry-run --Werror "${sources[@]}"
fi
if [[ ${LINT_TIDY:-1} == 1 ]]; then
  # The preset that compiles every file by itself tells how.
  cmake --preset debug >/dev/null
  cmake --build --preset debug --target gantry_buildkit_generated >/dev/null
  git ls-files 'engine/*.cpp' 'cli/*.cpp' 'plugins/*.cpp' 'dns/*.cpp' 'relay/*.cpp' 'loop/*.cpp' 'buildkit/*.cpp' | grep -v /tests/ |
    xargs -P "$(nproc)" -n 4 clang-tidy-16 --quiet -p build/debug --warnings-as-errors='*'
fi
