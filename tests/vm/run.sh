#!/usr/bin/env bash
# Boots Debian's cloud kernel in an emulated machine with an initramfs that holds this build, and runs a scenario there: the
# machine has cgroup v2 only and the security module that the scenario wants, which the host of the tests may not have.
#   run.sh BUILD_DIR SCENARIO      containers, user_namespaces or selinux
# Exit code 77 (a visible skip) when qemu or the kernel cannot be had.
set -euo pipefail
build=$(readlink -f "$1")
scenario=$2
here=$(dirname "$(readlink -f "$0")")

skip() {
  echo "skipped: $*"
  exit 77
}
command -v qemu-system-x86_64 >/dev/null || skip "needs qemu-system-x86_64"
cache=$build/vm
mkdir -p "$cache"
# Scenarios may run at the same time; what they share is fetched once.
exec 9>"$cache/lock"
flock 9
if ! compgen -G "$cache/kernel/boot/vmlinuz-*" >/dev/null; then
  package=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | sed -n 's/.*Depends: \(linux-image-.*\)/\1/p' | head -1)
  [[ $package ]] || skip "linux-image-cloud-amd64 is not known to apt"
  (cd "$cache" && apt-get download -q "$package" >/dev/null 2>&1) || skip "cannot download $package"
  dpkg-deb -x "$cache/$package"_*.deb "$cache/kernel"
fi
# Profiles of AppArmor are compiled by Debian's parser; without it that part is left out.
if [[ ! -x $cache/apparmor/sbin/apparmor_parser ]]; then
  (cd "$cache" && apt-get download -q apparmor >/dev/null 2>&1 && dpkg-deb -x apparmor_*.deb apparmor) || true
fi
kernel=$(compgen -G "$cache/kernel/boot/vmlinuz-*" | head -1)
exec 9>&-

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root"/{bin,sbin,opt/gantry/tests,proc,sys,dev,tmp,run,etc,modules,root,scenarios}
cp "$(command -v busybox)" "$root/bin/busybox"
cp -r "$build"/{bin,lib,libexec,share} "$root/opt/gantry/"
cp "$here/init.sh" "$root/init"
cp "$here/$scenario.sh" "$root/scenarios/"
cp "$here/../limits/limits.sh" "$root/bin/limits.sh"
chmod +x "$root/init"
add_test_program() { # which finds what it tests where this build has it
  [[ -x $build/tests/$1 ]] || return 0
  mkdir -p "$root$build/tests"
  cp "$build/tests/$1" "$root/opt/gantry/tests/"
  ln -sfn /opt/gantry/libexec "$root$build/libexec"
}
add_mke2fs() {
  local program
  program=$(PATH=$PATH:/usr/sbin:/sbin command -v mke2fs) || skip "needs mke2fs"
  cp "$program" "$root/sbin/"
}
add_quotas() {
  command -v mkfs.ext4 >/dev/null || return 0
  add_test_program quota_test
  for tool in mkfs.ext4 mkfs.xfs; do cp "$(command -v $tool || echo /dev/null)" "$root/sbin/$tool"; done
  cp /etc/mke2fs.conf "$root/etc/"
}
security=apparmor
case $scenario in
  containers)
    add_test_program runtime_linux_tests
    add_quotas
    ;;
  user_namespaces)
    add_test_program runtime_linux_tests
    add_test_program e2e_options_test
    add_mke2fs
    ;;
  selinux)
    command -v secilc >/dev/null || skip "needs secilc"
    security=selinux
    add_mke2fs
    if command -v crun >/dev/null; then cp "$(command -v crun)" "$root/sbin/"; fi
    {
      printf '(category c%d)\n' {0..1023}
      printf '(categoryorder (%s))\n' "$(printf 'c%d ' {0..1023})"
    } >"$root/categories"
    sed -e "/^@CATEGORIES@\$/{r $root/categories" -e 'd}' "$here/policy.cil" >"$root/policy.cil"
    secilc -o "$root/policy" -f /dev/null "$root/policy.cil"
    ;;
esac
find "$cache/kernel/lib/modules" \( -name overlay.ko -o -name veth.ko -o -name bridge.ko -o -name loop.ko -o -name bfq.ko \
  -o -name quota_tree.ko -o -name quota_v2.ko -o -name crc32c_generic.ko -o -name libcrc32c.ko -o -name xfs.ko \) -exec cp {} "$root/modules/" \;
if [[ -x $cache/apparmor/sbin/apparmor_parser ]]; then
  cp "$cache/apparmor/sbin/apparmor_parser" "$root/sbin/"
fi
printf 'root:x:0:0:root:/root:/bin/sh\n' >"$root/etc/passwd"
printf 'root:x:0:\n' >"$root/etc/group"
for file in "$root"/sbin/* "$root"/opt/gantry/bin/{gantryd,gantry} "$root"/opt/gantry/lib/gantry/plugins/*.so \
  "$root"/opt/gantry/libexec/gantry/* "$root"/opt/gantry/tests/*; do
  if [[ $file == */gantry-buildkit ]]; then continue; fi # nobody builds there, and gRPC is large
  # "|| true": a static program has no libraries to list.
  { ldd "$file" 2>/dev/null || true; } | { grep -o '/[^ ]*' || true; } | while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp -nL "$library" "$root$library"
  done
done
(cd "$root" && find . | busybox cpio -o -H newc 2>/dev/null) >"$cache/initramfs-$scenario"

timeout "${VM_TIMEOUT:-300}" qemu-system-x86_64 -accel tcg -m 1536 -smp 2 -display none -serial stdio -no-reboot -kernel "$kernel" \
  -initrd "$cache/initramfs-$scenario" \
  -append "console=ttyS0 quiet panic=-1 no_timer_check cgroup_no_v1=all lsm=$security gantry.scenario=$scenario" </dev/null |
  tr -d '\r' | tee "$cache/console-$scenario"
grep -qx 'VM-RESULT: passed' "$cache/console-$scenario"
