#!/bin/sh
# docker_plugin.sh CHECK PLUGIN.so PLUGIN.py: the conformance suite with one Docker volume plugin. In a mount namespace of its own.
set -eu
mkdir -p /run/docker
mount -t tmpfs tmpfs /run/docker
mkdir -p /run/docker/plugins /run/docker/data
python3 "$3" /run/docker/plugins/only.sock /run/docker/data &
plugin=$!
trap 'kill $plugin' EXIT
tries=0
while [ ! -S /run/docker/plugins/only.sock ]; do
  tries=$((tries + 1))
  [ $tries -lt 200 ] || { echo "the plugin does not listen"; exit 1; }
  sleep 0.05
done
"$1" "$2"
