#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include <gantry/sdk/fd.hpp>

#include "conformance/storage_suite.hpp"
#include "conformance/tar_bytes.hpp"

namespace gantry::driver_test {

namespace {

class Layers : public StorageSuite {
 protected:
  void SetUp() override {
    StorageSuite::SetUp();
    driver().prepare(call, "probe", "", {});
    try {
      driver().changes(call, "probe");
    } catch (const Error& e) {
      if (e.code() == Code::not_implemented) GTEST_SKIP() << e.what();
      throw;
    }
    driver().remove(call, "probe");
  }

  AppliedLayer apply(const std::string& key, const std::string& tar) {
    write_text(scratch("layer.tar"), tar);
    const UniqueFd in(::open(scratch("layer.tar").c_str(), O_RDONLY | O_CLOEXEC));
    return driver().apply(call, key, in.get());
  }
  void layer(const std::string& name, const std::string& parent, const TarBytes& tar) {
    driver().prepare(call, name + ".key", "", {});
    apply(name + ".key", tar.bytes());
    driver().commit(call, name, name + ".key", parent);
  }
  void refuses(const std::string& tar) {
    driver().prepare(call, "hostile", "", {});
    EXPECT_FAILS(apply("hostile", tar), Code::invalid);
    driver().remove(call, "hostile");
  }
  Mounted mount_child(const std::string& parent) { return {driver().prepare(call, "child", parent, {}), scratch("m")}; }
};

TEST_F(Layers, a_layer_is_named_by_the_digest_of_its_tar) {
  driver().prepare(call, "k", "", {});
  const AppliedLayer layer = apply("k", std::string(1024, '\0'));
  EXPECT_EQ(layer.diff_id, "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef");
  EXPECT_EQ(layer.bytes, 0u);
}

TEST_F(Layers, the_size_of_a_layer_is_that_of_its_regular_files) {
  driver().prepare(call, "k", "", {});
  EXPECT_EQ(apply("k", TarBytes().directory("d/").file("d/f", "12345").symlink("l", "d/f").bytes()).bytes, 5u + 3u);
}

TEST_F(Layers, layers_are_assembled_at_commit) {
  layer("base", "", TarBytes().file("a", "1").file("b", "1"));
  layer("next", "base", TarBytes().file("b", "2"));
  const auto root = mount_child("next");
  EXPECT_EQ(read_text(root.path("a")), "1");
  EXPECT_EQ(read_text(root.path("b")), "2");
}

TEST_F(Layers, a_whiteout_removes_a_file_of_the_parent) {
  layer("base", "", TarBytes().directory("d/").file("d/a", "1").file("d/b", "1"));
  layer("next", "base", TarBytes().directory("d/").file("d/.wh.a", ""));
  const auto root = mount_child("next");
  EXPECT_FALSE(std::filesystem::exists(root.path("d/a")));
  EXPECT_FALSE(std::filesystem::exists(root.path("d/.wh.a")));
  EXPECT_TRUE(std::filesystem::exists(root.path("d/b")));
}

TEST_F(Layers, an_opaque_directory_hides_all_of_the_parents) {
  layer("base", "", TarBytes().directory("d/").file("d/a", "1"));
  layer("next", "base", TarBytes().directory("d/").file("d/.wh..wh..opq", "").file("d/b", "2"));
  const auto root = mount_child("next");
  EXPECT_FALSE(std::filesystem::exists(root.path("d/a")));
  EXPECT_EQ(read_text(root.path("d/b")), "2");
}

TEST_F(Layers, hard_links_stay_one_file) {
  layer("base", "", TarBytes().file("a", "x").hardlink("b", "a"));
  const auto root = mount_child("base");
  struct stat a {
  }, b{};
  ASSERT_EQ(::stat(root.path("a").c_str(), &a), 0);
  ASSERT_EQ(::stat(root.path("b").c_str(), &b), 0);
  EXPECT_EQ(a.st_ino, b.st_ino);
}

TEST_F(Layers, changes_tells_what_was_added_modified_and_deleted) {
  layer("base", "", TarBytes().file("old", "1").file("gone", "1"));
  {
    const auto root = mount_child("base");
    write_text(root.path("new"), "n");
    write_text(root.path("old"), "changed");
    std::filesystem::remove(root.path("gone"));
  }
  const auto changes = driver().changes(call, "child");
  const auto kind_of = [&](const std::string& path) {
    const auto found = std::find_if(changes.begin(), changes.end(), [&](const Change& c) { return c.path == path; });
    return found == changes.end() ? std::string("unchanged") : std::to_string(static_cast<int>(found->kind));
  };
  EXPECT_EQ(kind_of("/old"), "0");
  EXPECT_EQ(kind_of("/new"), "1");
  EXPECT_EQ(kind_of("/gone"), "2");
}

TEST_F(Layers, what_diff_writes_can_be_applied) {
  layer("base", "", TarBytes().file("kept", "1").file("gone", "1"));
  {
    const auto root = mount_child("base");
    write_text(root.path("new"), "n");
    std::filesystem::remove(root.path("gone"));
  }
  const UniqueFd out(::open(scratch("diff.tar").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  const AppliedLayer written = driver().diff(call, "child", out.get());
  driver().prepare(call, "copy.key", "", {});
  EXPECT_EQ(apply("copy.key", read_text(scratch("diff.tar"))).diff_id, written.diff_id);
  driver().commit(call, "copy", "copy.key", "base");
  const Mounted copy(driver().prepare(call, "c", "copy", {}), scratch("m2"));
  EXPECT_EQ(read_text(copy.path("new")), "n");
  EXPECT_EQ(read_text(copy.path("kept")), "1");
  EXPECT_FALSE(std::filesystem::exists(copy.path("gone")));
}

TEST_F(Layers, export_writes_the_merged_tree) {
  layer("base", "", TarBytes().file("a", "from base"));
  layer("next", "base", TarBytes().file("b", "from next"));
  const UniqueFd out(::open(scratch("tree.tar").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  driver().export_tree(call, "next", out.get());
  driver().prepare(call, "flat", "", {});
  apply("flat", read_text(scratch("tree.tar")));
  const Mounted flat(driver().mounts(call, "flat"), scratch("m"));
  EXPECT_EQ(read_text(flat.path("a")), "from base");
  EXPECT_EQ(read_text(flat.path("b")), "from next");
}

TEST_F(Layers, a_path_out_of_the_layer_is_refused) { refuses(TarBytes().file("../escaped", "x").bytes()); }

TEST_F(Layers, a_path_through_a_symlink_stays_inside) {
  write_text(scratch("outside"), "untouched");
  driver().prepare(call, "k", "", {});
  const std::string tar = TarBytes().symlink("l", subject().scratch).file("l/outside", "escaped").bytes();
  failure([&] { apply("k", tar); });
  EXPECT_EQ(read_text(scratch("outside")), "untouched");
}

TEST_F(Layers, a_hard_link_to_the_host_is_refused) {
  write_text(scratch("outside"), "secret");
  driver().prepare(call, "k", "", {});
  failure([&] { apply("k", TarBytes().hardlink("stolen", scratch("outside")).bytes()); });
  const Mounted root(driver().mounts(call, "k"), scratch("m"));
  EXPECT_EQ(read_text(root.path("stolen")), "");
}

TEST_F(Layers, a_truncated_tar_is_refused) { refuses(TarBytes().file("f", std::string(5000, 'x')).bytes().substr(0, 2000)); }

TEST_F(Layers, what_is_no_tar_is_refused) { refuses(std::string(2048, 'x')); }

} // namespace

} // namespace gantry::driver_test
