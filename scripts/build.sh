# Configures and builds one preset into build/PRESET, laid out as an install tree.   build [PRESET [TARGET...]]
preset=${1:-$preset}
case $preset in
  release | debug | asan | tsan) ;;
  *)
    echo "dev build: unknown preset '$preset' (allowed: release, debug, asan, tsan)" >&2
    exit 2
    ;;
esac
if ! configured=$(cmake --preset "$preset" 2>&1); then
  echo "$configured" >&2
  exit 1
fi
targets=("${@:2}")
cmake --build --preset "$preset" ${targets:+--target "${targets[@]}"}
