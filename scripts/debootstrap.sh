# debootstrap_tar NAME DEBOOTSTRAP-ARGUMENTS... -- WITHOUT...: a Debian root filesystem as build/NAME.tar, without the files WITHOUT
# (patterns below the root). Made here, since the tests have no network. Prints nothing; on a machine without a mirror there is no
# file, and the tests that need it are skipped, visibly.
debootstrap_tar() {
  local tar=build/$1.tar arguments=()
  shift
  [[ ! -r $tar && $(id -u) == 0 ]] && command -v debootstrap >/dev/null || return 0
  mkdir -p build
  (
    while (($#)) && [[ $1 != -- ]]; do arguments+=("$1"); shift; done
    mirror=$(sed -n 's/^deb \(\[.*\] \)\?\([^ ]*\) bookworm main.*/\2/p; s/^URIs: *\([^ ]*\).*/\1/p' \
      /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -1)
    root=$(mktemp -d)
    trap 'rm -rf "$root"' EXIT
    debootstrap --variant=minbase "${arguments[@]}" bookworm "$root/root" ${mirror:+"$mirror"} &&
      (cd "$root/root" && rm -rf -- ${*:2}) && # patterns
      tar -C "$root/root" -cf "$tar.part" . && mv "$tar.part" "$tar"
  ) >/dev/null 2>&1 || true
}
