#include <filesystem>
#include <fstream>

#include "conformance/storage_suite.hpp"

namespace gantry::driver_test {

namespace {

using Snapshots = StorageSuite;

TEST_F(Snapshots, has_a_name) { EXPECT_FALSE(driver().name().empty()); }

TEST_F(Snapshots, a_base_snapshot_is_empty_and_writable) {
  const Mounted root(driver().prepare(call, "a", "", {}), scratch("m"));
  EXPECT_TRUE(std::filesystem::is_empty(scratch("m")));
  write_text(root.path("f"), "x");
  EXPECT_EQ(read_text(root.path("f")), "x");
}

TEST_F(Snapshots, what_is_committed_is_seen_by_a_child) {
  commit_file("base", "", "f", "from the parent");
  const Mounted child(driver().prepare(call, "child", "base", {}), scratch("m"));
  EXPECT_EQ(read_text(child.path("f")), "from the parent");
}

TEST_F(Snapshots, a_child_does_not_change_its_parent) {
  commit_file("base", "", "f", "old");
  write_into("one", "base", "f", "new");
  const Mounted other(driver().prepare(call, "two", "base", {}), scratch("m"));
  EXPECT_EQ(read_text(other.path("f")), "old");
}

TEST_F(Snapshots, a_removed_file_of_the_parent_stays_removed_in_the_child) {
  commit_file("base", "", "f", "x");
  {
    const Mounted child(driver().prepare(call, "k", "base", {}), scratch("m"));
    std::filesystem::remove(child.path("f"));
  }
  driver().commit(call, "next", "k", "base");
  const Mounted grandchild(driver().prepare(call, "g", "next", {}), scratch("m"));
  EXPECT_FALSE(std::filesystem::exists(grandchild.path("f")));
}

TEST_F(Snapshots, mounts_gives_what_prepare_gave) {
  driver().prepare(call, "k", "", {});
  {
    const Mounted first(driver().mounts(call, "k"), scratch("m"));
    write_text(first.path("f"), "kept");
  }
  const Mounted second(driver().mounts(call, "k"), scratch("m"));
  EXPECT_EQ(read_text(second.path("f")), "kept");
}

TEST_F(Snapshots, a_view_cannot_be_written_to) {
  commit_file("base", "", "f", "x");
  const Mounted root(driver().view(call, "v", "base"), scratch("m"));
  EXPECT_EQ(read_text(root.path("f")), "x");
  EXPECT_FALSE(std::ofstream(root.path("g")).is_open());
}

TEST_F(Snapshots, prepare_refuses_a_taken_key_and_a_missing_parent) {
  driver().prepare(call, "k", "", {});
  EXPECT_FAILS(driver().prepare(call, "k", "", {}), Code::already_exists);
  EXPECT_FAILS(driver().prepare(call, "l", "missing", {}), Code::not_found);
  EXPECT_FALSE(driver().stat(call, "l").has_value());
}

TEST_F(Snapshots, what_is_missing_is_not_found) {
  EXPECT_FAILS(driver().mounts(call, "missing"), Code::not_found);
  EXPECT_FAILS(driver().usage(call, "missing"), Code::not_found);
  EXPECT_FAILS(driver().commit(call, "name", "missing", ""), Code::not_found);
  EXPECT_FALSE(driver().stat(call, "missing").has_value());
}

TEST_F(Snapshots, committing_a_name_again_with_the_same_parent_drops_the_key) {
  commit_file("base", "", "f", "first");
  driver().prepare(call, "again", "", {});
  driver().commit(call, "base", "again", "");
  EXPECT_FALSE(driver().stat(call, "again").has_value());
  const Mounted child(driver().prepare(call, "c", "base", {}), scratch("m"));
  EXPECT_EQ(read_text(child.path("f")), "first");
}

TEST_F(Snapshots, stat_and_list_tell_kind_and_parent) {
  commit_file("base", "", "f", "x");
  driver().prepare(call, "k", "base", {});
  const auto base = driver().stat(call, "base"), key = driver().stat(call, "k");
  ASSERT_TRUE(base && key);
  EXPECT_EQ(base->kind, SnapshotKind::committed);
  EXPECT_EQ(key->kind, SnapshotKind::active);
  EXPECT_EQ(key->parent, "base");
  EXPECT_EQ(driver().list(call).size(), 2u);
}

TEST_F(Snapshots, remove_is_repeatable_and_refuses_a_parent_in_use) {
  commit_file("base", "", "f", "x");
  driver().prepare(call, "k", "base", {});
  EXPECT_FAILS(driver().remove(call, "base"), Code::in_use);
  driver().remove(call, "k");
  driver().remove(call, "base");
  driver().remove(call, "base");
  EXPECT_TRUE(driver().list(call).empty());
}

TEST_F(Snapshots, usage_counts_what_was_written) {
  write_into("k", "", "f", std::string(100'000, 'x'));
  const DiskUsage usage = driver().usage(call, "k");
  EXPECT_GE(usage.bytes, 100'000u);
  EXPECT_GE(usage.inodes, 1u);
}

TEST_F(Snapshots, names_that_could_leave_the_directory_are_refused) {
  for (const std::string name : {"", ".", "..", "../x", "a/b", "-x", "a b"})
    EXPECT_FAILS(driver().prepare(call, name, "", {}), Code::invalid) << name;
  EXPECT_FAILS(driver().prepare(call, std::string(129, 'x'), "", {}), Code::invalid);
}

TEST_F(Snapshots, survive_a_restart) {
  commit_file("base", "", "f", "kept");
  write_into("k", "base", "g", "also kept");
  restart();
  const Mounted root(driver().mounts(call, "k"), scratch("m"));
  EXPECT_EQ(read_text(root.path("f")), "kept");
  EXPECT_EQ(read_text(root.path("g")), "also kept");
}

TEST_F(Snapshots, reconcile_removes_active_ones_that_nobody_knows) {
  commit_file("base", "", "f", "x");
  driver().prepare(call, "live", "base", {});
  driver().prepare(call, "orphan", "base", {});
  driver().reconcile(call, {"live"});
  EXPECT_TRUE(driver().stat(call, "live").has_value());
  EXPECT_TRUE(driver().stat(call, "base").has_value());
  EXPECT_FALSE(driver().stat(call, "orphan").has_value());
}

} // namespace

} // namespace gantry::driver_test
