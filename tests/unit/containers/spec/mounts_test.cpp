#include "containers/spec/mounts.hpp"

#include <gmock/gmock.h>

#include "sample.hpp"

namespace gantry::containers::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

StringList destinations(const Json& mounts) {
  StringList list;
  for (const auto& mount : mounts) list.push_back(mount.at("destination"));
  return list;
}

StringList options_at(const HostConfig& host, const std::string& destination) {
  return mount_at({{"mounts", make_mounts(host, sample_context(), false)}}, destination).at("options");
}

TEST(SpecMounts, are_dockers_by_default) {
  EXPECT_THAT(destinations(make_mounts({}, sample_context(), false)),
              ElementsAre("/proc", "/dev", "/dev/pts", "/sys", "/sys/fs/cgroup", "/dev/mqueue", "/dev/shm", "/etc/resolv.conf",
                          "/etc/hostname", "/etc/hosts"));
  EXPECT_THAT(options_at({}, "/sys"), Contains("ro"));
  EXPECT_THAT(options_at({}, "/sys/fs/cgroup"), Contains("ro"));
  EXPECT_THAT(options_at({}, "/dev/shm"), Contains("size=67108864"));
  EXPECT_THAT(options_at({}, "/etc/hosts"), ElementsAre("rbind", "rprivate"));
}

TEST(SpecMounts, shm_has_the_size_that_was_asked_for) {
  HostConfig host;
  host.shm_size = 1 << 20;
  EXPECT_THAT(options_at(host, "/dev/shm"), Contains("size=1048576"));
}

TEST(SpecMounts, shm_follows_the_ipc_mode) {
  HostConfig host;
  host.ipc_mode = "none";
  EXPECT_THAT(destinations(make_mounts(host, sample_context(), false)), Not(Contains("/dev/shm")));
  host.ipc_mode = "host";
  EXPECT_THAT(options_at(host, "/dev/shm"), Contains("rbind"));
}

TEST(SpecMounts, privileged_may_write_to_sys_and_cgroups) {
  HostConfig host;
  host.privileged = true;
  EXPECT_THAT(options_at(host, "/sys"), Not(Contains("ro")));
  EXPECT_THAT(options_at(host, "/sys/fs/cgroup"), Not(Contains("ro")));
}

TEST(SpecMounts, a_users_mount_replaces_a_default_one) {
  SpecContext context = sample_context();
  context.mounts = {{{"destination", "/dev/shm/"}, {"type", "bind"}, {"source", "/x"}, {"options", {"rbind"}}},
                    {{"destination", "/etc/hosts"}, {"type", "bind"}, {"source", "/y"}, {"options", {"rbind"}}}};
  const Json mounts = make_mounts({}, context, false);
  EXPECT_EQ(mounts.size(), 10U);
  EXPECT_EQ(mount_at({{"mounts", mounts}}, "/etc/hosts")["source"], "/y");
}

TEST(SpecMounts, a_mount_over_dev_takes_what_lies_below_it) {
  SpecContext context = sample_context();
  context.mounts = {{{"destination", "/dev"}, {"type", "bind"}, {"source", "/dev"}, {"options", {"rbind"}}}};
  EXPECT_THAT(destinations(make_mounts({}, context, false)), Not(Contains("/dev/pts")));
}

TEST(SpecMounts, parents_come_before_children) {
  SpecContext context = sample_context();
  context.mounts = {{{"destination", "/a/b/c"}, {"type", "bind"}, {"source", "/1"}, {"options", {"rbind"}}},
                    {{"destination", "/a"}, {"type", "bind"}, {"source", "/2"}, {"options", {"rbind"}}}};
  const StringList order = destinations(make_mounts({}, context, false));
  EXPECT_LT(std::find(order.begin(), order.end(), "/a"), std::find(order.begin(), order.end(), "/a/b/c"));
}

TEST(SpecMounts, files_of_a_readonly_container_are_readonly) {
  HostConfig host;
  host.readonly_rootfs = true;
  EXPECT_THAT(options_at(host, "/etc/hosts"), ElementsAre("rbind", "ro", "rprivate"));
}

TEST(TmpfsOptions, are_strict_by_default) {
  EXPECT_THAT(tmpfs_options(""), ElementsAre("noexec", "nosuid", "nodev", "rprivate"));
}

TEST(TmpfsOptions, a_later_option_replaces_its_opposite) {
  EXPECT_THAT(tmpfs_options("size=1m,exec,size=2m"), ElementsAre("nosuid", "nodev", "rprivate", "exec", "size=2m"));
}

TEST(TmpfsOptions, an_unknown_one_is_refused) {
  EXPECT_EQ(refusal([] { tmpfs_options("exec,foo=1"); }), "invalid tmpfs option \"foo=1\"");
}

} // namespace
} // namespace gantry::containers::test
