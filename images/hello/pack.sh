#!/bin/sh
# pack.sh PROGRAM WORKDIR ARCHIVE: makes a docker-archive of one layer that holds PROGRAM as /hello. The same program
# gives the same archive, byte for byte.
set -eu
program=$1 work=$2 archive=$3
here=$(dirname "$0")

case $(uname -m) in
  x86_64) architecture=amd64 ;;
  aarch64) architecture=arm64 ;;
  *) architecture=$(uname -m) ;;
esac

# pack ARCHIVE NAME...: files of the current directory, all root's and of one time.
pack() {
  target=$1
  shift
  tar --create --file "$target" --format=ustar --owner=0 --group=0 --numeric-owner --mtime='2026-01-01 00:00Z' --sort=name "$@"
}
digest() { sha256sum "$1" | cut -d' ' -f1; }

rm -rf "$work"
mkdir -p "$work/root" "$work/archive"
install -m 0755 "$program" "$work/root/hello"
(cd "$work/root" && pack ../layer.tar hello)
layer=$(digest "$work/layer.tar")
sed -e "s/@ARCHITECTURE@/$architecture/" -e "s/@DIFF_ID@/$layer/" "$here/config.json.in" >"$work/config.json"
config=$(digest "$work/config.json")

mkdir "$work/archive/$layer"
mv "$work/layer.tar" "$work/archive/$layer/layer.tar"
mv "$work/config.json" "$work/archive/$config.json"
printf '[{"Config":"%s.json","RepoTags":["gantry/hello:latest"],"Layers":["%s/layer.tar"]}]\n' "$config" "$layer" \
  >"$work/archive/manifest.json"
chmod -R u=rwX,go=rX "$work/archive"
(cd "$work/archive" && pack "$archive.new" manifest.json "$config.json" "$layer")
mv "$archive.new" "$archive"
