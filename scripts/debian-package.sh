# unpack_debian_package PATH SHA256 DIRECTORY: a package of Debian's archive, by its path in the pool, unpacked into DIRECTORY without
# being installed. The directory is there whole or not at all. Prints nothing; false when it cannot be had.
unpack_debian_package() {
  local path=$1 sum=$2 place=$3 part=$3.part
  rm -rf "$part" && mkdir -p "$part" &&
    curl -fsSL --connect-timeout 10 --max-time 120 -o "$part/deb" "http://deb.debian.org/debian/pool/main/$path" 2>/dev/null &&
    echo "$sum  $part/deb" | sha256sum --check --status &&
    dpkg-deb -x "$part/deb" "$part/root" 2>/dev/null &&
    rm -rf "$place" && mv "$part/root" "$place" && rm -rf "$part"
}
