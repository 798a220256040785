#include <gmock/gmock.h>
#include <sys/mount.h>

#include <filesystem>

#include "fixture.hpp"

namespace gantry::storage_overlay::test {
namespace {

using ::testing::HasSubstr;

/// The state directory on a small tmpfs.
class OverlayLimits : public OverlayTest {
 protected:
  void SetUp() override {
    OverlayTest::SetUp();
    if (IsSkipped()) return;
    driver_.reset();
    ASSERT_EQ(::mount("small", dir_.c_str(), "tmpfs", 0, "size=1m,nr_inodes=200"), 0);
    mounted_ = true;
    restart();
  }
  void TearDown() override {
    driver_.reset();
    if (mounted_) {
      EXPECT_EQ(::umount2(dir_.c_str(), 0), 0);
    }
    OverlayTest::TearDown();
  }
  bool mounted_ = false;
};

TEST_F(OverlayLimits, a_full_disk_is_said_and_leaves_nothing) {
  EXPECT_THAT(refusal(make_tar({{"big", std::string(2 << 20, 'x')}}), Code::resource_exhausted),
              HasSubstr("No space left on device"));
  EXPECT_TRUE(std::filesystem::is_empty(dir_ + "/s"));
  EXPECT_TRUE(trash_empties());
}

TEST_F(OverlayLimits, too_many_files_are_said) {
  std::vector<Item> items;
  for (int i = 0; i < 500; ++i) items.push_back({"f" + std::to_string(i)});
  EXPECT_THAT(refusal(make_tar(items), Code::resource_exhausted), HasSubstr("No space left on device"));
}

TEST_F(OverlayLimits, a_readonly_place_is_said) {
  driver_.reset();
  std::filesystem::remove_all(dir_ + "/s");
  ASSERT_EQ(::mount(nullptr, dir_.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr), 0);
  try {
    restart();
    FAIL() << "it started";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::failed_precondition);
    EXPECT_EQ(error.what(), "cannot create '" + dir_ + "/s': Read-only file system");
  }
}

} // namespace
} // namespace gantry::storage_overlay::test
