# Docker's Compose v2, of exactly one version, as build/compose: Debian 12 has no package of it, and that of Debian 13 is one program
# that needs nothing else. Prints nothing; a machine that cannot download it skips the tests that need it, visibly.
. scripts/debian-package.sh
if [[ $(dpkg --print-architecture) == amd64 && ! -x build/compose/usr/libexec/docker/cli-plugins/docker-compose ]]; then
  unpack_debian_package d/docker-compose/docker-compose_2.26.1-4_amd64.deb \
    47681197cb2b1ab88206b42a1a92fc75f50d9530a6322d03494a473eed0408ea build/compose || true
fi
