#include "containers/selinux/relabel.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/error.hpp"
#include "unit/base/temp_dir.hpp"

// Labels are extended attributes: also a kernel without a policy keeps what root writes there.
namespace gantry::containers::selinux {
namespace {

namespace fs = std::filesystem;

const std::string label = "system_u:object_r:container_file_t:s0:c1,c2";

std::string label_of(const fs::path& path) {
  char text[256];
  const ssize_t size = ::lgetxattr(path.c_str(), "security.selinux", text, sizeof text);
  return size <= 0 ? "" : std::string(text, static_cast<std::size_t>(size)).c_str();
}

class SelinuxRelabel : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(tree / "below/deep");
    fs::create_directories(outside);
    for (const fs::path& file : {tree / "file", tree / "below/deep/file", outside / "file"}) std::ofstream(file) << "x";
    fs::create_symlink(outside, tree / "to_directory");
    fs::create_symlink(outside / "file", tree / "below/to_file");
    ::mkfifo((tree / "pipe").c_str(), 0600);
    const int set = ::setxattr((outside / "file").c_str(), "security.selinux", "a:b:c", 6, 0);
    if (set != 0) GTEST_SKIP() << "needs root and a file system with security attributes";
  }

  test::TempDir root;
  fs::path tree = fs::path(root.path()) / "tree", outside = fs::path(root.path()) / "outside";
};

TEST_F(SelinuxRelabel, reaches_everything_below_and_nothing_that_links_lead_to) {
  relabel(tree, label);
  for (const char* name : {"", "file", "below", "below/deep", "below/deep/file", "pipe", "to_directory", "below/to_file"})
    EXPECT_EQ(label_of(tree / name), label) << name;
  EXPECT_EQ(label_of(outside), "");
  EXPECT_EQ(label_of(outside / "file"), "a:b:c");
}

TEST_F(SelinuxRelabel, follows_a_link_that_the_user_named) {
  fs::create_directory_symlink(tree, fs::path(root.path()) / "link");
  relabel(fs::path(root.path()) / "link", label);
  EXPECT_EQ(label_of(tree / "file"), label);
  EXPECT_EQ(label_of(fs::path(root.path()) / "link"), "");
}

TEST_F(SelinuxRelabel, labels_a_single_file) {
  relabel(tree / "file", label);
  EXPECT_EQ(label_of(tree / "file"), label);
  EXPECT_EQ(label_of(tree), "");
}

TEST_F(SelinuxRelabel, refuses_what_the_system_lives_in) {
  fs::create_directory_symlink("/usr", fs::path(root.path()) / "disguised");
  for (const std::string path : {std::string("/"), std::string("/usr"), std::string("/etc/"), std::string("/etc/passwd"),
                                 std::string("/var/../home"), root.path() + "/disguised"}) {
    try {
      relabel(path, label);
      ADD_FAILURE() << path;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Code::invalid) << e.what();
      EXPECT_NE(std::string(e.what()).find("SELinux relabeling of /"), std::string::npos);
    }
  }
  EXPECT_EQ(label_of("/usr"), "");
}

TEST_F(SelinuxRelabel, says_what_is_missing) {
  try {
    relabel(tree / "nosuch", label);
    ADD_FAILURE();
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("nosuch"), std::string::npos);
  }
}

} // namespace
} // namespace gantry::containers::selinux
