#include "base/file.hpp"

#include <sys/stat.h>

#include <filesystem>

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "unit/base/temp_dir.hpp"

using namespace gantry;

namespace {

mode_t mode_of(const std::string& path) {
  struct stat info {};
  ::stat(path.c_str(), &info);
  return info.st_mode & 07777;
}

TEST(File, is_replaced_whole_with_an_exact_mode) {
  const test::TempDir dir;
  write_file_atomic(dir / "a", "one", 0666);
  write_file_atomic(dir / "a", "two", 0640, Durable::yes);
  EXPECT_EQ(read_file(dir / "a"), "two");
  EXPECT_EQ(mode_of(dir / "a"), 0640u);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir.path()), {}), 1);
}

TEST(File, that_cannot_be_replaced_leaves_nothing_behind) {
  const test::TempDir dir;
  std::filesystem::create_directories(dir / "a/b");
  EXPECT_THROW(write_file_atomic(dir / "a", "one", 0600), Error);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir.path()), {}), 1);
}

TEST(File, that_is_missing_is_not_found) {
  const test::TempDir dir;
  try {
    read_file(dir / "none");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::not_found);
    EXPECT_EQ(std::string(e.what()), "open " + (dir / "none") + ": no such file or directory");
  }
}

TEST(File, larger_than_the_limit_is_refused) {
  const test::TempDir dir;
  write_file_atomic(dir / "a", "12345", 0600);
  EXPECT_EQ(read_file(dir / "a", 5), "12345");
  EXPECT_THROW(read_file(dir / "a", 4), Error);
}

TEST(Directories, are_made_with_an_exact_mode_and_may_exist) {
  const test::TempDir dir;
  make_directories(dir / "a/b/c", 0711);
  make_directories(dir / "a/b/c", 0711);
  EXPECT_EQ(mode_of(dir / "a/b/c"), 0711u);
  write_file_atomic(dir / "file", "", 0600);
  EXPECT_THROW(make_directories(dir / "file", 0700), Error);
  EXPECT_THROW(make_directories(dir / "file/x", 0700), Error);
}

} // namespace
