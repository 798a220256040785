#include "containers/mounts.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "unit/base/temp_dir.hpp"

namespace gantry::containers {
namespace {

HostConfig binds(StringList specs) {
  HostConfig config;
  config.binds = std::move(specs);
  return config;
}

HostConfig mounts(const char* json) {
  HostConfig config;
  config.mounts = Json::parse(json);
  return config;
}

std::string refusal(const HostConfig& config) {
  try {
    (void)make_mounts(config);
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

TEST(Mounts, a_bind_becomes_a_recursive_private_mount) {
  const auto made = make_mounts(binds({"/src:/dst:ro"}));
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(made[0].dump(), R"({"destination":"/dst","type":"bind","source":"/src","options":["rbind","rprivate","ro"]})");
}

TEST(Mounts, bad_binds_are_refused_in_dockers_words) {
  EXPECT_EQ(refusal(binds({"foo"})),
            "invalid volume specification: 'foo': invalid mount config for type \"volume\": invalid mount path: "
            "'foo' mount path must be absolute");
  EXPECT_EQ(refusal(binds({"/foo:bar"})),
            "invalid volume specification: '/foo:bar': invalid mount config for type \"bind\": invalid mount "
            "path: 'bar' mount path must be absolute");
  EXPECT_EQ(refusal(binds({"/foo:/bar:zz"})), "invalid mode: zz");
  EXPECT_EQ(refusal(binds({"/a:/x", "/b:/x"})), "Duplicate mount point: /x");
  EXPECT_NE(refusal(binds({"/a:/"})), "");
  EXPECT_NE(refusal(binds({"name:/x"})), "");
}

TEST(Mounts, tmpfs_takes_size_and_mode) {
  const auto made = make_mounts(mounts(R"([{"Type":"tmpfs","Target":"/t","TmpfsOptions":{"SizeBytes":4096,"Mode":448}}])"));
  EXPECT_EQ(made[0]["options"].dump(), R"(["nosuid","nodev","noexec","rw","size=4096","mode=700"])");
}

TEST(Mounts, sources_of_mounts_must_exist) {
  const HostConfig config = mounts(R"([{"Type":"bind","Source":"/nope","Target":"/x"}])");
  try {
    check_mount_sources(config);
    FAIL();
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(), "invalid mount config for type \"bind\": bind source path does not exist: /nope");
  }
}

TEST(Mounts, sources_of_binds_are_made) {
  const test::TempDir dir;
  create_bind_sources(binds({dir / "a/b" + std::string(":/x")}));
  EXPECT_TRUE(std::filesystem::is_directory(dir / "a/b"));
}

} // namespace
} // namespace gantry::containers
