# Docker's Compose v2, of exactly one version, as build/compose: Debian 12 has no package of it, and that of Debian 13 is one program
# that needs nothing else. Prints nothing; a machine that cannot download it skips the tests that need it, visibly.
compose_deb=docker-compose_2.26.1-4_amd64.deb
compose_sha256=47681197cb2b1ab88206b42a1a92fc75f50d9530a6322d03494a473eed0408ea
if [[ $(dpkg --print-architecture) == amd64 && ! -x build/compose/usr/libexec/docker/cli-plugins/docker-compose ]]; then
  rm -rf build/compose build/compose.part
  mkdir -p build/compose.part
  if (
    cd build/compose.part
    curl -fsSL --max-time 120 -o "$compose_deb" "http://deb.debian.org/debian/pool/main/d/docker-compose/$compose_deb"
    echo "$compose_sha256  $compose_deb" | sha256sum --check --status
    dpkg-deb -x "$compose_deb" .
    rm "$compose_deb"
  ) >/dev/null 2>&1; then
    mv build/compose.part build/compose
  fi
fi
