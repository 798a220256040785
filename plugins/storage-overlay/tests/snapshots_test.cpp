#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "fixture.hpp"

namespace gantry::storage_overlay::test {
namespace {

using ::testing::HasSubstr;
namespace stdfs = std::filesystem;

class OverlaySnapshots : public OverlayTest {
 protected:
  template <class F>
  std::string error(Code code, F f) {
    try {
      f();
      ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), code) << e.what();
      return e.what();
    }
    return "";
  }
};

TEST_F(OverlaySnapshots, a_first_snapshot_is_a_writable_bind) {
  const auto mounts = driver_->prepare(call_, "a", "", {});
  ASSERT_EQ(mounts.size(), 1U);
  EXPECT_EQ(mounts[0].type, "bind");
  EXPECT_EQ(mounts[0].source, fs("a"));
  EXPECT_EQ(stat_of(fs("a")).st_mode & 07777, 0755U);
}

TEST_F(OverlaySnapshots, writes_do_not_reach_the_parent) {
  make_layer("base", "", {{"file", "old"}});
  const auto mounts = driver_->prepare(call_, "top", "base", {});
  EXPECT_EQ(mounts[0].type, "overlay");
  const auto mounted = mount(mounts);
  EXPECT_EQ(read(mounted.path() + "/file"), "old");
  std::ofstream(mounted.path() + "/file") << "new";
  EXPECT_EQ(read(fs("base") + "/file"), "old");
  EXPECT_EQ(read(mounted.path() + "/file"), "new");
}

TEST_F(OverlaySnapshots, a_view_of_one_layer_is_a_readonly_bind) {
  make_layer("base", "", {{"file", "x"}});
  const auto mounts = driver_->view(call_, "v", "base");
  EXPECT_EQ(mounts[0].type, "bind");
  EXPECT_THAT(mounts[0].options, ::testing::Contains("ro"));
}

TEST_F(OverlaySnapshots, a_hundred_and_twenty_eight_layers_can_be_mounted) {
  std::string parent;
  for (int i = 0; i < 128; ++i) {
    const std::string name = "sha256:" + std::string(60, 'a') + std::to_string(1000 + i);
    make_layer(name, parent, {{"f" + std::to_string(i), "x"}});
    parent = name;
  }
  const auto mounts = driver_->prepare(call_, "top", parent, {});
  ASSERT_LT(mounts[0].options[0].size(), 128 * (dir_.size() + 10));
  // mount(2) takes one page of options, and the test's directory has a long name: from inside it the names are short.
  std::string lower = mounts[0].options[0];
  for (std::size_t at = 0; (at = lower.find(dir_ + "/", at)) != std::string::npos;) lower.erase(at, dir_.size() + 1);
  auto shortened = mounts;
  shortened[0].options[0] = lower;
  const auto before = stdfs::current_path();
  stdfs::current_path(dir_);
  {
    const auto mounted = mount(shortened);
    EXPECT_EQ(read(mounted.path() + "/f0"), "x");
    EXPECT_EQ(read(mounted.path() + "/f127"), "x");
  }
  stdfs::current_path(before);
}

TEST_F(OverlaySnapshots, a_taken_key_is_refused) {
  driver_->prepare(call_, "a", "", {});
  EXPECT_EQ(error(Code::already_exists, [&] { driver_->prepare(call_, "a", "", {}); }), "snapshot 'a' exists already");
}

TEST_F(OverlaySnapshots, a_missing_parent_is_refused_and_leaves_nothing) {
  error(Code::not_found, [&] { driver_->prepare(call_, "a", "nope", {}); });
  EXPECT_FALSE(stdfs::exists(dir_ + "/s/a"));
  EXPECT_FALSE(driver_->stat(call_, "a"));
}

TEST_F(OverlaySnapshots, an_active_parent_is_refused) {
  driver_->prepare(call_, "a", "", {});
  EXPECT_THAT(error(Code::failed_precondition, [&] { driver_->prepare(call_, "b", "a", {}); }), HasSubstr("not committed"));
}

TEST_F(OverlaySnapshots, hostile_names_are_refused) {
  for (const char* name : {"", "..", "a/b", ".x", "-x", "a b", "a,b"}) {
    error(Code::invalid, [&] { driver_->prepare(call_, name, "", {}); });
  }
}

TEST_F(OverlaySnapshots, a_quota_is_not_implemented) {
  error(Code::not_implemented, [&] { driver_->prepare(call_, "a", "", SnapshotOptions{1}); });
}

TEST_F(OverlaySnapshots, a_parent_in_use_cannot_be_removed) {
  make_layer("base", "", {});
  driver_->prepare(call_, "top", "base", {});
  EXPECT_EQ(error(Code::in_use, [&] { driver_->remove(call_, "base"); }), "snapshot 'base' is in use: 'top' is based on it");
  driver_->remove(call_, "top");
  driver_->remove(call_, "base");
  EXPECT_TRUE(driver_->list(call_).empty());
  EXPECT_TRUE(stdfs::is_empty(dir_ + "/s"));
  EXPECT_TRUE(stdfs::is_empty(dir_ + "/l"));
  EXPECT_TRUE(trash_empties());
}

TEST_F(OverlaySnapshots, removing_what_is_missing_is_fine) { driver_->remove(call_, "nope"); }

TEST_F(OverlaySnapshots, a_deep_tree_of_a_container_is_removed) {
  driver_->prepare(call_, "deep", "", {});
  const auto before = stdfs::current_path();
  stdfs::current_path(fs("deep"));
  for (int i = 0; i < 1500; ++i) {
    ASSERT_EQ(::mkdir("dddddddddd", 0700), 0);
    ASSERT_EQ(::chdir("dddddddddd"), 0);
  }
  stdfs::current_path(before);
  driver_->remove(call_, "deep");
  restart();
  driver_->reconcile(call_, {});
  EXPECT_TRUE(trash_empties());
}

TEST_F(OverlaySnapshots, committing_a_layer_twice_keeps_the_first) {
  make_layer("base", "", {{"one", "1"}});
  make_layer("base", "", {{"two", "2"}});
  EXPECT_TRUE(stdfs::exists(fs("base") + "/one"));
  EXPECT_FALSE(driver_->stat(call_, "unpack"));
}

TEST_F(OverlaySnapshots, a_name_with_another_parent_is_refused) {
  make_layer("base", "", {});
  make_layer("x", "base", {});
  driver_->prepare(call_, "k", "", {});
  error(Code::already_exists, [&] { driver_->commit(call_, "x", "k", ""); });
}

TEST_F(OverlaySnapshots, survive_a_restart) {
  make_layer("base", "", {{"file", "x"}});
  driver_->prepare(call_, "top", "base", {});
  const auto before = driver_->mounts(call_, "top");
  restart();
  EXPECT_EQ(driver_->mounts(call_, "top")[0].options, before[0].options);
  EXPECT_EQ(driver_->stat(call_, "base")->kind, SnapshotKind::committed);
  EXPECT_EQ(driver_->stat(call_, "top")->parent, "base");
}

TEST_F(OverlaySnapshots, reconcile_removes_what_no_one_needs) {
  make_layer("base", "", {});
  driver_->prepare(call_, "live", "base", {});
  driver_->prepare(call_, "dead", "base", {});
  stdfs::create_directories(dir_ + "/s/half/fs"); // a crash in prepare
  driver_->prepare(call_, "moved", "", {});
  stdfs::rename(dir_ + "/s/moved", dir_ + "/s/other"); // metadata of another name: a crash in commit
  stdfs::create_directory_symlink("../s/gone/fs", dir_ + "/l/aaaaa");
  restart();
  driver_->reconcile(call_, {"live"});
  EXPECT_TRUE(driver_->stat(call_, "live"));
  EXPECT_TRUE(driver_->stat(call_, "base"));
  EXPECT_FALSE(driver_->stat(call_, "dead"));
  for (const char* name : {"dead", "half", "other", "moved"}) EXPECT_FALSE(stdfs::exists(dir_ + "/s/" + name)) << name;
  EXPECT_FALSE(stdfs::is_symlink(dir_ + "/l/aaaaa"));
}

TEST_F(OverlaySnapshots, metadata_of_a_newer_engine_is_refused) {
  stdfs::create_directories(dir_ + "/s/x");
  stdfs::create_symlink("2 active x - -", dir_ + "/s/x/meta");
  EXPECT_EQ(error(Code::failed_precondition, [&] { restart(); }),
            "snapshot 'x' has metadata of version 2; this driver understands version 1");
}

TEST_F(OverlaySnapshots, layers_are_applied_in_parallel) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) driver_->prepare(call_, "k" + std::to_string(i), "", {});
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      std::vector<Item> items;
      for (int n = 0; n < 50; ++n) items.push_back({"d" + std::to_string(i) + "/f" + std::to_string(n), "content"});
      apply("k" + std::to_string(i), make_tar(items));
      driver_->commit(call_, "layer" + std::to_string(i), "k" + std::to_string(i), "");
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(driver_->list(call_).size(), 8U);
  EXPECT_EQ(driver_->usage(call_, "layer3").bytes, 350U);
}

} // namespace
} // namespace gantry::storage_overlay::test
