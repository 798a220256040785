#!/bin/sh
# Checks a plugin on a file system that shares blocks between files: on_xfs.sh CHECK PLUGIN, in a mount namespace of its own. Exit code
# 77 (a visible skip) where that cannot be had.
directory=$(mktemp -d)
trap 'umount -l "$directory/on" 2>/dev/null; rm -rf "$directory"' EXIT
mkdir "$directory/on"
truncate -s 400M "$directory/image"
mkfs.xfs -q -m reflink=1 "$directory/image" || { echo "skipped: needs mkfs.xfs"; exit 77; }
mount -o loop "$directory/image" "$directory/on" || { echo "skipped: this kernel does not mount XFS"; exit 77; }
"$1" --on "$directory/on" "$2" >"$directory/output" && code=0 || code=$?
cat "$directory/output"
if grep -q 'go_their_own_ways  *skipped' "$directory/output"; then code=1; fi
exit $code
