# Dependencies, build, every test. In CI the suite runs under ASan and UBSan first. ctest's summary is the last thing printed.
( set -- test; . scripts/deps.sh )
if [[ ${CI:-} == true && $preset == release ]]; then
  CI=false PRESET=asan ./dev test "$@"
fi
( set --; . scripts/build.sh )
. scripts/docker-cli.sh
cd "build/$preset"
exec ctest --output-on-failure --no-tests=error -j "$(nproc)" "$@"
