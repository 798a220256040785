# Dependencies, build, every test. ctest's summary is the last thing printed, after the list of skipped tests and why.
( set -- test; . scripts/deps.sh )
( set --; . scripts/build.sh )
cd "build/$preset"
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=0}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
exec ctest --output-on-failure --no-tests=error -j "$(nproc)" "$@"
