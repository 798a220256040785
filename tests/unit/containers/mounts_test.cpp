#include "containers/mounts.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "containers/volumes.hpp"
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

std::string mount_refusal(const HostConfig& config) {
  try {
    (void)requested_mounts(config);
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

struct Refused {
  const char* name;
  HostConfig config;
  const char* text;
};

class RefusedMount : public testing::TestWithParam<Refused> {};

TEST_P(RefusedMount, is_told_in_dockers_words) { EXPECT_EQ(mount_refusal(GetParam().config), GetParam().text); }

INSTANTIATE_TEST_SUITE_P(
    Mounts, RefusedMount,
    testing::Values(
        Refused{"relative_path", binds({"foo"}),
                "invalid volume specification: 'foo': invalid mount config for type \"volume\": invalid mount path: "
                "'foo' mount path must be absolute"},
        Refused{"relative_target", binds({"/foo:bar"}),
                "invalid volume specification: '/foo:bar': invalid mount config for type \"bind\": invalid mount "
                "path: 'bar' mount path must be absolute"},
        Refused{"root_of_a_volume", binds({"vol1:/"}),
                "invalid volume specification: 'vol1:/': invalid mount config for type \"volume\": invalid specification: "
                "destination can't be '/'"},
        Refused{"unknown_mode", binds({"/foo:/bar:zz"}), "invalid mode: zz"},
        Refused{"mode_twice", binds({"/foo:/bar:ro,rw"}), "invalid mode: ro,rw"},
        Refused{"path_and_mode", binds({"/x:ro"}), "invalid volume specification: '/x:ro'"},
        Refused{"no_source", binds({":/x"}), "invalid volume specification: ':/x'"},
        Refused{"too_many_colons", binds({"vol1:/x:ro:z"}), "invalid volume specification: 'vol1:/x:ro:z'"},
        Refused{"propagation_of_a_volume", binds({"vol1:/x:rshared"}),
                "invalid volume specification: 'vol1:/x:rshared': invalid mount config for type \"volume\": field BindOptions "
                "must not be specified"},
        Refused{"one_target_twice", binds({"/a:/x", "vol1:/x/"}), "Duplicate mount point: /x"},
        Refused{"anonymous_and_read_only", mounts(R"([{"Type":"volume","Target":"/m","ReadOnly":true}])"),
                "invalid mount config for type \"volume\": must not set ReadOnly mode when using anonymous volumes"},
        Refused{"unknown_type", mounts(R"([{"Type":"npipe","Target":"/m"}])"),
                "invalid mount config for type \"npipe\": mount type unknown"},
        Refused{"no_target", mounts(R"([{"Type":"volume"}])"),
                "invalid mount config for type \"volume\": field Target must not be empty"},
        Refused{"tmpfs_with_source", mounts(R"([{"Type":"tmpfs","Source":"/x","Target":"/m"}])"),
                "invalid mount config for type \"tmpfs\": field Source must not be specified"},
        Refused{"subpath_that_leaves",
                mounts(R"([{"Type":"volume","Source":"v1","Target":"/m","VolumeOptions":{"Subpath":"../x"}}])"),
                "invalid mount config for type \"volume\": subpath must be a relative path within the volume"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(Mounts, a_bind_becomes_a_recursive_private_mount) {
  const auto made = oci_mounts(requested_points(binds({"/src:/dst:ro"})));
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(made[0].dump(), R"({"destination":"/dst","type":"bind","source":"/src","options":["rbind","rprivate","rro"]})");
}

TEST(Mounts, tmpfs_takes_size_and_mode) {
  const auto made =
      oci_mounts(requested_points(mounts(R"([{"Type":"tmpfs","Target":"/t","TmpfsOptions":{"SizeBytes":4096,"Mode":448}}])")));
  EXPECT_EQ(made[0]["options"].dump(), R"(["nosuid","nodev","noexec","rw","size=4096","mode=700"])");
}

TEST(Mounts, a_name_is_a_volume_and_no_name_an_anonymous_one) {
  const auto points = requested_points(binds({"data:/a:nocopy", "/b"}));
  ASSERT_EQ(points.size(), 2U);
  EXPECT_EQ(points[0].name, "data");
  EXPECT_FALSE(points[0].copy);
  EXPECT_FALSE(points[0].anonymous);
  EXPECT_TRUE(points[1].anonymous);
  EXPECT_TRUE(points[1].copy);
}

TEST(Mounts, options_of_a_volume_are_read) {
  const auto requests = requested_mounts(mounts(
      R"([{"Type":"volume","Source":"v1","Target":"/m/","VolumeOptions":{"NoCopy":true,"Labels":{"a":"b"},"Subpath":"s/t",)"
      R"("DriverConfig":{"Name":"local","Options":{"type":"tmpfs"}}}}])"));
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].point.destination, "/m");
  EXPECT_EQ(requests[0].point.subpath, "s/t");
  EXPECT_FALSE(requests[0].point.copy);
  EXPECT_EQ(requests[0].driver, "local");
  EXPECT_EQ(requests[0].labels.at("a"), "b");
  EXPECT_EQ(requests[0].options.at("type"), "tmpfs");
}

TEST(Mounts, volumes_of_other_containers_may_be_read_only) {
  EXPECT_FALSE(parse_volumes_from("box").read_only);
  EXPECT_TRUE(parse_volumes_from("box:ro").read_only);
  EXPECT_EQ(parse_volumes_from("box:ro").container, "box");
  EXPECT_THROW((void)parse_volumes_from("box:nocopy"), Error);
  EXPECT_THROW((void)parse_volumes_from(""), Error);
}

TEST(Mounts, sources_of_mounts_must_exist) {
  const auto points = requested_points(mounts(R"([{"Type":"bind","Source":"/nope","Target":"/x"}])"));
  try {
    check_mount_sources(points);
    FAIL();
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(), "invalid mount config for type \"bind\": bind source path does not exist: /nope");
  }
}

TEST(Mounts, sources_of_binds_are_made) {
  const test::TempDir dir;
  create_bind_sources(requested_points(binds({dir / "a/b" + std::string(":/x")})));
  EXPECT_TRUE(std::filesystem::is_directory(dir / "a/b"));
}

} // namespace
} // namespace gantry::containers
