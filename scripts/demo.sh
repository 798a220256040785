# A container from the embedded image on a daemon of our own: nothing on the machine is touched, and all of it is removed.
( set --; . scripts/deps.sh )
( set -- release programs; . scripts/build.sh )
if [[ $(id -u) != 0 ]]; then
  exec sudo "$PWD/dev" demo
fi
if [[ ${GANTRY_DEMO_INSIDE:-} != 1 ]]; then
  GANTRY_DEMO_INSIDE=1 exec unshare --mount --net "$PWD/dev" demo
fi

bin=$PWD/build/release/bin
dir=$(mktemp -d /tmp/gantry-demo.XXXXXX)
export GANTRY_HOST=unix://$dir/gantry.sock
ip link set lo up

say() { printf '\n\033[1m$ %s\033[0m\n' "$*"; }
run() {
  say "$@"
  "$@"
}
gantry() { "$bin/gantry" "$@"; }
cleanup() {
  gantry rm -f demo >/dev/null 2>&1 || true
  kill "$daemon" 2>/dev/null || true
  wait "$daemon" 2>/dev/null || true
  rm -rf "$dir"
}

"$bin/gantryd" -H "$GANTRY_HOST" --data-root "$dir/data" --exec-root "$dir/exec" --pidfile "$dir/pid" >"$dir/log" 2>&1 &
daemon=$!
trap cleanup EXIT
for _ in $(seq 100); do
  gantry version >/dev/null 2>&1 && break
  kill -0 "$daemon" 2>/dev/null || { cat "$dir/log" >&2; exit 1; }
  sleep 0.05
done

run gantry images
run gantry run --rm gantry/hello
run gantry run -d --name demo -p 127.0.0.1:8080:80 gantry/hello serve 80
say curl http://127.0.0.1:8080/
curl -sS --retry 20 --retry-connrefused --retry-delay 0 http://127.0.0.1:8080/
run gantry ps
run gantry logs demo
run gantry exec demo /hello env
run gantry stats --no-stream demo
say "kill -9 <gantryd>, then start it again: the container does not notice"
kill -9 "$daemon"
wait "$daemon" 2>/dev/null || true
curl -sS http://127.0.0.1:8080/
"$bin/gantryd" -H "$GANTRY_HOST" --data-root "$dir/data" --exec-root "$dir/exec" --pidfile "$dir/pid" >>"$dir/log" 2>&1 &
daemon=$!
for _ in $(seq 100); do
  gantry version >/dev/null 2>&1 && break
  sleep 0.05
done
run gantry ps
run gantry stop demo
run gantry rm demo
printf '\nDone: daemon, container and data are gone again.\n'
