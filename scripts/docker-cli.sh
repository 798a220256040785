# Debian's docker CLI (20.10), unpacked into build/docker-cli without installing it, since its package starts a service.
# Prints nothing; a machine that cannot download it skips the tests that need it, visibly.
if [[ ! -x build/docker-cli/usr/bin/docker ]]; then
  mkdir -p build/docker-cli
  ( cd build/docker-cli && apt-get download -q docker.io >/dev/null 2>&1 && dpkg-deb -x docker.io_*.deb . && rm -f docker.io_*.deb ) || true
fi
