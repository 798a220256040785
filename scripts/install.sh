# Installs the release build under a prefix, with a systemd unit when the prefix is the system's.
prefix=${1:-/usr/local}
( set -- release programs; . scripts/build.sh )
cmake --install build/release --prefix "$prefix" >/dev/null
cp build/release/install_manifest.txt "$prefix/share/gantry/install_manifest.txt"
echo "installed under $prefix"
case $prefix in
  /usr | /usr/local) echo "start it with: systemctl daemon-reload && systemctl enable --now gantry" ;;
esac
