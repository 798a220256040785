// Every way to fail has its plugin and its sentence.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include <gantry/testing/fake_host.hpp>

#include "base/error.hpp"
#include "plugins/call.hpp"
#include "plugins/registry.hpp"
#include "support/command.hpp"

namespace {

namespace fs = std::filesystem;
using gantry::plugins::Choice;
using gantry::plugins::PluginState;
using gantry::plugins::Registry;

const std::string faulty = GANTRY_FAULTY;

class FaultyPlugin : public testing::Test {
 protected:
  /// Loads it as the storage plugin and tells why not; empty when it was loaded.
  std::string refusal(const std::string& name, const std::string& directory = faulty,
                      const gantry::Json& config = gantry::Json::object()) {
    registry_ = std::make_unique<Registry>(
        gantry::plugins::PluginOptions{directory, host_.state_dir(), host_.run_dir(), "/nonexistent", "test", safe_mode_});
    registry_->load({{"storage", Choice{name, config, false}}});
    for (const auto& plugin : registry_->list()) {
      if (plugin.name == name) return plugin.reason;
    }
    return "it is not listed";
  }
  gantry::StorageDriver& driver() { return registry_->storage(); }

  /// A directory with the working plugin, for the test to spoil.
  std::string copy_of_works() {
    const std::string directory = host_.run_dir() + "/plugins";
    fs::create_directory(directory);
    for (const char* file : {"works.so", "works.json"}) fs::copy_file(faulty + "/" + file, directory + "/" + file);
    return directory;
  }

  template <class F>
  static std::string message(F f) {
    try {
      f();
      return "";
    } catch (const gantry::Error& e) {
      return e.what();
    }
  }

  gantry::driver_test::FakeHost host_;
  gantry::plugins::CancellableCall call_;
  bool safe_mode_ = false;

 private:
  std::unique_ptr<Registry> registry_;
};

TEST_F(FaultyPlugin, the_one_without_a_fault_is_loaded) {
  EXPECT_EQ(refusal("works"), "");
  EXPECT_EQ(driver().name(), "minimal");
  EXPECT_EQ(message([&] { driver().changes(call_, "k"); }), "driver 'faulty' does not implement changes");
}

struct Fault {
  const char* plugin;
  const char* sentence;
};

class FaultyEntry : public FaultyPlugin, public testing::WithParamInterface<Fault> {};

TEST_P(FaultyEntry, is_refused_with_a_sentence) { EXPECT_EQ(refusal(GetParam().plugin), GetParam().sentence); }

INSTANTIATE_TEST_SUITE_P(
    Faults, FaultyEntry,
    testing::Values(Fault{"refuses-engine", "the plugin refuses this engine, which speaks ABI 0.2"},
                    Fault{"wrong-major", "plugin ABI 2.0, this engine speaks 0.2"},
                    Fault{"short-plugin", "the plugin describes itself in 16 bytes, at least 64 are needed"},
                    Fault{"wrong-id",
                          "the library says that it is org.example.other 1.0, its manifest says org.example.faulty 1.0"},
                    Fault{"no-such-driver",
                          "the manifest promises driver 'faulty' with interface gantry.storage/1, the library does not have it"},
                    Fault{"no-table", "driver 'faulty' has no table"},
                    Fault{"short-table", "driver 'faulty' does not implement prepare"},
                    Fault{"half-group", "driver 'faulty' implements apply but not changes"},
                    Fault{"refuses-to-start", "no disk of the name /dev/none"},
                    Fault{"no-instance", "driver 'faulty' was created without an instance"}),
    [](const auto& row) {
      std::string name = row.param.plugin;
      for (char& c : name) c = c == '-' ? '_' : c;
      return name;
    });

TEST_F(FaultyPlugin, without_an_entry_is_no_plugin) {
  EXPECT_EQ(refusal("no-entry"), faulty + "/no-entry.so is not a Gantry plugin: it does not export gantry_plugin_entry_v1");
}

TEST_F(FaultyPlugin, that_throws_is_named) {
  ASSERT_EQ(refusal("throws"), "");
  EXPECT_EQ(message([&] { driver().name(); }), "driver 'faulty' let an exception out of name");
}

TEST_F(FaultyPlugin, that_returns_garbage_is_named) {
  ASSERT_EQ(refusal("garbage"), "");
  EXPECT_EQ(message([&] { driver().name(); }), "malformed data crossed the plugin boundary: a string of 5 bytes at address 0");
  EXPECT_EQ(message([&] { driver().mounts(call_, "k"); }), "driver 'faulty' failed mounts with the unknown code 4711");
  EXPECT_EQ(message([&] { driver().remove(call_, "k"); }), "driver 'faulty' failed remove without saying why");
  EXPECT_EQ(message([&] { driver().stat(call_, "k"); }), "malformed data crossed the plugin boundary: a snapshot of kind 99");
  EXPECT_EQ(message([&] { driver().usage(call_, "k"); }), "driver 'faulty' returned nothing from usage");
}

TEST_F(FaultyPlugin, that_leaves_traces_in_the_daemon_is_named) {
#ifdef NDEBUG
  GTEST_SKIP() << "only debug builds look";
#endif
  ASSERT_EQ(refusal("leaves-traces"), "");
  const mode_t mask = ::umask(022);
  const std::string umask_message = message([&] { driver().remove(call_, "k"); });
  ::umask(mask);
  EXPECT_EQ(umask_message, "driver 'faulty' changed the umask of the daemon in remove");
  const fs::path here = fs::current_path();
  fs::current_path("/proc");
  const std::string cwd_message = message([&] { driver().reconcile(call_, {}); });
  fs::current_path(here);
  EXPECT_EQ(cwd_message, "driver 'faulty' changed the working directory of the daemon in reconcile");
}

TEST_F(FaultyPlugin, that_crashes_fails_one_case_of_the_check) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const auto output =
      gantry::test::run({GANTRY_BUILD "/bin/gantry-plugin-check", "--case", "Snapshots.has_a_name", faulty + "/crashes.so"});
  EXPECT_EQ(output.code, 1);
  EXPECT_NE(output.out.find("crashed with SIGILL"), std::string::npos) << output.out << output.err;
}

TEST_F(FaultyPlugin, that_hangs_fails_one_case_of_the_check) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const auto output = gantry::test::run(
      {GANTRY_BUILD "/bin/gantry-plugin-check", "--timeout", "1", "--case", "Snapshots.has_a_name", faulty + "/hangs.so"});
  EXPECT_EQ(output.code, 1);
  EXPECT_NE(output.out.find("did not return within 1 s"), std::string::npos) << output.out << output.err;
}

TEST_F(FaultyPlugin, with_a_config_against_its_schema_is_refused) {
  EXPECT_EQ(refusal("works", faulty, {{"size", "big"}}), "config.size: \"big\" is not of type integer");
  EXPECT_EQ(refusal("works", faulty, {{"sise", 1}}), "config: unknown key 'sise'");
}

TEST_F(FaultyPlugin, that_is_not_there_is_named) {
  EXPECT_EQ(refusal("missing"), faulty + "/missing.json does not exist");
  EXPECT_EQ(refusal("../works"), "'../works' is not a plugin name: 1 to 64 of a-z, 0-9 and -");
}

TEST_F(FaultyPlugin, that_others_can_write_is_refused) {
  const std::string directory = copy_of_works();
  fs::permissions(directory + "/works.so", fs::perms(0757));
  EXPECT_EQ(refusal("works", directory),
            directory + "/works.so can be written by others (mode 0757), which would let them run code in the daemon");
}

TEST_F(FaultyPlugin, with_a_manifest_that_others_can_write_is_refused) {
  const std::string directory = copy_of_works();
  fs::permissions(directory + "/works.json", fs::perms(0646));
  EXPECT_EQ(refusal("works", directory),
            directory + "/works.json can be written by others (mode 0646), which would let them run code in the daemon");
}

TEST_F(FaultyPlugin, that_belongs_to_somebody_else_is_refused) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const std::string directory = copy_of_works();
  ASSERT_EQ(::chown((directory + "/works.so").c_str(), 4711, 0), 0);
  EXPECT_EQ(refusal("works", directory),
            directory + "/works.so belongs to user 4711, only root and the daemon's user are trusted");
}

TEST_F(FaultyPlugin, that_is_a_symlink_is_refused) {
  const std::string directory = copy_of_works();
  fs::remove(directory + "/works.so");
  fs::create_symlink(faulty + "/works.so", directory + "/works.so");
  EXPECT_EQ(refusal("works", directory), directory + "/works.so is not a regular file");
}

TEST_F(FaultyPlugin, that_is_no_library_is_refused_with_the_linkers_words) {
  const std::string directory = copy_of_works();
  std::ofstream(directory + "/works.so") << "text";
  EXPECT_EQ(refusal("works", directory), "the library cannot be loaded: " + directory + "/works.so: file too short");
}

TEST_F(FaultyPlugin, with_a_bad_manifest_is_refused_before_its_code_runs) {
  const std::string directory = copy_of_works();
  std::ofstream(directory + "/works.json") << "{";
  EXPECT_EQ(refusal("works", directory), "manifest " + directory + "/works.json: it is not JSON");
}

TEST_F(FaultyPlugin, from_elsewhere_is_skipped_in_safe_mode) {
  safe_mode_ = true;
  EXPECT_EQ(refusal("works"), "safe mode loads only the plugins that ship with the engine");
}

} // namespace
