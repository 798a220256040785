#!/bin/busybox sh
# Init of the emulated machine: a daemon on cgroup v2, used as a user would. Ends with "VM-RESULT: passed" or the reason.
# The kernel refuses pivot_root out of an initramfs: go to a tmpfs first.
if [ "$1" != switched ]; then
  /bin/busybox mkdir /new
  /bin/busybox mount -t tmpfs tmpfs /new
  /bin/busybox cp -a $(/bin/busybox ls -d /[a-z]* | /bin/busybox grep -vE '^/(new|proc|sys|dev|run|tmp)$') /new/
  /bin/busybox mkdir /new/proc /new/sys /new/dev /new/run /new/tmp
  exec /bin/busybox switch_root /new /init switched
fi
/bin/busybox --install -s /bin
export PATH=/bin:/sbin:/opt/gantry/bin
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
start_daemon() {
  gantryd -H "$GANTRY_HOST" --data-root /data/d --exec-root /run/g --bridge none >>/tmp/gantryd.log 2>&1 &
  daemon=$!
  for _ in $(seq 300); do
    gantry version >/dev/null 2>&1 && return
    sleep 0.1
  done
  cat /tmp/gantryd.log
  finish "failed: the daemon did not start"
}
start_daemon

check "the cgroup version" 2 "$(gantry info --format '{{.CgroupVersion}}')"
check "run" 0 "$(gantry run --rm --network none gantry/hello true; echo $?)"
check "exit code" 7 "$(gantry run --rm --network none gantry/hello exit 7; echo $?)"

gantry run -d --name limits --network none gantry/hello sleep 1000 >/dev/null || finish "failed: run"
cgroup=/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$(gantry inspect --format '{{.State.Pid}}' limits)/cgroup")
check "exec" 0 "$(gantry exec limits /hello true; echo $?)"
check "pause" paused "$(gantry pause limits >/dev/null; gantry inspect --format '{{.State.Status}}' limits)"
check "frozen" 1 "$(cat "$cgroup/cgroup.freeze")"
check "unpause" running "$(gantry unpause limits >/dev/null; gantry inspect --format '{{.State.Status}}' limits)"
gantry stats --no-stream limits || finish "failed: stats"
kill -9 "$daemon"
start_daemon
check "running after the daemon was killed" running "$(gantry inspect --format '{{.State.Status}}' limits)"
check "exec after the daemon was killed" 0 "$(gantry exec limits /hello true; echo $?)"
check "remove" limits "$(gantry rm -f limits)"
check "the cgroup is gone" no "$([ -d "$cgroup" ] && echo yes || echo no)"

mkdir -p /tmp/rootfs/bin
cp /bin/busybox /tmp/rootfs/bin/busybox
/tmp/rootfs/bin/busybox --list | while read -r applet; do ln -s busybox "/tmp/rootfs/bin/$applet" 2>/dev/null; done
tar -C /tmp/rootfs -cf /tmp/rootfs.tar .
gantry import /tmp/rootfs.tar box >/dev/null || finish "failed: import"
open_port='mknod /m c 4 64 && { (: </m) && echo open || echo denied; } 2>/dev/null'
check "a privileged container" open "$(gantry run --rm --network none --privileged box sh -c "$open_port")"
check "limits" 0 "$(limits.sh box >/tmp/limits; echo $?; grep -v ^ok /tmp/limits)"
check "own cgroup namespace" 0::/ "$(gantry run --rm --network none box /bin/busybox cat /proc/self/cgroup)"
check "its own limits are visible" 33554432 "$(gantry run --rm --network none --memory 32m box /bin/busybox cat /sys/fs/cgroup/memory.max)"
check "an allowed device" fine "$(gantry run --rm --network none box /bin/busybox sh -c '/bin/busybox dd if=/dev/zero of=/dev/null count=1 2>/dev/null && echo fine')"
check "oom" true "$(gantry run --name oom --network none --memory 16m box /bin/busybox sh -c 'x=a; while :; do x=$x$x; done' >/dev/null 2>&1; gantry inspect --format '{{.State.OOMKilled}}' oom)"
if [ -x /sbin/apparmor_parser ]; then
  whoami_apparmor='/bin/busybox cat /proc/self/attr/current'
  check "the default AppArmor profile" "gantry-default (enforce)" "$(gantry run --rm --network none box $whoami_apparmor)"
  check "AppArmor unconfined" unconfined "$(gantry run --rm --network none --security-opt apparmor=unconfined box $whoami_apparmor)"
  check "AppArmor with privileged" unconfined "$(gantry run --rm --network none --privileged box $whoami_apparmor)"
  check "an unknown AppArmor profile" 1 "$(gantry run --rm --network none --security-opt apparmor=nosuch box $whoami_apparmor 2>&1 | grep -c 'apparmor failed to apply profile')"
  gantry run -d --name confined --network none --cap-add SYS_ADMIN --security-opt seccomp=unconfined box /bin/busybox sleep 1000 >/dev/null || finish "failed: a confined container"
  check "an exec is confined" "gantry-default (enforce)" "$(gantry exec confined $whoami_apparmor)"
  check "AppArmor refuses mounts" refused "$(gantry exec confined /bin/busybox sh -c '/bin/busybox mkdir -p /m; /bin/busybox mount -t tmpfs x /m 2>/dev/null && echo mounted || echo refused')"
  check "the profile in inspect" gantry-default "$(gantry inspect --format '{{.AppArmorProfile}}' confined)"
  check "AppArmor in info" 1 "$(gantry info --format '{{json .SecurityOptions}}' | grep -c name=apparmor)"
  gantry rm -f confined >/dev/null
fi
check "no complaint in the kernel's log" 0 "$(dmesg | grep -c 'unrecognized mount option')"
if [ -x /opt/gantry/runtime_linux_tests ]; then
  # Without the long ones, which depend on neither the kernel nor its cgroups.
  /opt/gantry/runtime_linux_tests --gtest_brief=1 --gtest_filter="-Isolation.*in_proc*:Failure.*however*" || finish "failed: the driver's own tests"
fi
if [ -x /opt/gantry/quota_test ]; then
  # What mounts a loop device here is busybox; kernels of test hosts often have no quotas at all.
  /opt/gantry/quota_test --gtest_brief=1 >/tmp/quota.log 2>&1 || { cat /tmp/quota.log; finish "failed: quotas"; }
  check "quotas that are there" 0 "$(grep -c 'with prjquota' /tmp/quota.log)"
fi
finish passed
