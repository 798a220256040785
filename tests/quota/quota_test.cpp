// Sizes of containers and volumes on a file system that enforces them, mounted from a file in a mount namespace of the test's
// own.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

#include <gantry/testing/fake_host.hpp>

#include "local_driver.hpp"
#include "overlay_driver.hpp"
#include "quota-common/project_quota.hpp"

namespace gantry::test {
namespace {

namespace fs = std::filesystem;
using driver_test::FakeCall;

constexpr std::uint64_t mib = 1 << 20;

struct Kind {
  const char *name, *make, *mount;
};

/// A host whose directories are at a place of ours.
class PlacedHost final : public Host {
 public:
  explicit PlacedHost(const std::string& place) : state_(place + "/state"), run_(place + "/run") {
    fs::create_directory(state_);
    fs::create_directory(run_);
  }
  void log(LogLevel, std::string_view) override {}
  const std::string& state_dir() const override { return state_; }
  const std::string& run_dir() const override { return run_; }
  const std::string& libexec_dir() const override { return state_; }
  const std::string& instance() const override { return name_; }

 private:
  std::string state_, run_, name_ = "test";
};

/// ext4 lets whoever has this capability write on; containers do not have it, and overlayfs writes without it.
void give_up_exemption() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  ASSERT_EQ(::syscall(SYS_capget, &header, data), 0);
  data[0].effective &= ~(1U << CAP_SYS_RESOURCE);
  ASSERT_EQ(::syscall(SYS_capset, &header, data), 0);
}

class Quota : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    give_up_exemption();
    if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
      GTEST_SKIP() << "needs a mount namespace";
    std::string pattern = (fs::temp_directory_path() / "gantry-quota-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
    place_ = root_ + "/mnt";
    fs::create_directory(place_);
    const std::string image = root_ + "/image";
    const auto say = [&](const std::string& command) { return std::system((command + " >/dev/null 2>&1").c_str()) == 0; };
    if (!say("truncate -s 400M " + image + " && " + GetParam().make + " " + image)) GTEST_SKIP() << "needs " << GetParam().make;
    mounted_ = say(std::string("mount -o loop,") + GetParam().mount + " " + image + " " + place_);
    if (!mounted_) GTEST_SKIP() << "this kernel does not mount " << GetParam().name << " with " << GetParam().mount;
    host_ = std::make_unique<PlacedHost>(place_);
  }
  void TearDown() override {
    host_.reset();
    if (mounted_) EXPECT_EQ(::umount2(place_.c_str(), MNT_DETACH), 0);
    if (!root_.empty()) fs::remove_all(root_);
  }
  /// Writes until it is full or `most` bytes are there; how many there are, and why no more.
  static std::uint64_t fill(const std::string& path, std::uint64_t most, int& error) {
    const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    const std::vector<char> block(mib, 'x');
    std::uint64_t written = 0;
    error = 0;
    while (written < most) {
      const ssize_t n = ::write(file.get(), block.data(), block.size());
      if (n <= 0) {
        error = errno;
        break;
      }
      written += static_cast<std::uint64_t>(n);
    }
    return written;
  }

  /// What root in a container may do to a directory of its own.
  static void claim(const std::string& directory, std::uint32_t project) {
    const UniqueFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    fsxattr attributes{};
    ASSERT_EQ(::ioctl(fd.get(), FS_IOC_FSGETXATTR, &attributes), 0);
    attributes.fsx_projid = project;
    attributes.fsx_xflags |= FS_XFLAG_PROJINHERIT;
    ASSERT_EQ(::ioctl(fd.get(), FS_IOC_FSSETXATTR, &attributes), 0);
  }

  FakeCall call_;
  std::string root_, place_;
  std::unique_ptr<PlacedHost> host_;
  bool mounted_ = false;
};

TEST_P(Quota, limits_what_a_tree_holds_until_it_is_forgotten) {
  const std::string tree = place_ + "/tree";
  fs::create_directories(tree);
  ASSERT_TRUE(quota::limit_tree(tree, 20 * mib));
  fs::create_directories(tree + "/deep/er");
  int error = 0;
  EXPECT_LE(fill(tree + "/deep/er/f", 100 * mib, error), 20 * mib);
  EXPECT_TRUE(error == EDQUOT || error == ENOSPC) << error;
  EXPECT_EQ(fill(place_ + "/beside", 40 * mib, error), 40 * mib) << "the neighbours are not limited";
  const auto space = fs::space(tree);
  EXPECT_LE(space.capacity, 21 * mib) << "df in it tells the limit";
  quota::forget_own_limit(tree);
  EXPECT_EQ(fill(tree + "/deep/er/f", 40 * mib, error), 40 * mib);
  fs::create_directory(place_ + "/other");
  fs::rename(tree, place_ + "/other/tree");
}

TEST_P(Quota, does_not_touch_a_project_that_is_the_administrators) {
  const std::string outer = place_ + "/outer", inner = outer + "/inner";
  fs::create_directory(outer);
  ASSERT_TRUE(quota::limit_tree(outer, 20 * mib)); // stands for it
  fs::create_directory(inner);
  quota::forget_own_limit(inner);
  int error = 0;
  EXPECT_LE(fill(inner + "/f", 100 * mib, error), 20 * mib);
}

TEST_P(Quota, of_a_container_counts_what_it_writes_through_overlayfs) {
  storage_overlay::OverlayDriver driver(*host_);
  driver.prepare(call_, "base", "", {});
  std::ofstream(host_->state_dir() + "/s/base/fs/of-the-image") << std::string(5 * mib, 'i');
  driver.commit(call_, "layer", "base", "");
  SnapshotOptions options;
  options.quota_bytes = 20 * mib;
  const auto mounts = driver.prepare(call_, "box", "layer", options);
  const std::string root = root_ + "/merged";
  fs::create_directory(root);
  std::string data;
  for (const auto& option : mounts.at(0).options) data += (data.empty() ? "" : ",") + option;
  ASSERT_EQ(::mount("overlay", root.c_str(), "overlay", 0, data.c_str()), 0) << data << ": " << ::strerror(errno);
  std::ofstream(root + "/of-the-image", std::ios::app) << "changed"; // a copy-up is a rename from work/ to fs/
  fs::create_directory(root + "/d");
  int error = 0;
  EXPECT_LE(fill(root + "/d/f", 100 * mib, error), 15 * mib);
  EXPECT_TRUE(error == EDQUOT || error == ENOSPC) << error;
  fs::remove(root + "/d/f");
  EXPECT_GT(fill(root + "/d/g", 10 * mib, error), 9 * mib);
  ASSERT_EQ(::umount2(root.c_str(), 0), 0);
  driver.remove(call_, "box");
  EXPECT_FALSE(driver.stat(call_, "box").has_value());
}

TEST_P(Quota, of_a_volume) {
  volume_local::LocalDriver driver(*host_, "");
  driver.create(call_, {"small", {{"size", "20m"}}, {}});
  driver.create(call_, {"large", {}, {}});
  const std::string small = driver.mount(call_, "small", "m").source, large = driver.mount(call_, "large", "m").source;
  int error = 0;
  EXPECT_LE(fill(small + "/f", 100 * mib, error), 20 * mib);
  EXPECT_TRUE(error == EDQUOT || error == ENOSPC) << error;
  EXPECT_EQ(fill(large + "/f", 40 * mib, error), 40 * mib);
  driver.unmount(call_, "small", "m");
  driver.rename(call_, "small", "other");
  EXPECT_LT(fill(driver.mount(call_, "other", "m").source + "/g", 10 * mib, error), mib);
  driver.unmount(call_, "other", "m");
  driver.remove(call_, "other", false);
  EXPECT_FALSE(driver.get(call_, "other").has_value());
}

TEST_P(Quota, of_a_volume_is_not_what_its_users_say) {
  volume_local::LocalDriver driver(*host_, "");
  driver.create(call_, {"mine", {{"size", "20m"}}, {}});
  driver.create(call_, {"yours", {{"size", "20m"}}, {}});
  driver.create(call_, {"without", {}, {}});
  const std::string mine = driver.mount(call_, "mine", "m").source, yours = driver.mount(call_, "yours", "m").source,
                    without = driver.mount(call_, "without", "m").source;
  const std::uint32_t own = quota::project_of(mine), other = quota::project_of(yours);
  ASSERT_NE(own, other);
  claim(mine, other);
  claim(without, other);
  for (const char* name : {"mine", "without"}) {
    driver.unmount(call_, name, "m");
    driver.remove(call_, name, false);
    EXPECT_FALSE(driver.get(call_, name).has_value()) << name;
  }
  int error = 0;
  EXPECT_LE(fill(yours + "/f", 100 * mib, error), 20 * mib) << "its limit is still there";
  const std::string tree = place_ + "/tree";
  fs::create_directory(tree);
  claim(tree, own);
  EXPECT_EQ(fill(tree + "/f", 40 * mib, error), 40 * mib) << "the limit of the volume that went is gone";
}

TEST_P(Quota, of_a_volume_whose_record_is_older_goes_with_it) {
  volume_local::LocalDriver driver(*host_, "");
  for (const char* name : {"old", "claimed"}) driver.create(call_, {name, {{"size", "20m"}}, {}});
  driver.create(call_, {"other", {{"size", "10m"}}, {}});
  const auto data = [&](const char* name) { return host_->state_dir() + "/volumes/" + name + "/_data"; };
  const std::uint32_t old = quota::project_of(data("old")), other = quota::project_of(data("other"));
  for (const char* name : {"old", "claimed"})
    std::ofstream(host_->state_dir() + "/volumes/" + name + "/opts.json") << R"({"created_ns": 1, "options": {"size": "20m"}})";
  claim(data("claimed"), other);
  for (const char* name : {"old", "claimed"}) driver.remove(call_, name, false);
  const std::string tree = place_ + "/tree";
  fs::create_directory(tree);
  claim(tree, old);
  int error = 0;
  EXPECT_EQ(fill(tree + "/f", 40 * mib, error), 40 * mib) << "its limit is gone";
  EXPECT_LE(fill(data("other") + "/f", 40 * mib, error), 10 * mib) << "one of another size is not its";
}

INSTANTIATE_TEST_SUITE_P(FileSystems, Quota,
                         testing::Values(Kind{"ext4", "mkfs.ext4 -q -O quota,project", "prjquota"},
                                         Kind{"xfs", "mkfs.xfs -q", "prjquota"}),
                         [](const auto& info) { return std::string(info.param.name); });

struct Unlimited : testing::Test {
  driver_test::FakeHost host;
  FakeCall call;
};

TEST_F(Unlimited, places_are_told_in_dockers_words) {
  if (quota::limit_tree(host.run_dir(), mib)) GTEST_SKIP() << "needs a temporary directory without project quotas";
  volume_local::LocalDriver volumes(host, "");
  const auto sentence = [](const auto& f) {
    try {
      f();
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string("(nothing)");
  };
  EXPECT_EQ(sentence([&] {
              volumes.create(call, {"vol1", {{"size", "10m"}}, {}});
            }),
            "quota size requested but no quota support");
  EXPECT_EQ(sentence([&] { volumes.create(call, {"vol1", {{"size", "ten"}}, {}}); }), "invalid size: 'ten'");
  EXPECT_EQ(sentence([&] { volumes.create(call, {"vol1", {{"size", "0"}}, {}}); }), "(nothing)");
  EXPECT_TRUE(volumes.get(call, "vol1").has_value());
  EXPECT_EQ(volumes.list(call).size(), 1U);
}

TEST(DamagedRecord, keeps_no_volume_from_being_removed) {
  driver_test::FakeHost host;
  FakeCall call;
  volume_local::LocalDriver volumes(host, "");
  for (const char* record : {"", "{", "[]", R"({"project": "no number"})", R"({"options": {"unknown": "x"}})"}) {
    volumes.create(call, {"vol1", {}, {}});
    volumes.mount(call, "vol1", "m");
    std::ofstream(host.state_dir() + "/volumes/vol1/opts.json") << record;
    const auto all = volumes.list(call);
    ASSERT_EQ(all.size(), 1U) << record;
    EXPECT_EQ(all[0].name, "vol1");
    volumes.remove(call, "vol1", true);
    EXPECT_TRUE(volumes.list(call).empty()) << record;
  }
}

} // namespace
} // namespace gantry::test
