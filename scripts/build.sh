# Configures and builds one preset into build/PRESET, laid out as an install tree.
preset=${1:-$preset}
case $preset in
  release | debug | asan | tsan) ;;
  *)
    echo "dev build: unknown preset '$preset' (allowed: release, debug, asan, tsan)" >&2
    exit 2
    ;;
esac
[[ -f build/$preset/build.ninja ]] || cmake --preset "$preset" >build-configure.log 2>&1 || {
  cat build-configure.log >&2
  rm -f build-configure.log
  exit 1
}
rm -f build-configure.log
cmake --build --preset "$preset"
