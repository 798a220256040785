# Ratios measured in one run, in a network and mount namespace of its own: a table on stdout, JSON in build/bench.json.
( set -- bench; . scripts/deps.sh )
( set -- release programs gantry-floor gantry-floor-bridge gantry-layer-stages; . scripts/build.sh )
if [[ $(id -u) != 0 ]]; then
  exec sudo "$PWD/dev" bench "$@"
fi
unshare --mount --net tests/bench/bench.py --build "$PWD/build/release" --json "$PWD/build/bench.json" "$@"
unshare --mount --net tests/bench/throughput.py --build "$PWD/build/release" --json "$PWD/build/throughput.json"
if command -v docker-registry >/dev/null; then
  unshare --mount --net tests/bench/pulls.py --build "$PWD/build/release"
fi
unshare --mount --net tests/bench/files.py --build "$PWD/build/release"
unshare --mount --net tests/bench/builds.py --build "$PWD/build/release"
