# A Debian root filesystem with a C compiler, made by debootstrap, as build/gcc.tar: for the test that builds a real program. Made
# here, since the tests have no network. Prints nothing; a machine without a mirror skips the test, visibly.
if [[ ! -r build/gcc.tar && $(id -u) == 0 ]] && command -v debootstrap >/dev/null; then
  mkdir -p build
  (
    mirror=$(sed -n 's/^deb \(\[.*\] \)\?\([^ ]*\) bookworm main.*/\2/p; s/^URIs: *\([^ ]*\).*/\1/p' \
      /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -1)
    root=$(mktemp -d)
    trap 'rm -rf "$root"' EXIT
    debootstrap --variant=minbase --include=gcc,libc6-dev bookworm "$root/root" ${mirror:+"$mirror"} &&
      rm -rf "$root"/root/var/cache/apt/archives/*.deb "$root"/root/usr/share/{doc,locale,man} &&
      tar -C "$root/root" -cf build/gcc.tar.part . && mv build/gcc.tar.part build/gcc.tar
  ) >/dev/null 2>&1 || true
fi
