# Docker's buildx of two ages, as build/docker-buildx/VERSION. Prints nothing; a machine that cannot download them skips the tests that
# need them, visibly.
. scripts/debian-package.sh
fetch_buildx() {
  local version=$1 sum=$2 place=build/docker-buildx/${1%%+*}
  [[ -x $place/usr/libexec/docker/cli-plugins/docker-buildx ]] ||
    unpack_debian_package "d/docker-buildx/docker-buildx_${version}_amd64.deb" "$sum" "$place" || true
}
if [[ $(dpkg --print-architecture) == amd64 ]]; then
  fetch_buildx 0.13.1+ds1-3 fcf8c48204d1603c8f209451d7827eb91bf30759578baf7704e9e1a87e5f1d7f
  fetch_buildx 0.29.1+ds1-4 6103bcc4eab8169ae679f806d3949ffc99a1545a61fddea6124da826f115f2bf
fi
