# Redis of Debian with the libraries that it needs, as build/redis.tar: a real store of data for the tests. Made here, since the
# tests have no network. Prints nothing; a machine without a mirror skips the test that needs it, visibly.
if [[ ! -r build/redis.tar ]] && command -v apt-get >/dev/null && command -v dpkg >/dev/null && command -v busybox >/dev/null; then
  mkdir -p build
  (
    root=$(mktemp -d)
    trap 'rm -rf "$root"' EXIT
    (cd "$root" && apt-get download redis-server redis-tools liblzf1)
    for package in "$root"/*.deb; do dpkg -x "$package" "$root/all"; done
    mkdir -p "$root/out/bin" "$root/out/tmp" "$root/out/data"
    cp "$root/all/usr/bin/redis-check-rdb" "$root/out/bin/redis-server" # one program, which looks at its name
    cp "$root/all/usr/bin/redis-cli" "$root/out/bin/"
    cp "$(command -v busybox)" "$root/out/bin/sh"
    libraries=$(find "$root/all" -name 'liblzf.so.1' -printf '%h')
    for program in redis-server redis-cli; do
      LD_LIBRARY_PATH=$libraries ldd "$root/out/bin/$program" | sed -n 's/.*=> \([^ ]*\).*/\1/p; s/^[[:space:]]*\(\/lib[^ ]*\).*/\1/p'
    done | sort -u | while read -r library; do
      # Where the loader looks first, whatever directory the machine keeps them in.
      case $library in
        */ld-linux*) install -D "$library" "$root/out$library" ;;
        *) install -D "$library" "$root/out/usr/lib/$(basename "$library")" ;;
      esac
    done
    # Nothing half done: whoever is missing made a step above fail.
    [[ -s $root/out/bin/redis-server && -s $root/out/bin/redis-cli && -s $root/out/usr/lib/liblzf.so.1 ]] &&
      tar -C "$root/out" -cf build/redis.tar.part . && mv build/redis.tar.part build/redis.tar
  ) >/dev/null 2>&1 || true
fi
