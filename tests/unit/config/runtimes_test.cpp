#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/config/load_from.hpp"

using namespace gantry;
using test::error_of, test::load_file, test::load_flags;
using testing::ElementsAre, testing::HasSubstr, testing::IsEmpty;

namespace {

TEST(ConfigRuntimes, come_from_dockers_file_and_from_flags) {
  const auto c =
      load_file(R"({"runtimes": {"crun": {"path": "/usr/bin/crun", "runtimeArgs": ["--debug"]}}, "default-runtime": "crun"})",
                "daemon.json", {"--add-runtime", "other=/opt/other"});
  EXPECT_EQ(c.runtimes.at("crun").path, "/usr/bin/crun");
  EXPECT_THAT(c.runtimes.at("crun").arguments, ElementsAre("--debug"));
  EXPECT_EQ(c.runtimes.at("other").path, "/opt/other");
  EXPECT_EQ(c.default_runtime, "crun");
}

TEST(ConfigRuntimes, dockers_names_stand_for_our_own_unless_configured) {
  EXPECT_EQ(load_flags({"--default-runtime", "runc"}).default_runtime, "gantry");
  EXPECT_EQ(load_flags({"--default-runtime", "runc", "--add-runtime", "runc=/usr/sbin/runc"}).default_runtime, "runc");
}

TEST(ConfigRuntimes, bad_ones_are_refused) {
  EXPECT_THAT(error_of([] {
                load_flags({"--default-runtime", "nope"});
              }),
              HasSubstr("specified default runtime 'nope' does not exist"));
  EXPECT_THAT(error_of([] { load_flags({"--add-runtime", "x"}); }), HasSubstr("invalid runtime argument: x"));
  EXPECT_THAT(error_of([] { load_flags({"--add-runtime", "gantry=/x"}); }), HasSubstr("runtime name 'gantry' is reserved"));
  EXPECT_THAT(error_of([] { load_flags({"--add-runtime", "a=/x", "--add-runtime", "a=/y"}); }), HasSubstr("already registered"));
  EXPECT_THAT(error_of([] { load_file("runtimes: {a: {runtimeType: io.containerd.x}}"); }),
              HasSubstr("runtimeType is for containerd"));
  EXPECT_THAT(error_of([] { load_file("runtimes: {a: {}}"); }), HasSubstr("path is missing"));
  EXPECT_THAT(error_of([] { load_file("runtimes: {a: {path: /x, args: []}}"); }), HasSubstr("unknown key \"args\""));
  EXPECT_THAT(error_of([] { load_file("runtimes: [a]"); }), HasSubstr("a map of runtimes is needed"));
}

TEST(ConfigCdi, has_dockers_directories_and_can_be_turned_off) {
  EXPECT_THAT(load_flags({}).cdi_spec_dirs, ElementsAre("/etc/cdi", "/var/run/cdi"));
  EXPECT_THAT(load_flags({"--cdi-spec-dir", "/a", "--cdi-spec-dir", "/b"}).cdi_spec_dirs, ElementsAre("/a", "/b"));
  EXPECT_THAT(load_flags({"--cdi-spec-dir", ""}).cdi_spec_dirs, IsEmpty());
}

} // namespace
