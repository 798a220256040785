# A Debian root filesystem made by debootstrap, as build/debian.tar: real input for the tests. Made here, since the tests have no
# network. Prints nothing; a machine without a mirror skips the test that needs it, visibly.
if [[ ! -r build/debian.tar && $(id -u) == 0 ]] && command -v debootstrap >/dev/null; then
  mkdir -p build
  (
    mirror=$(sed -n 's/^deb \(\[.*\] \)\?\([^ ]*\) bookworm main.*/\2/p; s/^URIs: *\([^ ]*\).*/\1/p' \
      /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -1)
    root=$(mktemp -d)
    trap 'rm -rf "$root"' EXIT
    debootstrap --variant=minbase bookworm "$root/root" ${mirror:+"$mirror"} &&
      tar -C "$root/root" -cf build/debian.tar.part . && mv build/debian.tar.part build/debian.tar
  ) >/dev/null 2>&1 || true
fi
