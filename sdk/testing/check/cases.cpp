#include "check/cases.hpp"

#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include <gantry/testing/subject.hpp>

#include "base/error.hpp"
#include "base/log.hpp"
#include "plugins/manifest.hpp"
#include "plugins/registry.hpp"

namespace gantry::check {

namespace fs = std::filesystem;

namespace {

constexpr int skipped = 77;

std::string name_of(const std::string& plugin) { return fs::path(plugin).stem().string(); }

plugins::Manifest manifest_of(const Options& options) {
  return plugins::read_manifest((fs::path(options.plugin).parent_path() / (name_of(options.plugin) + ".json")).string());
}

/// Which kind of driver a suite is for.
std::string kind_of(const std::string& suite) {
  if (suite == "Logs") return "log";
  if (suite == "Networks" || suite == "Ports") return "network";
  if (suite == "Volumes") return "volume";
  return suite == "Snapshots" || suite == "Layers" ? "storage" : "runtime";
}

bool has_kind(const std::vector<std::string>& kinds, const std::string& kind) {
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

/// A loaded plugin together with the directories below `root`.
std::shared_ptr<plugins::Registry> load(const Options& options, const std::string& root, const std::string& kind) {
  plugins::PluginOptions where{
      fs::path(options.plugin).parent_path().string(), root + "/state", root + "/run", options.libexec_dir, "check", false};
  auto registry = std::make_shared<plugins::Registry>(std::move(where));
  plugins::Choice choice;
  choice.plugin = name_of(options.plugin);
  registry->load({{kind, choice}});
  return registry;
}

void isolate() {
  if (::unshare(CLONE_NEWNS | CLONE_NEWNET) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    throw os_error("make namespaces for the case", errno);
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq loopback{};
  std::memcpy(loopback.ifr_name, "lo", 3);
  loopback.ifr_flags = IFF_UP | IFF_RUNNING;
  if (::ioctl(socket.get(), SIOCSIFFLAGS, &loopback) != 0) throw os_error("bring up the loopback interface", errno);
}

std::string own_name() { return "/gantry-check-" + std::to_string(::getpid()); }

/// A directory on a tmpfs of the case's own mount namespace, of which nothing is left when the process ends, or on the file
/// system that is to be tested.
std::string private_directory(const std::string& place) {
  const std::string root = "/tmp" + own_name(), source = place.empty() ? "gantry-check" : place + own_name();
  fs::create_directory(root);
  if (!place.empty()) fs::create_directories(source);
  const bool mounted = place.empty() ? ::mount(source.c_str(), root.c_str(), "tmpfs", MS_NOSUID, nullptr) == 0
                                     : ::mount(source.c_str(), root.c_str(), nullptr, MS_BIND, nullptr) == 0;
  if (!mounted) throw os_error("mount " + source + " on " + root, errno);
  fs::create_directory(root + "/scratch");
  return root;
}

void prepare_subject(const Options& options, const std::string& root) {
  auto& subject = driver_test::subject();
  subject.scratch = root + "/scratch";
  subject.runtime = [options, root] {
    auto registry = load(options, root, "runtime");
    return std::shared_ptr<RuntimeDriver>(registry, &registry->runtime());
  };
  subject.network = [options, root] {
    auto registry = load(options, root, "network");
    return std::shared_ptr<NetworkDriver>(registry, registry->networks().begin()->second);
  };
  subject.log_options = options.log_options;
  subject.log_target = options.log_target;
  subject.log = [options, root] {
    auto registry = load(options, root, "log");
    return std::shared_ptr<LogDriver>(registry, registry->logs().begin()->second);
  };
  subject.volume = [options, root] {
    auto registry = load(options, root, "volume");
    return std::shared_ptr<VolumeDriver>(registry, registry->volumes().begin()->second);
  };
  subject.storage = [options, root] {
    auto registry = load(options, root, "storage");
    return std::shared_ptr<StorageDriver>(registry, &registry->storage());
  };
}

} // namespace

std::vector<std::string> cases_for(const Options& options) {
  const auto kinds = manifest_of(options).kinds();
  std::vector<std::string> cases;
  const auto& all = *::testing::UnitTest::GetInstance();
  for (int s = 0; s < all.total_test_suite_count(); ++s) {
    const auto& suite = *all.GetTestSuite(s);
    if (!has_kind(kinds, kind_of(suite.name()))) continue;
    for (int t = 0; t < suite.total_test_count(); ++t) {
      std::string name = std::string(suite.name()) + "." + suite.GetTestInfo(t)->name();
      if (options.only.empty() || options.only == name) cases.push_back(std::move(name));
    }
  }
  if (cases.empty() && !options.only.empty()) throw not_found("the plugin's suites have no case '" + options.only + "'");
  if (cases.empty())
    throw unavailable("the plugin has no driver of a kind that has a conformance suite: runtime, storage, network, volume, log");
  return cases;
}

int run_here(const Options& options, const std::string& name) {
  log::set_level("error");
  isolate();
  const std::string root = private_directory(options.place);
  // Sockets of the machine's own services are not for a log driver under test, nor for the target that stands in for them.
  if (kind_of(name.substr(0, name.find('.'))) == "log" && ::mount("gantry-check", "/run", "tmpfs", MS_NOSUID, nullptr) != 0)
    throw os_error("mount a tmpfs on /run", errno);
  prepare_subject(options, root);
  GTEST_FLAG_SET(filter, name);
  delete ::testing::UnitTest::GetInstance()->listeners().Release(
      ::testing::UnitTest::GetInstance()->listeners().default_result_printer());
  const int result = RUN_ALL_TESTS();
  const auto& unit = *::testing::UnitTest::GetInstance();
  for (int s = 0; s < unit.total_test_suite_count(); ++s) {
    for (int t = 0; t < unit.GetTestSuite(s)->total_test_count(); ++t) {
      const auto& outcome = *unit.GetTestSuite(s)->GetTestInfo(t)->result();
      for (int p = 0; p < outcome.total_part_count(); ++p) std::printf("%s\n", outcome.GetTestPartResult(p).message());
    }
  }
  ::umount2(root.c_str(), MNT_DETACH);
  fs::remove(root);
  std::error_code stays; // what the driver has still mounted there
  if (!options.place.empty()) fs::remove_all(options.place + own_name(), stays);
  return result != 0 ? 1 : unit.skipped_test_count() > 0 ? skipped : 0;
}

} // namespace gantry::check
