#include <gmock/gmock.h>

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <filesystem>

#include "sample.hpp"

namespace gantry::containers::test {
namespace {

TEST(SpecResources, nothing_asked_is_nothing_limited) { EXPECT_EQ(make_resources({}, 1), Json::object()); }

TEST(SpecResources, swap_is_as_much_as_memory_by_default) {
  Resources r;
  r.memory = 100 << 20;
  EXPECT_EQ(make_resources(r, 1)["memory"], Json({{"limit", 104857600}, {"swap", 209715200}}));
  r.memory_swap = -1;
  EXPECT_EQ(make_resources(r, 1)["memory"]["swap"], -1);
}

TEST(SpecResources, nano_cpus_become_quota_and_period) {
  Resources r;
  r.nano_cpus = 500'000'000;
  EXPECT_EQ(make_resources(r, 2)["cpu"], Json({{"period", 100000}, {"quota", 50000}}));
}

TEST(SpecResources, no_pids_limit_is_minus_one) {
  Resources r;
  r.pids_limit = 0;
  EXPECT_EQ(make_resources(r, 1)["pids"]["limit"], -1);
  r.pids_limit = 10;
  EXPECT_EQ(make_resources(r, 1)["pids"]["limit"], 10);
}

TEST(SpecResources, swappiness_is_for_cgroup_v1_only) {
  Resources r;
  r.memory_swappiness = 10;
  EXPECT_EQ(make_resources(r, 1)["memory"]["swappiness"], 10);
  EXPECT_EQ(make_resources(r, 2), Json::object());
}

/// A block device of this machine; empty when it shows none.
std::string some_block_device() {
  std::error_code unreadable;
  for (const auto& entry : std::filesystem::directory_iterator("/dev", unreadable)) {
    if (entry.is_block_file(unreadable)) return entry.path();
  }
  return "";
}

TEST(SpecResources, block_devices_are_named_by_number) {
  const std::string device = some_block_device();
  if (device.empty()) GTEST_SKIP() << "needs a block device in /dev";
  struct stat info {};
  ASSERT_EQ(::stat(device.c_str(), &info), 0);
  Resources r;
  r.blkio_device_read_bps = {{device, 1024}};
  EXPECT_EQ(make_resources(r, 1)["blockIO"]["throttleReadBpsDevice"][0],
            Json({{"major", major(info.st_rdev)}, {"minor", minor(info.st_rdev)}, {"rate", 1024}}));
}

TEST(SpecResources, limits_of_what_is_no_block_device_are_refused) {
  Resources r;
  r.blkio_device_read_bps = {{"/dev/null", 1024}};
  EXPECT_EQ(refusal([&] { make_resources(r, 1); }), "/dev/null: not a block device, block I/O limits apply to those only");
  r.blkio_device_read_bps = {{"/dev/nope", 1024}};
  EXPECT_EQ(refusal([&] { make_resources(r, 1); }), "stat /dev/nope: no such file or directory");
}

} // namespace
} // namespace gantry::containers::test
