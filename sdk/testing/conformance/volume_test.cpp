#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gantry/testing/fake_host.hpp>
#include <gantry/testing/subject.hpp>

#include "conformance/expect.hpp"
#include "conformance/mounted.hpp"

namespace gantry::driver_test {

namespace {

namespace fs = std::filesystem;

class Volumes : public ::testing::Test {
 protected:
  void SetUp() override { driver_ = subject().volume(); }
  /// A driver may keep its volumes where the next case finds them.
  void TearDown() override {
    if (!driver_) return;
    for (const auto& info : driver_->list(call)) driver_->remove(call, info.name, true);
  }
  VolumeDriver& driver() { return *driver_; }
  /// As after a restart of the engine.
  void restart() {
    driver_.reset();
    driver_ = subject().volume();
  }
  void make(const std::string& name) { driver().create(call, {name, {}, {{"kept", "yes"}}}); }
  std::vector<std::string> names() {
    std::vector<std::string> found;
    for (const auto& info : driver().list(call)) found.push_back(info.name);
    std::sort(found.begin(), found.end());
    return found;
  }
  void write(const Mount& mount, const std::string& name, const std::string& text) {
    const Mounted there({mount}, subject().scratch + "/m");
    std::ofstream(there.path(name)) << text;
  }
  std::string read(const Mount& mount, const std::string& name) {
    const Mounted there({mount}, subject().scratch + "/m");
    std::ifstream file(there.path(name));
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  FakeCall call;

 private:
  std::shared_ptr<VolumeDriver> driver_;
};

TEST_F(Volumes, are_there_once_they_were_made_and_gone_once_removed) {
  EXPECT_FALSE(driver().get(call, "vol1").has_value());
  make("vol1");
  make("vol2");
  EXPECT_EQ(names(), (std::vector<std::string>{"vol1", "vol2"}));
  driver().remove(call, "vol1", false);
  EXPECT_EQ(names(), std::vector<std::string>{"vol2"});
  EXPECT_FALSE(driver().get(call, "vol1").has_value());
}

TEST_F(Volumes, tell_what_they_were_made_with) {
  make("vol1");
  const auto info = driver().get(call, "vol1");
  ASSERT_TRUE(info.has_value());
  EXPECT_EQ(info->name, "vol1");
  EXPECT_EQ(info->labels, (VolumeSettings{{"kept", "yes"}}));
}

TEST_F(Volumes, making_and_removing_are_repeatable) {
  make("vol1");
  const Mount mount = driver().mount(call, "vol1", "m1");
  write(mount, "f", "data");
  driver().unmount(call, "vol1", "m1");
  make("vol1");
  EXPECT_EQ(read(driver().mount(call, "vol1", "m1"), "f"), "data");
  driver().unmount(call, "vol1", "m1");
  driver().remove(call, "vol1", false);
  driver().remove(call, "vol1", false);
}

TEST_F(Volumes, keep_their_data_between_mounts_and_restarts) {
  make("vol1");
  write(driver().mount(call, "vol1", "m1"), "f", "kept");
  driver().unmount(call, "vol1", "m1");
  restart();
  EXPECT_EQ(names(), std::vector<std::string>{"vol1"});
  EXPECT_EQ(read(driver().mount(call, "vol1", "m2"), "f"), "kept");
  driver().unmount(call, "vol1", "m2");
}

TEST_F(Volumes, are_shared_by_all_who_mount_them) {
  make("vol1");
  const Mount first = driver().mount(call, "vol1", "m1"), second = driver().mount(call, "vol1", "m2");
  write(first, "f", "shared");
  EXPECT_EQ(read(second, "f"), "shared");
  driver().unmount(call, "vol1", "m1");
  EXPECT_EQ(read(second, "f"), "shared");
  driver().unmount(call, "vol1", "m2");
}

TEST_F(Volumes, are_separate) {
  make("vol1");
  make("vol2");
  write(driver().mount(call, "vol1", "m1"), "f", "one");
  EXPECT_EQ(read(driver().mount(call, "vol2", "m1"), "f"), "");
}

TEST_F(Volumes, in_use_are_not_removed_unless_forced) {
  make("vol1");
  (void)driver().mount(call, "vol1", "m1");
  (void)driver().mount(call, "vol1", "m1"); // the same use
  EXPECT_FAILS(driver().remove(call, "vol1", false), Code::in_use);
  driver().unmount(call, "vol1", "m1");
  driver().remove(call, "vol1", false);
  make("vol2");
  (void)driver().mount(call, "vol2", "m1");
  driver().remove(call, "vol2", true);
  EXPECT_TRUE(names().empty());
}

TEST_F(Volumes, removed_and_made_again_are_empty) {
  make("vol1");
  write(driver().mount(call, "vol1", "m1"), "f", "old");
  driver().unmount(call, "vol1", "m1");
  driver().remove(call, "vol1", false);
  make("vol1");
  EXPECT_EQ(read(driver().mount(call, "vol1", "m1"), "f"), "");
}

TEST_F(Volumes, that_are_missing_cannot_be_mounted_but_unmounted) {
  EXPECT_FAILS((void)driver().mount(call, "vol1", "m1"), Code::not_found);
  driver().unmount(call, "vol1", "m1");
  make("vol1");
  driver().unmount(call, "vol1", "never");
}

TEST_F(Volumes, mounts_that_are_not_live_end_with_a_restart) {
  make("vol1");
  make("vol2");
  (void)driver().mount(call, "vol1", "gone");
  (void)driver().mount(call, "vol2", "live");
  restart();
  driver().reconcile(call, {"live"});
  driver().remove(call, "vol1", false);
  EXPECT_FAILS(driver().remove(call, "vol2", false), Code::in_use);
}

TEST_F(Volumes, get_other_names_with_their_data) {
  make("vol1");
  make("taken");
  write(driver().mount(call, "vol1", "m1"), "f", "data");
  const auto refused = failure([&] { driver().rename(call, "vol1", "vol2"); });
  if (refused == Code::not_implemented) GTEST_SKIP() << "the driver does not rename";
  EXPECT_EQ(refused, Code::in_use);
  driver().unmount(call, "vol1", "m1");
  EXPECT_FAILS(driver().rename(call, "vol1", "taken"), Code::already_exists);
  EXPECT_FAILS(driver().rename(call, "missing", "vol2"), Code::not_found);
  driver().rename(call, "vol1", "vol2");
  EXPECT_EQ(names(), (std::vector<std::string>{"taken", "vol2"}));
  restart();
  EXPECT_EQ(names(), (std::vector<std::string>{"taken", "vol2"}));
  ASSERT_TRUE(driver().get(call, "vol2").has_value());
  EXPECT_EQ(driver().get(call, "vol2")->labels, (VolumeSettings{{"kept", "yes"}}));
  EXPECT_EQ(read(driver().mount(call, "vol2", "m1"), "f"), "data");
  driver().unmount(call, "vol2", "m1");
}

TEST_F(Volumes, are_snapshotted_and_go_their_own_ways) {
  make("vol1");
  const Mount original = driver().mount(call, "vol1", "m1");
  write(original, "f", "then");
  const auto refused = failure([&] { driver().snapshot(call, {"copy", {}, {{"of", "vol1"}}}, "vol1"); });
  if (refused == Code::not_implemented) {
    EXPECT_EQ(names(), std::vector<std::string>{"vol1"});
    GTEST_SKIP() << "the driver, or the file system below it, has no snapshots";
  }
  ASSERT_EQ(refused, std::nullopt);
  write(original, "f", "now");
  const Mount copy = driver().mount(call, "copy", "m2");
  EXPECT_EQ(read(copy, "f"), "then");
  write(copy, "f", "mine");
  EXPECT_EQ(read(original, "f"), "now");
  EXPECT_EQ(driver().get(call, "copy")->labels, (VolumeSettings{{"of", "vol1"}}));
  EXPECT_FAILS(driver().snapshot(call, {"copy", {}, {}}, "vol1"), Code::already_exists);
  EXPECT_FAILS(driver().snapshot(call, {"other", {}, {}}, "missing"), Code::not_found);
}

TEST_F(Volumes, refuse_options_that_they_do_not_know) {
  EXPECT_FAILS(driver().create(call, {"vol1", {{"no-such-option", "1"}}, {}}), Code::invalid);
  EXPECT_TRUE(names().empty());
}

TEST_F(Volumes, measure_themselves) {
  make("vol1");
  write(driver().mount(call, "vol1", "m1"), "f", std::string(5000, 'x'));
  try {
    EXPECT_GE(driver().usage(call, "vol1").bytes, 5000U);
  } catch (const Error& e) {
    if (e.code() == Code::not_implemented) GTEST_SKIP() << "the driver does not measure";
    throw;
  }
  EXPECT_FAILS((void)driver().usage(call, "nope"), Code::not_found);
}

} // namespace

} // namespace gantry::driver_test
