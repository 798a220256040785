#include <algorithm>
#include <sstream>

#include "base/error.hpp"
#include "containers/spec/mounts.hpp"

namespace gantry::containers {
namespace {

constexpr std::string_view flags[][2] = {{"ro", "rw"},
                                         {"nosuid", "suid"},
                                         {"nodev", "dev"},
                                         {"noexec", "exec"},
                                         {"sync", "async"},
                                         {"mand", "nomand"},
                                         {"dirsync", "dirsync"},
                                         {"noatime", "atime"},
                                         {"nodiratime", "diratime"},
                                         {"relatime", "norelatime"},
                                         {"strictatime", "nostrictatime"},
                                         {"remount", "remount"}};
constexpr std::string_view propagations[] = {"bind",     "rbind",  "unbindable", "runbindable", "private",
                                             "rprivate", "shared", "rshared",    "slave",       "rslave"};
constexpr std::string_view data_keys[] = {"mode", "size", "uid", "gid", "nr_inodes", "nr_blocks", "mpol", "huge"};

/// What an option is about: a later option on the same subject replaces an earlier one. Empty: unknown.
std::string_view subject_of(std::string_view option) {
  const std::size_t equals = option.find('=');
  if (equals != std::string_view::npos) {
    const auto key = std::find(std::begin(data_keys), std::end(data_keys), option.substr(0, equals));
    return key == std::end(data_keys) ? std::string_view() : *key;
  }
  for (const auto& [one, other] : flags) {
    if (option == one || option == other) return one;
  }
  const auto propagation = std::find(std::begin(propagations), std::end(propagations), option);
  return propagation == std::end(propagations) ? std::string_view() : "propagation";
}

} // namespace

StringList tmpfs_options(const std::string& text) {
  StringList options = {"noexec", "nosuid", "nodev", "rprivate"};
  std::istringstream stream(text);
  for (std::string option; std::getline(stream, option, ',');) {
    if (option.empty() || option == "defaults") continue;
    const std::string_view subject = subject_of(option);
    if (subject.empty()) throw invalid("invalid tmpfs option \"" + option + "\"");
    std::erase_if(options, [&](const std::string& earlier) { return subject_of(earlier) == subject; });
    options.push_back(option);
  }
  return options;
}

} // namespace gantry::containers
