# Installs Debian 12 packages that are missing. Idempotent: with everything there it only asks dpkg.
build_packages=(g++ cmake ninja-build ccache pkg-config libboost1.81-dev libboost-filesystem1.81-dev nlohmann-json3-dev
  libyaml-cpp-dev libspdlog-dev libfmt-dev libsqlite3-dev libssl-dev libarchive-dev libseccomp-dev libcli11-dev libzstd-dev
  zlib1g-dev libcap-dev libcurl4-openssl-dev libisal-dev libmnl-dev libnftables-dev libldns-dev
  libgrpc++-dev protobuf-compiler protobuf-compiler-grpc libprotobuf-dev)
test_packages=(libgtest-dev libgmock-dev mold clang-16 libclang-rt-16-dev clang-tidy-16 clang-format-16 libc++-16-dev libc++abi-16-dev busybox-static
  debootstrap crun runc docker.io docker-compose docker-registry dnsutils iptables nftables iproute2 procps curl jq qemu-system-x86
  python3 python3-docker git openssh-client zstd xz-utils skopeo umoci apache2-utils openssl secilc e2fsprogs xfsprogs)
bench_packages=(libgtest-dev libgmock-dev iproute2 procps curl docker.io iptables podman crun docker-registry skopeo)

want=("${build_packages[@]}")
case ${1:-} in
  "") ;;
  test)
    want+=("${test_packages[@]}")
    command -v npm >/dev/null || want+=(nodejs npm) # also others' packages of node bring it
    ;;
  bench) want+=("${bench_packages[@]}") ;;
  *)
    echo "dev deps: unknown set '$1' (allowed: test, bench)" >&2
    exit 2
    ;;
esac

missing=()
for package in "${want[@]}"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing+=("$package")
done
if ((${#missing[@]})); then
  as_root=()
  if [[ $(id -u) != 0 ]]; then as_root=(sudo); fi
  echo "dev deps: installing ${missing[*]}"
  "${as_root[@]}" apt-get update -q
  # A package that starts a service on install (docker.io) must not: the machine is not ours to change.
  policy=/usr/sbin/policy-rc.d
  made_policy=
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod +x "$policy"
    made_policy=1
  fi
  code=0
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}" || code=$?
  if [[ $made_policy ]]; then "${as_root[@]}" rm -f "$policy"; fi
  ((code == 0)) || exit "$code"
fi
