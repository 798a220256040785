#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "fixture.hpp"

namespace gantry::storage_overlay::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
namespace stdfs = std::filesystem;

/// A container that edits what it was given.
class OverlayDifferences : public OverlayTest {
 protected:
  void SetUp() override {
    OverlayTest::SetUp();
    if (IsSkipped()) return;
    make_layer("base", "", {{"etc/keep", "k"}, {"etc/edit", "old"}, {"etc/gone", "g"}, {"var/a", "1"}, {"var/b", "2"}});
    const auto mounted = mount(driver_->prepare(call_, "run", "base", {}));
    const std::string root = mounted.path();
    std::ofstream(root + "/etc/edit") << "new";
    stdfs::remove(root + "/etc/gone");
    stdfs::create_directory(root + "/new");
    std::ofstream(root + "/new/file") << "content";
    stdfs::create_hard_link(root + "/new/file", root + "/new/twin");
    stdfs::remove_all(root + "/var");
    stdfs::create_directory(root + "/var");
    std::ofstream(root + "/var/c") << "3";
  }
  std::vector<std::string> changes() {
    std::vector<std::string> list;
    for (const auto& change : driver_->changes(call_, "run"))
      list.push_back("CAD"[static_cast<int>(change.kind)] + (" " + change.path));
    return list;
  }
  void expect_container(const std::string& root) {
    EXPECT_EQ(read(root + "/etc/keep"), "k");
    EXPECT_EQ(read(root + "/etc/edit"), "new");
    EXPECT_FALSE(stdfs::exists(root + "/etc/gone"));
    EXPECT_EQ(stat_of(root + "/new/file").st_ino, stat_of(root + "/new/twin").st_ino);
    EXPECT_FALSE(stdfs::exists(root + "/var/a"));
    EXPECT_EQ(read(root + "/var/c"), "3");
  }
};

TEST_F(OverlayDifferences, changes_are_dockers) {
  EXPECT_THAT(changes(), ElementsAre("C /etc", "C /etc/edit", "D /etc/gone", "A /new", "A /new/file", "A /new/twin", "C /var",
                                     "D /var/a", "D /var/b", "A /var/c"));
}

TEST_F(OverlayDifferences, an_untouched_container_has_no_changes) {
  driver_->prepare(call_, "idle", "base", {});
  EXPECT_THAT(driver_->changes(call_, "idle"), IsEmpty());
}

TEST_F(OverlayDifferences, a_diff_applied_to_the_same_parent_gives_the_same_tree) {
  const std::string tar = diff("run");
  driver_->prepare(call_, "copy", "", {});
  const AppliedLayer layer = apply("copy", tar);
  EXPECT_EQ(layer.diff_id, sha256_of(tar));
  driver_->commit(call_, "next", "copy", "base");
  const auto mounted = mount(driver_->view(call_, "v", "next"));
  expect_container(mounted.path());
}

TEST_F(OverlayDifferences, an_export_is_the_whole_tree) {
  driver_->prepare(call_, "copy", "", {});
  apply("copy", export_tree("run"));
  expect_container(fs("copy"));
}

TEST_F(OverlayDifferences, a_layer_comes_back_as_it_went_in) {
  const auto items = std::vector<Item>{
      {.path = "d", .mode = S_IFDIR | 0700, .uid = 3, .mtime = 5},
      {.path = "d/caf\xc3\xa9", .content = "x", .mode = S_IFREG | 04755, .xattrs = {{"user.k", "v"}}, .mtime = 6},
      {.path = "d/l", .symlink = "t", .mtime = 7}};
  make_layer("one", "", items);
  const std::string tar = diff("one");
  driver_->prepare(call_, "k", "", {});
  apply("k", tar);
  EXPECT_EQ(stat_of(fs("k") + "/d").st_mode, S_IFDIR | 0700U);
  EXPECT_EQ(stat_of(fs("k") + "/d").st_mtim.tv_sec, 5);
  EXPECT_EQ(stat_of(fs("k") + "/d/caf\xc3\xa9").st_mode, S_IFREG | 04755U);
  EXPECT_EQ(diff("one"), diff("k"));
}

TEST_F(OverlayDifferences, usage_counts_the_upper_directory_once_per_inode) {
  const DiskUsage usage = driver_->usage(call_, "run");
  EXPECT_EQ(usage.bytes, 3U + 7U + 1U);
}

} // namespace
} // namespace gantry::storage_overlay::test
