#include <gmock/gmock.h>

#include "containers/spec/namespaces.hpp"
#include "containers/spec/security_options.hpp"
#include "sample.hpp"

namespace gantry::containers::test {
namespace {

TEST(SecurityOptions, are_read_with_both_separators) {
  const SecurityOptions options =
      parse_security_options({"apparmor:foo", "seccomp={\"a\":1}", "no-new-privileges", "label=disable"});
  EXPECT_EQ(options.apparmor, "foo");
  EXPECT_EQ(options.seccomp, "{\"a\":1}");
  EXPECT_EQ(options.no_new_privileges, true);
  EXPECT_EQ(parse_security_options({"no-new-privileges=false"}).no_new_privileges, false);
}

TEST(SecurityOptions, unknown_ones_are_refused_in_dockers_words) {
  EXPECT_EQ(refusal([] { parse_security_options({"foo=bar"}); }), "invalid --security-opt 2: \"foo=bar\"");
  EXPECT_EQ(refusal([] { parse_security_options({"foo"}); }), "invalid --security-opt 1: \"foo\"");
  EXPECT_EQ(refusal([] { parse_security_options({"no-new-privileges=maybe"}); }),
            "invalid --security-opt 2: \"no-new-privileges=maybe\"");
}

TEST(SecurityOptions, cgroups_can_be_made_writable) {
  EXPECT_TRUE(parse_security_options({"writable-cgroups=true"}).writable_cgroups);
  EXPECT_FALSE(parse_security_options({"writable-cgroups=false"}).writable_cgroups);
  EXPECT_EQ(refusal([] { parse_security_options({"writable-cgroups=x"}); }), "invalid --security-opt 2: \"writable-cgroups=x\"");
}

Json sysctls(HostConfig host, const std::string& name) {
  host.sysctls = {{name, "1"}};
  return make_sysctls(host, namespace_modes(host, sample_context()));
}

TEST(SpecSysctls, low_ports_are_open_in_an_own_network) {
  EXPECT_EQ(make_sysctls({}, {})["net.ipv4.ip_unprivileged_port_start"], "0");
  EXPECT_EQ(sysctls({}, "net.ipv4.ip_unprivileged_port_start")["net.ipv4.ip_unprivileged_port_start"], "1");
}

TEST(SpecSysctls, those_of_the_host_are_refused) {
  HostConfig host;
  EXPECT_EQ(refusal([&] { sysctls(host, "kernel.foo"); }), "sysctl \"kernel.foo\" is not in a separate kernel namespace");
  EXPECT_THAT(refusal([&] { sysctls(host, "net.../../kernel.core_pattern"); }), ::testing::HasSubstr("is not a name"));
  host.network_mode = "host";
  EXPECT_EQ(refusal([&] { sysctls(host, "net.ipv4.ip_forward"); }),
            "sysctl \"net.ipv4.ip_forward\" not allowed in host network namespace");
  host.ipc_mode = "host";
  EXPECT_EQ(refusal([&] { sysctls(host, "kernel.msgmax"); }),
            "sysctl \"kernel.msgmax\" is not allowed in the hosts ipc namespace");
}

TEST(SpecSysctls, may_be_spelled_with_slashes) {
  EXPECT_EQ(sysctls({}, "net/ipv4/ip_forward")["net.ipv4.ip_forward"], "1");
  EXPECT_EQ(sysctls({}, "net/ipv4/conf/eth0.1/forwarding")["net.ipv4.conf.eth0/1.forwarding"], "1");
  for (const char* name : {"net/../kernel/core_pattern", "net//x", "net.//.x", "net./.x", "net.", "net/"})
    EXPECT_THAT(refusal([&] { sysctls({}, name); }), ::testing::HasSubstr("is not a name")) << name;
}

TEST(SpecSysctls, the_domain_is_the_containers_unless_it_shares_the_hosts) {
  HostConfig host;
  EXPECT_EQ(sysctls(host, "kernel.domainname")["kernel.domainname"], "1");
  host.uts_mode = "host";
  EXPECT_EQ(refusal([&] { sysctls(host, "kernel.domainname"); }),
            "sysctl \"kernel.domainname\" is not in a separate kernel namespace");
}

TEST(SpecSysctls, pings_are_open_to_the_groups_that_exist) {
  const IdMaps maps{{{0, 700000, 1000}}, {{0, 700000, 1000}}};
  EXPECT_EQ(make_sysctls({}, {}, maps)["net.ipv4.ping_group_range"], "0 999");
}

TEST(SpecNamespaces, ids_of_their_own_come_with_a_user_namespace) {
  SpecContext context = sample_context();
  context.id_maps = {{{0, 700000, 1000}}, {{0, 800000, 1000}}};
  const Json spec = make_spec(sample_container(), context);
  EXPECT_EQ(spec["linux"]["namespaces"].back(), Json({{"type", "user"}}));
  EXPECT_EQ(spec["linux"]["gidMappings"], Json::array({{{"containerID", 0}, {"hostID", 800000}, {"size", 1000}}}));
  EXPECT_EQ(mount_at(spec, "/etc/hosts")["options"].back(), "idmap");
  context.user_ns_path = "/proc/7/ns/user";
  EXPECT_EQ(make_spec(sample_container(), context)["linux"]["namespaces"].back(),
            Json({{"type", "user"}, {"path", "/proc/7/ns/user"}}));
}

TEST(SpecMounts, shared_memory_is_that_of_the_joined_ipc_namespace) {
  SpecContext context = sample_context();
  context.shm_ns_path = "/proc/7/ns/mnt";
  EXPECT_EQ(mount_at(make_spec(sample_container(), context), "/dev/shm")["options"].back(), "gantry.mntns=/proc/7/ns/mnt");
}

TEST(SpecNamespaces, follow_the_modes) {
  HostConfig host;
  SpecContext context = sample_context();
  EXPECT_EQ(make_namespaces(namespace_modes(host, context), context),
            Json::array({{{"type", "mount"}}, {{"type", "network"}}, {{"type", "uts"}}, {{"type", "pid"}}, {{"type", "ipc"}}}));
  context.cgroup_version = 2;
  EXPECT_EQ(make_namespaces(namespace_modes(host, context), context).back(), Json({{"type", "cgroup"}}));
  host.network_mode = host.pid_mode = host.ipc_mode = host.uts_mode = host.cgroupns_mode = "host";
  EXPECT_EQ(make_namespaces(namespace_modes(host, context), context), Json::array({{{"type", "mount"}}}));
}

TEST(SpecNamespaces, another_containers_are_joined_by_path) {
  HostConfig host;
  SpecContext context = sample_context();
  context.network_ns_path = "/proc/7/ns/net";
  context.pid_ns_path = "/proc/7/ns/pid";
  const Json list = make_namespaces(namespace_modes(host, context), context);
  EXPECT_EQ(list[1], Json({{"type", "network"}, {"path", "/proc/7/ns/net"}}));
  EXPECT_EQ(list[3], Json({{"type", "pid"}, {"path", "/proc/7/ns/pid"}}));
}

} // namespace
} // namespace gantry::containers::test
