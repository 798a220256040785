# A daemon on cgroup v2: limits, seccomp, AppArmor, devices, and the driver's own tests. Sourced by init.sh.
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

import_box
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
if [ -x /opt/gantry/tests/runtime_linux_tests ]; then
  # Without the long ones, which depend on neither the kernel nor its cgroups.
  /opt/gantry/tests/runtime_linux_tests --gtest_brief=1 --gtest_filter="-Isolation.*in_proc*:Failure.*however*:*user_namespace" || finish "failed: the driver's own tests"
fi
if [ -x /opt/gantry/tests/quota_test ]; then
  # What mounts a loop device here is busybox; kernels of test hosts often have no quotas at all.
  PATH=$PATH:/sbin /opt/gantry/tests/quota_test --gtest_brief=1 >/tmp/quota.log 2>&1 || { cat /tmp/quota.log; finish "failed: quotas"; }
  check "quotas that are there" 0 "$(grep -cE 'with prjquota|needs mkfs.ext4' /tmp/quota.log)"
fi
