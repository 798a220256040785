#include "state/paths.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "unit/base/temp_dir.hpp"

using namespace gantry;

namespace {

TEST(Paths, exist_after_create) {
  const test::TempDir dir;
  const state::Paths paths(dir / "data", dir / "run");
  paths.create();
  paths.create();
  for (const auto& path : {paths.blobs(), paths.ingest(), paths.containers(), dir / "data/plugins", dir / "run/plugins"}) {
    EXPECT_TRUE(std::filesystem::is_directory(path)) << path;
  }
  EXPECT_EQ(std::filesystem::status(dir / "data").permissions(), std::filesystem::perms(0710));
  EXPECT_EQ(std::filesystem::status(dir / "run").permissions(), std::filesystem::perms(0711));
}

TEST(Paths, are_those_of_dockers_data_root) {
  const state::Paths paths("/d", "/r");
  EXPECT_EQ(paths.container_log("abc"), "/d/containers/abc/abc-json.log");
  const std::string hex(64, 'a');
  EXPECT_EQ(paths.blob("sha256:" + hex), "/d/content/blobs/sha256/" + hex);
}

TEST(Paths, never_leave_their_root) {
  const state::Paths paths("/d", "/r");
  for (const char* name : {"", ".", "..", "a/b", "../x"}) EXPECT_THROW(paths.container(name), Error) << name;
  for (const std::string digest : {"", "sha256:", "sha256:../../x", "md5:aa"}) EXPECT_THROW(paths.blob(digest), Error) << digest;
  EXPECT_THROW(paths.blob("sha256:" + std::string(64, 'A')), Error);
}

TEST(Paths, name_the_path_that_cannot_be_made) {
  const state::Paths paths("/proc/nothing/data", "/proc/nothing/run");
  try {
    paths.create();
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("/proc/nothing"), std::string::npos) << e.what();
  }
}

} // namespace
