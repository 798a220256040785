#include <gmock/gmock.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <filesystem>

#include "fixture.hpp"

namespace gantry::storage_overlay::test {
namespace {

namespace stdfs = std::filesystem;

class OverlayApply : public OverlayTest {
 protected:
  void unpack(const std::vector<Item>& items) {
    driver_->prepare(call_, "k", "", {});
    apply("k", make_tar(items));
  }
  std::string at(const std::string& path) const { return fs("k") + "/" + path; }
  std::string xattr(const std::string& path, const char* name) const {
    char value[256];
    const ssize_t size = ::lgetxattr(at(path).c_str(), name, value, sizeof value);
    return size < 0 ? "<none>" : std::string(value, static_cast<std::size_t>(size));
  }
};

// VFS_CAP_REVISION_2 with cap_net_raw, permitted and effective
const std::string net_raw("\x01\x00\x00\x02\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", 20);

TEST_F(OverlayApply, keeps_owner_mode_time_and_content) {
  unpack({{.path = "dir", .mode = S_IFDIR | 01770, .uid = 5, .gid = 6, .mtime = 12345},
          {.path = "dir/su", .content = "x", .mode = S_IFREG | 06755, .uid = 1000, .gid = 1001, .mtime = 999}});
  const auto file = stat_of(at("dir/su"));
  EXPECT_EQ(file.st_mode, S_IFREG | 06755U);
  EXPECT_EQ(file.st_uid, 1000U);
  EXPECT_EQ(file.st_gid, 1001U);
  EXPECT_EQ(file.st_mtim.tv_sec, 999);
  const auto dir = stat_of(at("dir"));
  EXPECT_EQ(dir.st_mode, S_IFDIR | 01770U);
  EXPECT_EQ(dir.st_mtim.tv_sec, 12345);
}

TEST_F(OverlayApply, gives_directories_that_no_entry_tells_of_a_fixed_time) {
  unpack({{"told/of/later", "x"}, {.path = "told", .mode = S_IFDIR | 0755, .mtime = 12345}});
  EXPECT_EQ(stat_of(at("told")).st_mtim.tv_sec, 12345);
  EXPECT_EQ(stat_of(at("told/of")).st_mtim.tv_sec, 0);
}

TEST_F(OverlayApply, keeps_links_devices_and_fifos) {
  unpack({{"file", "x"},
          {.path = "hard", .hardlink = "/file"},
          {.path = "soft", .symlink = "/absolute/target", .mtime = 77},
          {.path = "null", .mode = S_IFCHR | 0666, .device = makedev(1, 3)},
          {.path = "fifo", .mode = S_IFIFO | 0600}});
  EXPECT_EQ(stat_of(at("hard")).st_ino, stat_of(at("file")).st_ino);
  EXPECT_EQ(stdfs::read_symlink(at("soft")), "/absolute/target");
  EXPECT_EQ(stat_of(at("soft")).st_mtim.tv_sec, 77);
  EXPECT_EQ(stat_of(at("null")).st_rdev, makedev(1, 3));
  EXPECT_TRUE(S_ISFIFO(stat_of(at("fifo")).st_mode));
}

TEST_F(OverlayApply, keeps_extended_attributes_and_file_capabilities) {
  unpack({{.path = "ping",
           .content = "x",
           .mode = S_IFREG | 0755,
           .xattrs = {{"security.capability", net_raw}, {"user.a", "b"}},
           .uid = 7}});
  EXPECT_EQ(xattr("ping", "security.capability"), net_raw);
  EXPECT_EQ(xattr("ping", "user.a"), "b");
}

TEST_F(OverlayApply, does_not_let_a_tar_steer_overlayfs) {
  unpack({{.path = "d",
           .mode = S_IFDIR | 0755,
           .xattrs = {{"trusted.overlay.redirect", "/secret"}, {"trusted.overlay.opaque", "y"}}}});
  EXPECT_EQ(xattr("d", "trusted.overlay.redirect"), "<none>");
  EXPECT_EQ(xattr("d", "trusted.overlay.opaque"), "<none>");
}

TEST_F(OverlayApply, does_not_let_a_tar_label_files_for_selinux) {
  unpack({{.path = "f", .content = "x", .xattrs = {{"security.selinux", "system_u:object_r:shadow_t:s0"}, {"user.a", "b"}}}});
  EXPECT_EQ(xattr("f", "security.selinux"), "<none>");
  EXPECT_EQ(xattr("f", "user.a"), "b");
}

TEST_F(OverlayApply, keeps_the_bytes_of_every_name) {
  const std::string composed = "caf\xc3\xa9", decomposed = "cafe\xcc\x81", latin1 = "caf\xe9", lengthy(200, 'n');
  unpack({{composed, "1"},
          {decomposed, "2"},
          {latin1, "3"},
          {lengthy + "/" + lengthy, "4"},
          {.path = "link", .symlink = decomposed}});
  EXPECT_EQ(read(at(composed)), "1");
  EXPECT_EQ(read(at(decomposed)), "2");
  EXPECT_EQ(read(at(latin1)), "3");
  EXPECT_EQ(read(at(lengthy + "/" + lengthy)), "4");
  EXPECT_EQ(stdfs::read_symlink(at("link")), decomposed);
}

TEST_F(OverlayApply, leaves_holes_in_sparse_files) {
  unpack({{.path = "sparse", .content = std::string(4096, 'x'), .declared_size = 1LL << 30}});
  const auto info = stat_of(at("sparse"));
  EXPECT_EQ(info.st_size, 1LL << 30);
  EXPECT_LT(info.st_blocks, 1024);
}

TEST_F(OverlayApply, whiteouts_hide_names_of_the_parent) {
  make_layer("base", "", {{"gone", "x"}, {"dir/old", "x"}, {"stays", "x"}});
  make_layer("top", "base", {{".wh.gone"}, {.path = "dir", .mode = S_IFDIR | 0755}, {"dir/.wh..wh..opq"}, {"dir/new", "y"}});
  EXPECT_EQ(stat_of(fs("top") + "/gone").st_rdev, makedev(0, 0));
  const auto mounted = mount(driver_->view(call_, "v", "top"));
  EXPECT_FALSE(stdfs::exists(mounted.path() + "/gone"));
  EXPECT_FALSE(stdfs::exists(mounted.path() + "/dir/old"));
  EXPECT_EQ(read(mounted.path() + "/dir/new"), "y");
  EXPECT_EQ(read(mounted.path() + "/stays"), "x");
}

TEST_F(OverlayApply, a_whiteout_beside_a_new_directory_makes_it_opaque) {
  make_layer("base", "", {{"a/old", "x"}, {"b/old", "x"}});
  make_layer("top", "base", {{".wh.a"}, {"a/new", "y"}, {"b/new", "y"}, {".wh.b"}});
  const auto mounted = mount(driver_->view(call_, "v", "top"));
  for (const std::string name : {"a", "b"}) {
    EXPECT_FALSE(stdfs::exists(mounted.path() + "/" + name + "/old")) << name;
    EXPECT_TRUE(stdfs::exists(mounted.path() + "/" + name + "/new")) << name;
  }
}

TEST_F(OverlayApply, a_later_entry_of_the_same_name_wins) {
  unpack({{"x/y/z", "1"}, {"x", "file"}, {"l", "1"}, {.path = "l", .symlink = "t"}, {"l", "2"}});
  EXPECT_EQ(read(at("x")), "file");
  EXPECT_EQ(read(at("l")), "2");
}

TEST_F(OverlayApply, the_digest_covers_every_byte_of_the_stream) {
  std::string tar = make_tar({{"a", "hello"}, {"b", "12345"}});
  tar += std::string(10240, '\0') + "trailing";
  driver_->prepare(call_, "k", "", {});
  const AppliedLayer layer = apply("k", tar);
  EXPECT_EQ(layer.diff_id, sha256_of(tar));
  EXPECT_EQ(layer.bytes, 10U);
}

TEST_F(OverlayApply, an_empty_stream_is_an_empty_layer) {
  driver_->prepare(call_, "k", "", {});
  EXPECT_EQ(apply("k", "").diff_id, "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_F(OverlayApply, a_cancelled_call_ends_at_once) {
  driver_->prepare(call_, "k", "", {});
  call_.cancel();
  try {
    apply("k", make_tar({{"a", "x"}}));
    FAIL() << "not cancelled";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::cancelled);
  }
}

} // namespace
} // namespace gantry::storage_overlay::test
