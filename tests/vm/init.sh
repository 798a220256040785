#!/bin/busybox sh
# Init of the emulated machine: what the scenarios share, then the one that the kernel's command line names, in which a daemon
# is used as a user would. Ends with "VM-RESULT: passed" or the reason.
# The kernel refuses pivot_root out of an initramfs: go to a tmpfs first.
if [ "$1" != switched ]; then
  /bin/busybox mkdir /new
  /bin/busybox mount -t tmpfs tmpfs /new
  /bin/busybox cp -a $(/bin/busybox ls -d /[a-z]* | /bin/busybox grep -vE '^/(new|proc|sys|dev|run|tmp)$') /new/
  /bin/busybox mkdir /new/proc /new/sys /new/dev /new/run /new/tmp
  exec /bin/busybox switch_root /new /init switched
fi
/bin/busybox --install -s /bin
export PATH=/bin:/opt/gantry/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t securityfs securityfs /sys/kernel/security
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /tmp
mount -t cgroup2 cgroup2 /sys/fs/cgroup
for module in /modules/*.ko; do insmod "$module" 2>/dev/null; done
ip link set lo up

finish() {
  echo "VM-RESULT: $*"
  sync
  poweroff -f
}
check() { # check NAME EXPECTED ACTUAL
  if [ "$2" = "$3" ]; then echo "ok: $1"; else finish "failed: $1: expected '$2', got '$3'"; fi
}

mkdir /data
mount -t tmpfs tmpfs /data
export GANTRY_HOST=unix:///run/gantry.sock
daemon_options=
start_daemon() {
  # shellcheck disable=SC2086
  gantryd -H "$GANTRY_HOST" --data-root /data/d --exec-root /run/g --bridge none $daemon_options >>/tmp/gantryd.log 2>&1 &
  daemon=$!
  for _ in $(seq 300); do
    gantry version >/dev/null 2>&1 && return
    sleep 0.1
  done
  cat /tmp/gantryd.log
  finish "failed: the daemon did not start"
}
import_box() { # an image "box" with busybox and its applets
  mkdir -p /tmp/rootfs/bin
  cp /bin/busybox /tmp/rootfs/bin/busybox
  /tmp/rootfs/bin/busybox --list | while read -r applet; do ln -s busybox "/tmp/rootfs/bin/$applet" 2>/dev/null; done
  tar -C /tmp/rootfs -cf /tmp/rootfs.tar .
  gantry import /tmp/rootfs.tar box >/dev/null || finish "failed: import"
}

scenario=$(tr ' ' '\n' </proc/cmdline | sed -n 's/^gantry\.scenario=//p')
# shellcheck disable=SC1090
. "/scenarios/$scenario.sh"
finish passed
