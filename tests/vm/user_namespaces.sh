# Containers with ids of their own on cgroup v2: the tests that the host's kernel or file systems may be too old for. Sourced by
# init.sh. Linux 6.1 maps the owners of ext4, not those of tmpfs.
truncate -s 512M /run/disk
/sbin/mke2fs -q -t ext4 /run/disk || finish "failed: mke2fs"
umount /tmp
mount -o loop -t ext4 /run/disk /tmp || finish "failed: mount"
chmod 1777 /tmp
printf 'root:100000:65536\n' | tee /etc/subuid >/etc/subgid
# Their daemons need no network, for which the kernel has no modules here.
mkdir -p /etc/gantry
echo 'bridge: none' >/etc/gantry/gantryd.yaml
run_tests() { # run_tests PROGRAM FILTER: all of them pass, and none is skipped
  [ -x "/opt/gantry/tests/$1" ] || return 0
  "/opt/gantry/tests/$1" --gtest_brief=1 --gtest_filter="$2" >/run/report 2>&1 || { cat /run/report; finish "failed: $1 $2"; }
  grep -E 'SKIPPED|PASSED' /run/report
  check "nothing is skipped of $1 $2" 0 "$(grep -c SKIPPED /run/report)"
}
run_tests runtime_linux_tests 'UserNamespace.*:*/UserNamespace.*:LiveMount.*user_namespace'
run_tests e2e_options_test '*user_namespaces*:RemappedDaemon.*'

# The same by hand, where a daemon has it for everybody.
rm /etc/gantry/gantryd.yaml
umount /data
mkdir -p /tmp/data
mount --bind /tmp/data /data
daemon_options="--userns-remap root"
start_daemon
import_box
check "the ids of a remapped daemon" "0 100000 65536" "$(gantry run --rm --network none box awk '{print $1, $2, $3}' /proc/self/uid_map)"
check "its limits are cgroup v2's" 33554432 "$(gantry run --rm --network none --memory 32m box cat /sys/fs/cgroup/memory.max)"
gantry run -d --name mapped --network none --memory 64m -v data:/data box sh -c 'echo kept >/data/f; exec sleep 1000' >/dev/null || finish "failed: run"
pid=$(gantry inspect --format '{{.State.Pid}}' mapped)
check "its root is nobody on the host" 100000 "$(stat -c %u "/proc/$pid")"
check "exec" 0 "$(gantry exec mapped id -u)"
check "pause" paused "$(gantry pause mapped >/dev/null; gantry inspect --format '{{.State.Status}}' mapped; gantry unpause mapped >/dev/null)"
check "update" 50331648 "$(gantry update --memory 48m --memory-swap 48m mapped >/dev/null; gantry exec mapped cat /sys/fs/cgroup/memory.max)"
kill -9 "$daemon"
start_daemon
check "exec after the daemon was killed" kept "$(gantry exec mapped cat /data/f)"
check "another container's range" no "$(gantry run --rm --network none --userns auto:size=1000 box awk '{print ($2 >= 100000 && $2 < 165536) ? "yes" : "no"}' /proc/self/uid_map)"
check "a volume's owners move along" 0 "$(gantry run --rm --network none --userns auto:size=1000 -v data:/data box stat -c %u /data/f)"
check "the host's ids" "0 0 4294967295" "$(gantry run --rm --network none --userns host box awk '{print $1, $2, $3}' /proc/self/uid_map)"
check "remove" mapped "$(gantry rm -f mapped)"
