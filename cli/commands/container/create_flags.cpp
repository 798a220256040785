// The flags of `run` and `create`, in the order of help.
#include <stdexcept>

#include "cli/args/numbers.hpp"
#include "cli/commands/container/create_options.hpp"
#include "cli/commands/container/flag_values.hpp"

namespace gantry::cli {
namespace {

/// A list whose values are checked while flags are parsed.
void checked(FlagSet& flags, const char* name, char letter, const char* type, Strings& out, void (*check)(const std::string&),
             const char* help) {
  flags.add({name, letter, type, help, {}, [&out, check](const std::string& s) {
               check(s);
               out.push_back(s);
             }});
}

void add_identity(FlagSet& f, CreateOptions& o) {
  f.list("annotation", 0, o.annotation, "Pass an annotation on to the OCI runtime", "map").standard = "map[]";
  f.text("domainname", 0, o.domainname, "NIS domain name of the container");
  f.text("entrypoint", 0, o.entrypoint, "Replace the image's ENTRYPOINT");
  f.list("env", 'e', o.env, "Set an environment variable; a name alone takes the client's value");
  f.list("env-file", 0, o.env_file, "Read environment variables from a file");
  f.text("hostname", 'h', o.hostname, "Host name of the container");
  f.list("label", 'l', o.label, "Set a label");
  f.list("label-file", 0, o.label_file, "Read labels from a file, one per line");
  f.text("name", 0, o.name, "Name of the container");
  f.text("platform", 0, o.platform, "Platform of the image, where it has several");
  f.text("pull", 0, o.pull, "When to pull the image: \"always\", \"missing\" or \"never\"").standard = "\"missing\"";
  f.boolean("quiet", 'q', o.quiet, "Do not show the progress of a pull");
  f.boolean("disable-content-trust", 0, o.content_trust_off, "Accepted for docker's scripts; images are not verified").standard =
      "true";
  f.text("user", 'u', o.user, "User name or UID, and group (format: <name|uid>[:<group|gid>])");
  f.list("group-add", 0, o.group_add, "Join additional groups");
  f.text("workdir", 'w', o.workdir, "Working directory inside the container");
  f.text("cidfile", 0, o.cidfile, "Write the container's ID to this file");
  f.boolean("use-api-socket", 0, o.use_api_socket, "Mount the API socket into the container");
}

void add_streams_and_life(FlagSet& f, CreateOptions& o) {
  checked(f, "attach", 'a', "list", o.attach, check_stream, "Attach to STDIN, STDOUT or STDERR");
  f.boolean("interactive", 'i', o.interactive, "Keep STDIN open, attached or not");
  f.boolean("tty", 't', o.tty, "Give the container a terminal");
  f.boolean("init", 0, o.init, "Run an init that forwards signals and reaps processes");
  f.boolean("rm", 0, o.rm, "Remove the container and its anonymous volumes when it exits");
  f.text("restart", 0, o.restart, "What to do when the container exits").standard = "\"no\"";
  f.text("stop-signal", 0, o.stop_signal, "Signal that stops the container");
  f.integer("stop-timeout", 0, o.stop_timeout, "Seconds to wait for the container to stop");
  f.text("log-driver", 0, o.log_driver, "Log driver of the container");
  f.list("log-opt", 0, o.log_opt, "Options of the log driver");
  f.text("health-cmd", 0, o.health_cmd, "Command that checks the health");
  f.value("health-interval", 0, "duration", o.health_interval, parse_duration, "Time between checks (ms|s|m|h)").standard = "0s";
  f.integer("health-retries", 0, o.health_retries, "Failures in a row that make the container unhealthy");
  f.value("health-start-interval", 0, "duration", o.health_start_interval, parse_duration,
          "Time between checks in the start period (ms|s|m|h)")
      .standard = "0s";
  f.value("health-start-period", 0, "duration", o.health_start_period, parse_duration,
          "Time in which failures do not count (ms|s|m|h)")
      .standard = "0s";
  f.value("health-timeout", 0, "duration", o.health_timeout, parse_duration, "Longest time of one check (ms|s|m|h)").standard =
      "0s";
  f.text("on-unhealthy", 0, o.on_unhealthy, "What to do with an unhealthy container: \"none\", \"restart\" or \"stop\"")
      .standard = "\"none\"";
  f.text("probe", 0, o.probe, "Check the health from outside (http://[HOST]:PORT[/PATH], tcp://[HOST]:PORT)");
  f.boolean("no-healthcheck", 0, o.no_healthcheck, "Switch the image's HEALTHCHECK off");
}

void add_limits(FlagSet& f, CreateOptions& o) {
  f.value(
       "blkio-weight", 0, "uint16", o.blkio_weight, [](const std::string& s) { return parse_uint(s, 65535); },
       "Relative weight of block I/O, 10 to 1000; 0 switches it off")
      .standard = "0";
  checked(f, "blkio-weight-device", 0, "list", o.blkio_weight_device, check_weight_device,
          "Relative weight of block I/O on a device");
  checked(f, "device-read-bps", 0, "list", o.device_read_bps, check_rate_bytes, "Limit reading from a device, bytes per second");
  checked(f, "device-read-iops", 0, "list", o.device_read_iops, check_rate_count,
          "Limit reading from a device, operations per second");
  checked(f, "device-write-bps", 0, "list", o.device_write_bps, check_rate_bytes, "Limit writing to a device, bytes per second");
  checked(f, "device-write-iops", 0, "list", o.device_write_iops, check_rate_count,
          "Limit writing to a device, operations per second");
  f.integer("cpu-count", 0, o.cpu_count, "Number of CPUs (Windows only)");
  f.integer("cpu-percent", 0, o.cpu_percent, "Percentage of CPUs (Windows only)");
  f.integer("cpu-period", 0, o.cpu_period, "Period of the CPU quota in microseconds");
  f.integer("cpu-quota", 0, o.cpu_quota, "CPU time per period in microseconds");
  f.integer("cpu-rt-period", 0, o.cpu_rt_period, "Period of the real-time limit in microseconds");
  f.integer("cpu-rt-runtime", 0, o.cpu_rt_runtime, "Real-time CPU time per period in microseconds");
  f.integer("cpu-shares", 'c', o.cpu_shares, "Relative weight of CPU time");
  f.value("cpus", 0, "decimal", o.cpus, parse_cpus, "Number of CPUs");
  f.text("cpuset-cpus", 0, o.cpuset_cpus, "CPUs that may be used (0-3, 0,1)");
  f.text("cpuset-mems", 0, o.cpuset_mems, "Memory nodes that may be used (0-3, 0,1)");
  f.value("io-maxbandwidth", 0, "bytes", o.io_maxbandwidth, parse_bytes, "Limit of the system drive's bandwidth (Windows only)");
  f.value(
      "io-maxiops", 0, "uint", o.io_maxiops, [](const std::string& s) { return parse_uint(s); },
      "Limit of the system drive's operations (Windows only)");
  f.value("kernel-memory", 0, "bytes", o.kernel_memory, parse_bytes, "Limit of kernel memory");
  f.value("memory", 'm', "bytes", o.memory, parse_bytes, "Limit of memory");
  f.value("memory-reservation", 0, "bytes", o.memory_reservation, parse_bytes, "Soft limit of memory");
  f.value("memory-swap", 0, "bytes", o.memory_swap, parse_swap, "Limit of memory and swap together; '-1': no limit");
  f.integer("memory-swappiness", 0, o.memory_swappiness, "Swappiness of the container's memory, 0 to 100").standard = "-1";
  f.boolean("oom-kill-disable", 0, o.oom_kill_disable, "Switch the OOM killer off");
  f.integer("oom-score-adj", 0, o.oom_score_adj, "Adjust the host's OOM preference, -1000 to 1000");
  f.integer("pids-limit", 0, o.pids_limit, "Limit of processes; -1: no limit");
  f.value("shm-size", 0, "bytes", o.shm_size, parse_bytes, "Size of /dev/shm");
  checked(f, "ulimit", 0, "ulimit", o.ulimit, check_ulimit, "Resource limits (name=soft[:hard])");
}

void add_isolation(FlagSet& f, CreateOptions& o) {
  f.list("cap-add", 0, o.cap_add, "Add Linux capabilities");
  f.list("cap-drop", 0, o.cap_drop, "Drop Linux capabilities");
  f.text("cgroup-parent", 0, o.cgroup_parent, "Parent cgroup of the container");
  f.text("cgroupns", 0, o.cgroupns, "Cgroup namespace to use: host, private, or the daemon's default");
  f.list("device", 0, o.device, "Give the container a device of the host");
  f.list("device-cgroup-rule", 0, o.device_cgroup_rule, "Add a rule to the devices that the cgroup allows");
  f.list("gpus", 0, o.gpus, "GPUs to give to the container ('all': every one)", "gpu-request");
  f.text("ipc", 0, o.ipc, "IPC namespace to use");
  f.text("isolation", 0, o.isolation, "Isolation technology");
  f.text("pid", 0, o.pid, "PID namespace to use");
  f.boolean("privileged", 0, o.privileged, "Give the container the daemon's own privileges");
  f.boolean("read-only", 0, o.read_only, "Mount the root filesystem read-only");
  f.text("runtime", 0, o.runtime, "Runtime of this container");
  f.list("security-opt", 0, o.security_opt, "Security options");
  f.list("storage-opt", 0, o.storage_opt, "Options of the storage driver");
  checked(f, "sysctl", 0, "map", o.sysctl, check_sysctl, "Kernel parameters");
  f.text("userns", 0, o.userns, "User namespace to use");
  f.text("uts", 0, o.uts, "UTS namespace to use");
}

void add_network_and_mounts(FlagSet& f, CreateOptions& o) {
  checked(f, "add-host", 0, "list", o.add_host, check_add_host, "Add a line to /etc/hosts (host:ip)");
  checked(f, "dns", 0, "list", o.dns, check_ip, "DNS servers");
  f.list("dns-option", 0, o.dns_option, "DNS options");
  f.list("dns-opt", 0, o.dns_option, "").hidden = true;
  f.list("dns-search", 0, o.dns_search, "DNS search domains");
  f.list("egress", 0, o.egress, "Let it reach only this ADDRESS[/LENGTH][:PORT[-PORT]][/PROTOCOL] (or \"none\")", "destination");
  f.list("expose", 0, o.expose, "Expose a port or a range of ports");
  f.text("ip", 0, o.ip, "IPv4 address (172.30.100.104)");
  f.text("ip6", 0, o.ip6, "IPv6 address (2001:db8::33)");
  checked(f, "link", 0, "list", o.link, check_link, "Link to another container");
  f.list("link-local-ip", 0, o.link_local_ip, "Link-local addresses of the container");
  f.text("mac-address", 0, o.mac_address, "MAC address (92:d0:c6:0a:29:33)");
  f.list("network", 0, o.network, "Connect to a network", "network");
  f.list("net", 0, o.network, "", "network").hidden = true;
  f.list("network-alias", 0, o.network_alias, "Name of the container on its network");
  f.list("net-alias", 0, o.network_alias, "").hidden = true;
  f.list("publish", 'p', o.publish, "Publish ports to the host");
  f.boolean("publish-all", 'P', o.publish_all, "Publish every exposed port to a port that is free");
  checked(f, "mount", 0, "mount", o.mount, check_mount, "Mount a filesystem");
  f.list("tmpfs", 0, o.tmpfs, "Mount a tmpfs");
  f.list("volume", 'v', o.volume, "Mount a volume or a path of the host");
  f.text("volume-driver", 0, o.volume_driver, "Driver of the container's volumes");
  f.list("volumes-from", 0, o.volumes_from, "Mount the volumes of another container");
}

} // namespace

void add_create_flags(FlagSet& flags, CreateOptions& options) {
  add_identity(flags, options);
  add_streams_and_life(flags, options);
  add_limits(flags, options);
  add_isolation(flags, options);
  add_network_and_mounts(flags, options);
}

} // namespace gantry::cli
