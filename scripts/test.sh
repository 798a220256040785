# Dependencies, build, every test. In CI the whole suite runs under ASan and UBSan, and what a user touches (e2e, the emulated
# machine) on the release build after it. ctest's summary is the last thing printed.
( set -- test; . scripts/deps.sh )
if [[ ${CI:-} == true && $preset == release ]]; then
  CI=false PRESET=asan ./dev test "$@"
  # The last two are what the emulated machine runs.
  ( set -- release programs daemon_tests runtime_linux_tests quota_test; . scripts/build.sh )
  set -- -L 'differential|e2e|vm|lint' "$@"
else
  # What tests run is fetched while the compiler has the processors.
  (for script in docker-cli docker-buildx debian-rootfs redis-rootfs gcc-rootfs client-libraries compose; do . "scripts/$script.sh"; done) &
  fetched=$!
  ( set -- "$preset"; . scripts/build.sh )
  wait "$fetched"
fi
# In CI a test that fails is run once more: with some 1500 of them a hiccup of the machine would turn away good work. Both runs
# are printed, and on a developer's machine the first failure counts.
again=()
[[ ${CI:-} == "" ]] || again=(--repeat until-pass:2)
cd "build/$preset"
# One more than there are processors: many tests wait for something that happens after a time.
exec ctest --output-on-failure --no-tests=error -j "$(($(nproc) + 1))" "${again[@]}" "$@"
