# Removes exactly the files that install listed. State below /var/lib/gantry stays.
prefix=${1:-/usr/local}
manifest=$prefix/share/gantry/install_manifest.txt
if [[ ! -f $manifest ]]; then
  echo "dev uninstall: nothing is installed under $prefix (no $manifest)" >&2
  exit 1
fi
while IFS= read -r file || [[ -n $file ]]; do
  case $file in "$prefix"/*) rm -f -- "$file" ;; esac
done <"$manifest"
rm -f -- "$manifest"
for dir in "$prefix"/{lib,libexec,share,include}/gantry; do
  [[ -d $dir ]] && find "$dir" -depth -type d -empty -delete
done
echo "removed from $prefix; containers and images stay in /var/lib/gantry"
