# Containers under an enforcing policy (policy.cil): labels, categories, relabelling. Sourced by init.sh.
mount -t selinuxfs selinuxfs /sys/fs/selinux || finish "failed: this kernel has no SELinux"
cat /policy >/sys/fs/selinux/load || finish "failed: the kernel does not take the policy"
echo 1 >/sys/fs/selinux/enforce
check "enforcing" 1 "$(cat /sys/fs/selinux/enforce)"
# What container-selinux ships.
mkdir -p /usr/share/containers/selinux
cat >/usr/share/containers/selinux/contexts <<'TEXT'
process = "system_u:system_r:container_t:s0"
file = "system_u:object_r:container_file_t:s0"
TEXT

# The storage has the type that policies give it; what is made there inherits it.
truncate -s 512M /run/disk
/sbin/mke2fs -q -t ext4 /run/disk || finish "failed: mke2fs"
umount /data
mount -o loop,rootcontext=system_u:object_r:container_ro_file_t:s0 -t ext4 /run/disk /data || finish "failed: mount"
mkdir /srv

daemon_options="--selinux-enabled --add-runtime crun=/sbin/crun"
start_labelled() { # the daemon in a domain of its own, as a policy's transition would have it
  printf 'system_u:system_r:container_runtime_t:s0-s0:c0.c1023' >/proc/self/attr/exec
  start_daemon
}
start_labelled
check "the daemon's domain" container_runtime_t "$(tr -d '\0' <"/proc/$daemon/attr/current" | cut -d: -f3)"
check "SELinux in info" 1 "$(gantry info --format '{{json .SecurityOptions}}' | grep -c name=selinux)"
import_box

run() { gantry run --rm --network none "$@" 2>&1; }
label='cat /proc/self/attr/current'
shape() { tr -d '\0' | sed -E 's/c[0-9]+,c[0-9]+$/PAIR/'; }
categories() { tr -d '\0' | cut -d: -f5; }
check "a container's label" "system_u:system_r:container_t:s0:PAIR" "$(run box $label | shape)"
check "the label of a terminal's program" "system_u:system_r:container_t:s0:PAIR" "$(run -t box $label | tr -d '\r' | shape)"
check "with no new privileges" container_t "$(run --security-opt no-new-privileges box $label | cut -d: -f3)"
check "another type" "other_container_t:s0:c1,c2" "$(run --security-opt label=type:other_container_t --security-opt label=level:s0:c1,c2 box $label | tr -d '\0' | cut -d: -f3-)"
check "a type that the policy does not know" 1 "$(run --security-opt label=type:nosuch_t box true | grep -c 'nosuch_t')"
check "a bad option" 1 "$(run --security-opt label=bad box true | grep -c 'bad label option "bad", valid options')"

gantry run -d --name one --network none box sleep 1000 >/dev/null || finish "failed: run"
gantry run -d --name two --network none box sleep 1000 >/dev/null || finish "failed: run"
one=$(gantry inspect --format '{{.ProcessLabel}}' one) two=$(gantry inspect --format '{{.ProcessLabel}}' two)
check "inspect" "$one" "$(tr -d '\0' <"/proc/$(gantry inspect --format '{{.State.Pid}}' one)/attr/current")"
check "the mount's label" "$(echo "$one" | sed 's/system_r:container_t/object_r:container_file_t/')" "$(gantry inspect --format '{{.MountLabel}}' one)"
check "two containers have two pairs" differ "$([ "$one" = "$two" ] && echo same || echo differ)"
check "an exec's label" "$one" "$(gantry exec one $label | tr -d '\0')"
check "a privileged exec's label" "$one" "$(gantry exec --privileged one $label | tr -d '\0')"
check "the same processes, the same label" "$one" "$(run --pid container:one box $label | tr -d '\0')"
check "joined containers with different labels" 1 "$(gantry run -d --name open --ipc shareable --network none box sleep 1000 >/dev/null; run --pid container:one --ipc container:open box true | grep -c "labels aren't the same")"

writable='for f in / /tmp /dev/shm $MORE /dev; do touch $f/x || echo "$f"; done; cat /etc/hosts >/dev/null || echo hosts; echo x >/dev/null || echo null'
check "its own file systems" "" "$(run --tmpfs /tmp -e MORE=/dev/mqueue box sh -c "$writable" 2>&1)"
check "the same with ids of its own" "" "$(run --userns auto --tmpfs /tmp box sh -c "$writable" 2>&1)"
check "the label with ids of its own" container_t "$(run --userns auto box $label | cut -d: -f3)"

check "a hidden directory is empty, not forbidden" "" "$(run box ls /sys/firmware)"

mkdir -p /srv/host/below
echo secret >/srv/host/below/file
ln -s /etc/passwd /srv/host/link
read_it='cat /mnt/below/file'
check "a file of the host is denied" 1 "$(run -v /srv/host:/mnt box $read_it | grep -c 'Permission denied')"
check "z: for everybody" secret "$(run -v /srv/host:/mnt:z box $read_it)"
check "z: others too" secret "$(run -v /srv/host:/mnt box $read_it)"
check "links are not followed" 1 "$(run -v /etc/passwd:/mnt box cat /mnt | grep -c 'Permission denied')"
gantry run -d --name owner --network none -v /srv/host:/mnt:Z box sleep 1000 >/dev/null || finish "failed: run"
check "Z: for its owner" secret "$(gantry exec owner $read_it)"
check "Z: not for another pair" 1 "$(run -v /srv/host:/mnt box $read_it | grep -c 'Permission denied')"
check "the same level as the owner" secret "$(run --security-opt "label=level:$(gantry inspect --format '{{.ProcessLabel}}' owner | cut -d: -f4-)" -v /srv/host:/mnt box $read_it)"
check "a system directory is not labelled" 1 "$(run -v /etc:/mnt:Z box true | grep -c 'SELinux relabeling of /etc is not allowed')"
check "a volume" kept "$(run -v volume:/v box sh -c 'echo kept >/v/f'; run -v volume:/v box cat /v/f)"
check "an anonymous volume" fine "$(run -v /v box sh -c 'echo x >/v/f && echo fine')"

check "privileged" "container_runtime_t secret" "$(run --privileged -v /srv/host:/mnt box sh -c "$label | tr -d '\0' | cut -d: -f3; $read_it" | tr '\n' ' ' | sed 's/ $//')"
check "disabled" "container_runtime_t secret" "$(run --security-opt label=disable -v /srv/host:/mnt box sh -c "$label | tr -d '\0' | cut -d: -f3; $read_it" | tr '\n' ' ' | sed 's/ $//')"
check "the host's processes" container_runtime_t "$(run --pid host box $label | cut -d: -f3)"
check "the host's memory" container_runtime_t "$(run --ipc host box $label | cut -d: -f3)"
if [ -x /sbin/crun ]; then
  gantry run -d --name external --runtime crun --network none box sleep 1000 >/dev/null || finish "failed: run with crun"
  external=$(gantry inspect --format '{{.ProcessLabel}}' external)
  check "another runtime's container" "$external" "$(tr -d '\0' <"/proc/$(gantry inspect --format '{{.State.Pid}}' external)/attr/current")"
  check "an exec in it" "$external" "$(gantry exec external $label | tr -d '\0')"
  check "its own file systems there" "" "$(run --runtime crun --tmpfs /tmp -e MORE=/dev/mqueue box sh -c "$writable" 2>&1)"
  gantry rm -f external >/dev/null
fi
check "not nested" 0 "$(run box ls /sys/fs/selinux | grep -c enforce)"
check "nested" 1 "$(run --security-opt label=nested box cat /sys/fs/selinux/enforce)"

kill -9 "$daemon"
start_labelled
check "the label after the daemon was killed" "$one" "$(gantry inspect --format '{{.ProcessLabel}}' one)"
check "an exec after the daemon was killed" "$one" "$(gantry exec one $label | tr -d '\0')"
check "restart keeps the label" "$one" "$(gantry restart -t 0 one >/dev/null; gantry exec one $label | tr -d '\0')"
gantry rm -f one two open owner >/dev/null

# Without the option nothing is labelled, and with a kernel that cannot the daemon says so (see the other scenarios' machine).
kill "$daemon"
wait "$daemon"
daemon_options=
start_labelled
check "not enabled: no label" container_runtime_t "$(run --security-opt label=type:other_container_t box $label | cut -d: -f3)"
check "not enabled: info" 0 "$(gantry info --format '{{json .SecurityOptions}}' | grep -c name=selinux)"
check "not enabled: inspect" "" "$(gantry run -d --name plain --network none box sleep 1000 >/dev/null; gantry inspect --format '{{.ProcessLabel}}{{.MountLabel}}' plain)"
