#include "plugins/registry.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include <gantry/testing/fake_host.hpp>

#include "base/error.hpp"

namespace gantry::plugins {
namespace {

class RegistryOfExamples : public testing::Test {
 protected:
  Choice choice(const std::string& plugin, bool required = true) { return {plugin, Json::object(), required}; }
  PluginStatus status(const std::string& name) {
    for (const auto& plugin : registry.list()) {
      if (plugin.name == name) return plugin;
    }
    return {};
  }

  gantry::driver_test::FakeHost host;
  Registry registry{{GANTRY_EXAMPLES, host.state_dir(), host.run_dir(), "/nonexistent", "test", false}};
};

TEST_F(RegistryOfExamples, loads_what_is_selected) {
  registry.load({{"storage", choice("storage-dir")}});
  EXPECT_EQ(registry.storage().name(), "dir");
  const PluginStatus shown = status("storage-dir");
  EXPECT_EQ(shown.state, PluginState::loaded);
  EXPECT_EQ(shown.id, "com.example.storage-dir");
  EXPECT_EQ(shown.version, "1.0.0");
  EXPECT_EQ(shown.kind, "storage");
  EXPECT_EQ(shown.reason, "");
}

TEST_F(RegistryOfExamples, skips_what_is_not_selected) {
  registry.load({});
  EXPECT_EQ(status("storage-dir").state, PluginState::skipped);
  EXPECT_EQ(status("storage-dir").reason, "the configuration does not select it");
  EXPECT_THROW(registry.storage(), Error);
}

TEST_F(RegistryOfExamples, does_not_go_on_without_a_required_plugin) {
  try {
    registry.load({{"runtime", choice("storage-dir")}});
    FAIL() << "it was loaded";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::unavailable);
    EXPECT_STREQ(e.what(),
                 "the runtime plugin 'storage-dir' is required and cannot be loaded: the plugin has no runtime driver that this "
                 "engine knows, it offers gantry.storage/1");
  }
}

TEST_F(RegistryOfExamples, goes_on_without_an_optional_one_and_keeps_the_reason) {
  registry.load({{"clock", choice("storage-dir", false)}});
  EXPECT_EQ(status("storage-dir").state, PluginState::failed);
  EXPECT_EQ(status("storage-dir").reason, "this engine does not use clock plugins");
}

TEST_F(RegistryOfExamples, a_drivers_error_arrives_as_it_was_thrown) {
  registry.load({{"storage", choice("storage-dir")}});
  gantry::driver_test::FakeCall call;
  try {
    registry.storage().mounts(call, "k");
    FAIL() << "there is no snapshot";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::not_found);
    EXPECT_STREQ(e.what(), "no snapshot 'k'");
  }
}

} // namespace
} // namespace gantry::plugins
