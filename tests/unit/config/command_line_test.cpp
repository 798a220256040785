#include "config/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/config/load_from.hpp"

using namespace gantry;
using test::error_of, test::load_flags;
using testing::ElementsAre, testing::HasSubstr, testing::IsEmpty;

namespace {

TEST(CommandLine, without_arguments_gives_the_defaults) {
  const auto c = load_flags({});
  EXPECT_THAT(c.hosts, ElementsAre("unix:///run/gantry.sock"));
  EXPECT_EQ(c.data_root, "/var/lib/gantry");
  EXPECT_EQ(c.exec_root, "/run/gantry");
  EXPECT_EQ(c.instance, "gantry");
  EXPECT_EQ(c.effective_log_level(), "info");
  EXPECT_THAT(c.warnings, IsEmpty());
}

TEST(CommandLine, takes_dockerds_flags) {
  const auto c = load_flags({"-H",
                             "unix:///a",
                             "--host=tcp://127.0.0.1:0",
                             "--data-root",
                             "/d",
                             "--exec-root=/x",
                             "-p",
                             "/p",
                             "-D",
                             "-G",
                             "wheel",
                             "--label",
                             "a=b",
                             "--label",
                             "c=d",
                             "--log-opt",
                             "max-size=1m",
                             "--default-ulimit",
                             "nofile=10:20",
                             "--default-shm-size",
                             "128m",
                             "--shutdown-timeout",
                             "-1",
                             "--live-restore",
                             "--init",
                             "--no-new-privileges",
                             "--selinux-enabled",
                             "--dns",
                             "1.1.1.1",
                             "--dns-search",
                             "lan",
                             "--cgroup-parent",
                             "/g"});
  EXPECT_THAT(c.hosts, ElementsAre("unix:///a", "tcp://127.0.0.1:0"));
  EXPECT_EQ(c.data_root, "/d");
  EXPECT_EQ(c.exec_root, "/x");
  EXPECT_EQ(c.pidfile, "/p");
  EXPECT_EQ(c.effective_log_level(), "debug");
  EXPECT_EQ(c.group, "wheel");
  EXPECT_THAT(c.labels, ElementsAre("a=b", "c=d"));
  EXPECT_EQ(c.log_opts.at("max-size"), "1m");
  ASSERT_EQ(c.ulimits.size(), 1u);
  EXPECT_EQ(c.ulimits[0].hard, 20);
  EXPECT_EQ(c.shm_size, 128 << 20);
  EXPECT_EQ(c.shutdown_timeout_s, -1);
  EXPECT_TRUE(c.live_restore && c.init && c.no_new_privileges && c.selinux_enabled);
  EXPECT_THAT(c.dns, ElementsAre("1.1.1.1"));
  EXPECT_EQ(c.cgroup_parent, "/g");
}

TEST(CommandLine, takes_a_boolean_with_a_value) {
  EXPECT_FALSE(load_flags({"--debug=false"}).debug);
  EXPECT_THAT(error_of([] { load_flags({"--debug=maybe"}); }), HasSubstr("maybe"));
}

TEST(CommandLine, containers_live_in_a_cgroup_of_the_instance) {
  EXPECT_EQ(load_flags({}).cgroup_parent, "/gantry");
  EXPECT_EQ(load_flags({"--instance", "mine"}).cgroup_parent, "/mine");
}

TEST(CommandLine, names_the_instance_after_its_data_root) {
  const auto a = load_flags({"--data-root", "/a"}).instance, b = load_flags({"--data-root", "/b"}).instance;
  EXPECT_NE(a, b);
  EXPECT_EQ(a, load_flags({"--data-root", "/a/"}).instance);
  EXPECT_LE(a.size(), 12u);
  EXPECT_EQ(load_flags({"--data-root", "/a", "--instance", "mine"}).instance, "mine");
}

TEST(CommandLine, knows_what_only_prints) {
  EXPECT_EQ(config::parse_command_line({"--validate"}).action, config::Action::validate);
  EXPECT_EQ(config::parse_command_line({"-v"}).action, config::Action::show_version);
  const auto help = config::parse_command_line({"--help"});
  EXPECT_EQ(help.action, config::Action::show_help);
  EXPECT_THAT(help.help, HasSubstr("--data-root"));
}

TEST(CommandLine, takes_dockerds_option_of_the_storage_driver) {
  const auto c = load_flags({"--storage-opt", "overlay2.override_kernel_check=true", "--storage-opt", "overlay2.size=10G"});
  EXPECT_EQ(c.storage_opts, (std::map<std::string, std::string>{{"size", "10G"}}));
}

struct FlagRefusal {
  std::vector<std::string> args;
  const char* says;
};

TEST(CommandLine, refuses_with_flag_value_and_what_is_allowed) {
  const FlagRefusal rows[] = {
      {{"--frob"}, "unknown flag: --frob"},
      {{"--frob=1"}, "unknown flag: --frob\n"},
      {{"extra"}, "accepts no arguments: extra"},
      {{"-l", "loud"}, "--log-level: invalid value \"loud\": allowed are debug"},
      {{"-H", "fd://"}, "--host: invalid value \"fd://\": socket activation is not supported"},
      {{"-H", "foo://x"}, "--host: invalid value \"foo://x\""},
      {{"--data-root", "relative"}, "--data-root: invalid value \"relative\": an absolute path is needed"},
      {{"--label", "nope"}, "--label: invalid value \"nope\": a label is KEY=VALUE"},
      {{"--dns", "300.1.1.1"}, "--dns: invalid value \"300.1.1.1\": an IP address is needed"},
      {{"--log-opt", "frob"}, "invalid value \"frob\": a log option is KEY=VALUE"},
      {{"--shutdown-timeout", "soon"}, "--shutdown-timeout: invalid value \"soon\""},
      {{"--default-ulimit", "x=1"}, "--default-ulimit: invalid value \"x=1\""},
      {{"--storage-driver", "zfs"}, "--storage-driver: invalid value \"zfs\": allowed are"},
      {{"--storage-opt", "overlay2.size=much"}, "--storage-opt: invalid value \"much\""},
      {{"--storage-opt", "dm.basesize=1G"}, "unknown option dm.basesize (allowed: overlay2.size)"},
      {{"--storage-opt", "size"}, "unable to parse storage-opt 'size': allowed is key=value"},
      {{"--instance", "Not_Good"}, "--instance: invalid value \"Not_Good\""},
      {{"--tlskey", "key.pem"}, "--tlskey: invalid value \"key.pem\": an absolute path is needed"},
      {{"--config-file", "/nonexistent.yaml"}, "open /nonexistent.yaml: no such file or directory"},
  };
  for (const auto& row : rows) {
    EXPECT_THAT(error_of([&] { load_flags(row.args); }), HasSubstr(row.says)) << row.args.back();
  }
}

TEST(CommandLine, knows_dockerds_settings_of_networks) {
  const auto c = load_flags({"--bip=172.26.0.1/16", "--icc=false", "--mtu=1400", "--ip=127.0.0.1", "--bridge=lan0",
                             "--default-address-pool=base=10.10.0.0/16,size=24"});
  EXPECT_EQ(c.bip, "172.26.0.1/16");
  EXPECT_FALSE(c.icc);
  EXPECT_EQ(c.mtu, 1400);
  EXPECT_EQ(c.default_binding, "127.0.0.1");
  EXPECT_EQ(c.bridge, "lan0");
  ASSERT_EQ(c.address_pools.size(), 1U);
  EXPECT_EQ(c.address_pools[0].size, 24U);
  for (const char* flag : {"--bip=172.26.0.1", "--bridge=sixteen-letters-", "--default-address-pool=10.0.0.0/8",
                           "--default-address-pool=base=10.0.0.0/8,size=4", "--ip=nowhere"})
    EXPECT_NE(error_of([&] { load_flags({flag}); }), "") << flag;
}

TEST(CommandLine, accepts_dockerds_other_flags_and_warns) {
  EXPECT_THAT(load_flags({"--userland-proxy=false", "--iptables=false", "--ip-forward"}).warnings, IsEmpty());
  EXPECT_THAT(load_flags({"--ip-forward-no-drop"}).warnings,
              ElementsAre("the setting \"ip-forward-no-drop\" has no effect in this version"));
}

} // namespace
