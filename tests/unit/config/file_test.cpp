#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/config/load_from.hpp"

using namespace gantry;
using test::error_of, test::load_file;
using testing::ElementsAre, testing::HasSubstr, testing::IsEmpty, testing::SizeIs;

namespace {

constexpr const char* yaml = R"(
# a comment
hosts: [unix:///run/x.sock]
data-root: /d
log-level: warn
live-restore: true
labels:
  - a=b
log-opts:
  max-size: 16m
  max-file: "3"
default-shm-size: 64M
default-ulimits:
  nofile: { Name: nofile, Soft: 1024, Hard: 4096 }
)";

TEST(ConfigFile, is_yaml) {
  const auto c = load_file(yaml);
  EXPECT_THAT(c.hosts, ElementsAre("unix:///run/x.sock"));
  EXPECT_EQ(c.data_root, "/d");
  EXPECT_EQ(c.log_level, "warn");
  EXPECT_TRUE(c.live_restore);
  EXPECT_THAT(c.labels, ElementsAre("a=b"));
  EXPECT_EQ(c.log_opts.at("max-file"), "3");
  EXPECT_EQ(c.shm_size, 64 << 20);
  ASSERT_THAT(c.ulimits, SizeIs(1));
  EXPECT_EQ(c.ulimits[0].soft, 1024);
  EXPECT_THAT(c.warnings, IsEmpty());
}

constexpr const char* daemon_json =
    "{\n\t\"debug\": true,\n\t\"storage-driver\": \"overlay2\",\n\t\"exec-opts\": [\"native.cgroupdriver=systemd\"],\n"
    "\t\"default-address-pools\": [{\"base\": \"10.0.0.0/8\", \"size\": 24}],\n\t\"features\": {},\n"
    "\t\"registry-mirrors\": [\"https:\\/\\/m\"],\n\t\"bip\": null\n}\n";

TEST(ConfigFile, may_be_dockers_daemon_json) {
  for (const char* name : {"daemon.json", "gantryd.yaml"}) {
    const auto c = load_file(daemon_json, name);
    EXPECT_TRUE(c.debug) << name;
    ASSERT_EQ(c.address_pools.size(), 1U) << name;
    EXPECT_EQ(c.address_pools[0].base, "10.0.0.0/8");
    EXPECT_THAT(c.registry_mirrors, ElementsAre("https://m")) << name;
    EXPECT_THAT(c.warnings, ElementsAre(HasSubstr("exec-opts"))) << name;
  }
}

TEST(ConfigFile, may_be_empty) {
  for (const char* text : {"", "\n", "# nothing\n", "{}"}) EXPECT_NO_THROW(load_file(text)) << text;
}

TEST(ConfigFile, knows_every_key_of_dockerd) {
  for (const char* key : {"allow-direct-routing",
                          "authorization-plugins",
                          "bip",
                          "bip6",
                          "bridge",
                          "bridge-accept-fwmark",
                          "builder",
                          "cdi-spec-dirs",
                          "cgroup-parent",
                          "containerd",
                          "containerd-namespace",
                          "containerd-plugin-namespace",
                          "data-root",
                          "debug",
                          "default-address-pools",
                          "default-cgroupns-mode",
                          "default-gateway",
                          "default-gateway-v6",
                          "default-ipc-mode",
                          "default-network-opts",
                          "default-runtime",
                          "default-shm-size",
                          "default-stop-timeout",
                          "default-ulimits",
                          "dns",
                          "dns-opts",
                          "dns-search",
                          "exec-opts",
                          "exec-root",
                          "experimental",
                          "features",
                          "firewall-backend",
                          "fixed-cidr",
                          "fixed-cidr-v6",
                          "group",
                          "host-gateway-ip",
                          "host-gateway-ips",
                          "hosts",
                          "icc",
                          "init",
                          "init-path",
                          "insecure-registries",
                          "ip",
                          "ip-forward",
                          "ip-forward-no-drop",
                          "ip-masq",
                          "ip6tables",
                          "iptables",
                          "ipv6",
                          "labels",
                          "live-restore",
                          "log-driver",
                          "log-format",
                          "log-level",
                          "log-opts",
                          "max-concurrent-downloads",
                          "max-concurrent-uploads",
                          "max-download-attempts",
                          "metrics-addr",
                          "min-api-version",
                          "mtu",
                          "no-new-privileges",
                          "node-generic-resources",
                          "nri-opts",
                          "pidfile",
                          "proxies",
                          "raw-logs",
                          "registry-mirrors",
                          "rootless",
                          "runtimes",
                          "seccomp-profile",
                          "selinux-enabled",
                          "shutdown-timeout",
                          "storage-driver",
                          "storage-opts",
                          "swarm-default-advertise-addr",
                          "tls",
                          "tlscacert",
                          "tlscert",
                          "tlskey",
                          "tlsverify",
                          "userland-proxy",
                          "userland-proxy-path",
                          "userns-remap"}) {
    EXPECT_EQ(error_of([&] { load_file(std::string(key) + ": null"); }), "") << key;
  }
}

struct Refusal {
  const char* text;
  const char* says;
};

TEST(ConfigFile, refuses_with_file_key_value_and_what_is_allowed) {
  const Refusal rows[] = {
      {"frob: 1", "gantryd.yaml: unknown key \"frob\": allowed are dockerd's keys and hosts, data-root"},
      {"debug: \"true\"", "gantryd.yaml: debug: invalid value \"true\": true or false is needed"},
      {"debug: 1", "gantryd.yaml: debug: invalid value 1: true or false is needed"},
      {"hosts: unix:///x", "gantryd.yaml: hosts: invalid value \"unix:///x\": a list of texts is needed"},
      {"log-level: loud", "gantryd.yaml: log-level: invalid value \"loud\": allowed are debug"},
      {"shutdown-timeout: \"5\"", "gantryd.yaml: shutdown-timeout: invalid value \"5\": a number is needed"},
      {"log-opts: [a]", "gantryd.yaml: log-opts: invalid value [\"a\"]: a map is needed"},
      {"log-opts: {max-size: [1]}", "a text for \"max-size\" is needed"},
      {"default-ulimits: {nofile: 5}",
       "gantryd.yaml: default-ulimits: invalid value 5: {Name, Soft, Hard} for \"nofile\" is needed"},
      {"data-root: [/a]", "gantryd.yaml: data-root: invalid value [\"/a\"]: a text is needed"},
      {"debug: true\ndebug: false", "gantryd.yaml line 2: the key \"debug\" is given twice"},
      {"a: [", "gantryd.yaml line"},
      {"- a", "gantryd.yaml: a map of settings is needed"},
      {"authorization-plugins: [x]", "gantryd.yaml: authorization-plugins: not supported by this version"},
  };
  for (const auto& row : rows) EXPECT_THAT(error_of([&] { load_file(row.text); }), HasSubstr(row.says)) << row.text;
}

TEST(ConfigFile, that_is_no_json_is_refused_with_its_line) {
  EXPECT_THAT(error_of([] { load_file("{\n\"debug\":\n", "daemon.json"); }), HasSubstr("daemon.json line 3: malformed JSON"));
}

TEST(ConfigFile, and_a_flag_must_not_give_the_same_key) {
  const auto says = error_of([] { load_file("labels: [a=b]", "gantryd.yaml", {"--label", "c=d"}); });
  EXPECT_THAT(says, HasSubstr("gantryd.yaml: labels: is given both as a flag (c=d) and in the file (a=b)"));
}

TEST(ConfigFile, is_the_first_default_place_that_exists) {
  const test::TempDir dir;
  write_file_atomic(dir / "daemon.json", "{\"debug\": true}", 0600);
  const std::vector<std::string> places = {dir / "gantryd.yaml", dir / "daemon.json"};
  EXPECT_TRUE(config::load({}, places).debug);
  write_file_atomic(dir / "gantryd.yaml", "debug: false", 0600);
  EXPECT_FALSE(config::load({}, places).debug);
}

} // namespace
