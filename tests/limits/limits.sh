#!/bin/sh
# Every limit of run and update, seen in the container and in its cgroup: the same table on cgroup v1 and v2.
#   limits.sh IMAGE      GANTRY_HOST names a daemon whose IMAGE has the applets of busybox; needs gantry on PATH
# Prints "ok: NAME" or "failed: NAME: …" for each row; the exit code is the number of failed rows.
set -u
image=$1
output=$(mktemp)
trap 'gantry rm -f box >/dev/null 2>&1; rm -f "$output"' EXIT
failed=0
version=$(gantry info --format '{{.CgroupVersion}}')

pass() { echo "ok: $1"; }
fail() {
  failed=$((failed + 1))
  echo "failed: $1: expected '$2', got '$3'"
}
same() { # same NAME EXPECTED ACTUAL
  if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "$2" "$3"; fi
}
has() { # has NAME PART TEXT
  case $3 in *"$2"*) pass "$1" ;; *) fail "$1" "…$2…" "$3" ;; esac
}

look() { # look: at the process that container "box" has now
  pid=$(gantry inspect --format '{{.State.Pid}}' box)
}
# The directory of container "box" that holds a file of its cgroup.
cgroup_of() { # cgroup_of FILE
  if [ "$version" = 2 ]; then
    echo "/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$pid/cgroup")"
  else
    controller=${1%%.*}
    echo "/sys/fs/cgroup/$controller$(sed -n "s/^[0-9]*:\(.*,\)*$controller\(,.*\)*:\(.*\)/\3/p" "/proc/$pid/cgroup")"
  fi
}
# A row: NAME, then FILE=VALUE of v1, then of v2; "-" where the version has no such thing. VALUE is a line of the file.
row() {
  if [ "$version" = 2 ]; then want=$3; else want=$2; fi
  [ "$want" = - ] && return
  file=${want%%=*}
  value=${want#*=}
  text=$(cat "$(cgroup_of "$file")/$file" 2>&1)
  case "
$text
" in *"
$value
"*) pass "$1" ;; *) fail "$1" "$value" "$text" ;; esac
}
inspected() { # inspected NAME MEMBER EXPECTED
  same "$1" "$3" "$(gantry inspect --format "{{.HostConfig.$2}}" box)"
}
start() { # start OPTION...
  gantry rm -f box >/dev/null 2>&1
  gantry run -d --name box --network none "$@" "$image" sleep 1000 >"$output" 2>&1 || fail "start $*" 0 "$(cat "$output")"
  look
}
inside() { # inside NAME EXPECTED COMMAND OPTION...
  name=$1 expected=$2 command=$3
  shift 3
  same "$name" "$expected" "$(gantry run --rm --network none "$@" "$image" sh -c "$command" 2>&1)"
}
refused() { # refused NAME PART COMMAND...
  name=$1 part=$2
  shift 2
  if out=$("$@" 2>&1); then fail "$name" "a refusal" "$out"; else has "$name" "$part" "$out"; fi
}

# A whole disk, for limits of block I/O; which one does not matter.
for disk in /sys/block/*; do
  disk=/dev/${disk##*/}
  [ -b "$disk" ] && break
done
number=$(cat "/sys/block/${disk##*/}/dev")

start --memory 64m --memory-swap 96m --memory-reservation 32m --cpus 0.5 --cpu-shares 512 --cpuset-cpus 0 --cpuset-mems 0 \
  --pids-limit 20 --device-read-bps "$disk:1mb" --device-write-bps "$disk:2mb" --device-read-iops "$disk:30" \
  --device-write-iops "$disk:40" --cgroup-parent /gantry-limits
row "memory" memory.limit_in_bytes=67108864 memory.max=67108864
row "memory and swap" memory.memsw.limit_in_bytes=100663296 memory.swap.max=33554432
row "reservation" memory.soft_limit_in_bytes=33554432 memory.low=33554432
row "cpus" cpu.cfs_quota_us=50000 "cpu.max=50000 100000"
row "period of cpus" cpu.cfs_period_us=100000 -
row "shares" cpu.shares=512 cpu.weight=20
row "cpuset-cpus" cpuset.cpus=0 cpuset.cpus=0
row "cpuset-mems" cpuset.mems=0 cpuset.mems=0
row "pids" pids.max=20 pids.max=20
row "device-read-bps" "blkio.throttle.read_bps_device=$number 1048576" "io.max=$number rbps=1048576 wbps=2097152 riops=30 wiops=40"
row "device-write-bps" "blkio.throttle.write_bps_device=$number 2097152" -
row "device-read-iops" "blkio.throttle.read_iops_device=$number 30" -
row "device-write-iops" "blkio.throttle.write_iops_device=$number 40" -
has "cgroup-parent" "/gantry-limits/" "$(cgroup_of memory.max)"

# Live, and twice in one request where one limit bounds the other.
update() { gantry update "$@" box 2>&1; }
same "update" box "$(update --memory 80m)"
row "update memory" memory.limit_in_bytes=83886080 memory.max=83886080
row "update memory keeps the sum" memory.memsw.limit_in_bytes=100663296 memory.swap.max=16777216
same "update up" box "$(update --memory 200m --memory-swap 300m --pids-limit 30 --cpu-shares 2048 --memory-reservation 100m)"
row "update memory up" memory.limit_in_bytes=209715200 memory.max=209715200
row "update swap up" memory.memsw.limit_in_bytes=314572800 memory.swap.max=104857600
row "update pids" pids.max=30 pids.max=30
row "update shares" cpu.shares=2048 cpu.weight=79
row "update reservation" memory.soft_limit_in_bytes=104857600 memory.low=104857600
row "what is not named stays" cpu.cfs_quota_us=50000 "cpu.max=50000 100000"
same "update down" box "$(update --memory 32m --memory-swap 32m --cpus 1.5)"
row "update memory down" memory.limit_in_bytes=33554432 memory.max=33554432
row "update swap down" memory.memsw.limit_in_bytes=33554432 memory.swap.max=0
row "update cpus" cpu.cfs_quota_us=150000 "cpu.max=150000 100000"
same "update to no limit" box "$(update --memory-swap -1 --pids-limit -1)"
row "swap without limit" memory.memsw.limit_in_bytes=9223372036854771712 memory.swap.max=max
row "pids without limit" pids.max=max pids.max=max
inspected "inspect after update" Memory 33554432
inspected "pids limit after update" PidsLimit 0

# A failed update changes nothing: 20 MiB are in use and there is no swap to put them.
gantry exec box dd if=/dev/zero of=/dev/shm/x bs=1M count=20 >/dev/null 2>&1
refused "a limit below what is in use" "unable to set memory limit to 8388608" gantry update --cpu-shares 100 --pids-limit 5 --memory 8m --memory-swap 8m box
row "then memory stays" memory.limit_in_bytes=33554432 memory.max=33554432
row "then swap stays" memory.memsw.limit_in_bytes=9223372036854771712 memory.swap.max=max
row "then shares stay" cpu.shares=2048 cpu.weight=79
row "then pids stay" pids.max=max pids.max=max
same "and the container runs" true "$(gantry inspect --format '{{.State.Running}}' box)"
inspected "and inspect is as before" CpuShares 2048
refused "update cpus and quota" "CPU Quota cannot be updated as NanoCPUs has already been set" gantry update --cpu-quota 5000 box
refused "update memory alone above swap" "Memory limit should be smaller than already set memoryswap limit" gantry update --memory 64m box
if [ "$version" = 1 ]; then
  # Memory is written before the kernel refuses more real-time than there is: it is written back.
  refused "an impossible real-time budget" "Cannot update container" gantry update --memory 40m --memory-swap 50m --cpu-rt-period 1000000 --cpu-rt-runtime 1000000 box
  row "is undone" memory.limit_in_bytes=33554432 -
  row "all of it" memory.memsw.limit_in_bytes=9223372036854771712 -
else
  refused "real-time" "Your kernel does not support CPU real-time scheduler" gantry update --cpu-rt-runtime 1000 box
fi
gantry restart -t 0 box >/dev/null
look
row "after a restart" memory.limit_in_bytes=33554432 memory.max=33554432
row "shares after a restart" cpu.shares=2048 cpu.weight=79

start --memory 64m --memory-swap 64m --cpu-period 50000 --cpu-quota 25000 --cpuset-cpus 0
row "no swap" memory.memsw.limit_in_bytes=67108864 memory.swap.max=0
row "quota" cpu.cfs_quota_us=25000 "cpu.max=25000 50000"
row "period" cpu.cfs_period_us=50000 -
update --cpu-quota 10000 >/dev/null
row "update quota keeps the period" cpu.cfs_period_us=50000 "cpu.max=10000 50000"
update --cpu-quota -1 >/dev/null
row "update to no quota" cpu.cfs_quota_us=-1 "cpu.max=max 50000"

start --memory 64m
row "as much swap as memory" memory.memsw.limit_in_bytes=134217728 memory.swap.max=67108864
gantry pause box >/dev/null
update --memory 48m >/dev/null
row "update while paused" memory.limit_in_bytes=50331648 memory.max=50331648
gantry unpause box >/dev/null

start --memory 64m --memory-swap -1 --memory-swappiness 10 --oom-kill-disable
row "swap without a limit" memory.memsw.limit_in_bytes=9223372036854771712 memory.swap.max=max
row "swappiness" memory.swappiness=10 -
row "oom-kill-disable" "memory.oom_control=oom_kill_disable 1" -
if [ "$version" = 2 ]; then
  has "swappiness is discarded" "Your kernel does not support memory swappiness capabilities or the cgroup is not mounted. Memory swappiness discarded." "$(cat "$output")"
  has "oom-kill-disable is discarded" "Your kernel does not support OomKillDisable. OomKillDisable discarded." "$(cat "$output")"
  same "swappiness is not shown" null "$(gantry inspect --format '{{json .HostConfig.MemorySwappiness}}' box)"
fi

# Weights of block I/O, where this kernel has them; elsewhere a warning.
start --blkio-weight 300
if [ "$(cat "$output" | wc -l)" = 1 ]; then
  directory=$(cgroup_of blkio.weight)
  same "blkio-weight" yes "$(cat "$directory"/*weight* | grep -qE '300$|2930$' && echo yes || cat "$directory"/*weight*)"
else
  has "blkio-weight is discarded" "Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded." "$(cat "$output")"
  inspected "blkio-weight is not shown" BlkioWeight 0
  has "also in update" "Weight discarded." "$(update --blkio-weight 300)"
fi
gantry rm -f box >/dev/null 2>&1

inside "ulimit" "100 200 0" "echo \$(ulimit -n) \$(ulimit -Hn) \$(ulimit -c)" --ulimit nofile=100:200 --ulimit core=0
inside "shm-size" 8192 "df -k /dev/shm | tail -n1 | awk '{print \$2}'" --shm-size 8m
inside "oom-score-adj" 500 "cat /proc/self/oom_score_adj" --oom-score-adj 500
inside "cpuset inside" 0 "grep Cpus_allowed_list /proc/self/status | cut -f2" --cpuset-cpus 0
inside "cgroupns private" "" "grep -v ':/\$' /proc/self/cgroup" --cgroupns private
inside "cgroupns host" yes "grep -q ':/gantry-limits/deep/' /proc/self/cgroup && echo yes || cat /proc/self/cgroup" --cgroupns host --cgroup-parent gantry-limits/deep
open="mknod /m c 4 64 && { (: </m) && echo open || echo denied; } 2>/dev/null"
inside "a device without a rule" denied "$open"
inside "a device rule" open "$open" --device-cgroup-rule "c 4:64 r"
inside "another device's rule" denied "$open" --device-cgroup-rule "c 4:65 rwm"
inside "device" "crw-rw-rw- fine" "echo \$(ls -l /dev/other | cut -c1-10; echo x >/dev/other && echo fine)" --device /dev/null:/dev/other:rw
inside "a device read-only" denied "(: >/dev/other) 2>/dev/null && echo open || echo denied" --device "$disk:/dev/other:r"

gantry_create() { gantry create --network none "$@" "$image" true; }
refused "unknown ulimit" "invalid ulimit type: foo" gantry_create --ulimit foo=1
refused "bad device rule" "invalid device cgroup rule format: 'x'" gantry_create --device-cgroup-rule x
refused "no such disk" "stat /dev/nope: no such file or directory" gantry_create --device-read-bps /dev/nope:1mb
refused "no disk" "/dev/null: not a block device" gantry_create --device-read-bps /dev/null:1mb
refused "cgroup parent" "invalid cgroup parent" gantry_create --cgroup-parent ../x
refused "a CPU that is not there" "Requested CPUs are not available" gantry_create --cpuset-cpus 900
refused "shares" "the maximum allowed cpu-shares is 262144" gantry_create --cpu-shares 300000
same "nothing is left of what was refused" "" "$(gantry ps -aq)"

for directory in /sys/fs/cgroup /sys/fs/cgroup/*; do rmdir "$directory/gantry-limits/deep" "$directory/gantry-limits" 2>/dev/null; done
exit $failed
