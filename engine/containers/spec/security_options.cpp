#include "containers/spec/security_options.hpp"

#include "base/error.hpp"

namespace gantry::containers {
namespace {

std::optional<bool> parse_bool(const std::string& text) {
  for (const char* yes : {"true", "1", "t", "T", "TRUE", "True"}) {
    if (text == yes) return true;
  }
  for (const char* no : {"false", "0", "f", "F", "FALSE", "False"}) {
    if (text == no) return false;
  }
  return std::nullopt;
}

void read_option(SecurityOptions& options, const std::string& key, const std::string& value, const std::string& whole) {
  if (key == "seccomp") {
    options.seccomp = value;
  } else if (key == "apparmor") {
    options.apparmor = value;
  } else if (key == "no-new-privileges" || key == "writable-cgroups") {
    const auto wanted = parse_bool(value);
    if (!wanted) throw invalid("invalid --security-opt 2: \"" + whole + "\"");
    if (key == "no-new-privileges")
      options.no_new_privileges = wanted;
    else
      options.writable_cgroups = *wanted;
  } else if (key == "systempaths" && value == "unconfined") {
    options.unconfined_system_paths = true;
  } else if (key == "label") {
    options.labels.push_back(value);
  } else {
    throw invalid("invalid --security-opt 2: \"" + whole + "\"");
  }
}

} // namespace

SecurityOptions parse_security_options(const StringList& list) {
  SecurityOptions options;
  for (const auto& option : list) {
    if (option == "no-new-privileges") {
      options.no_new_privileges = true;
      continue;
    }
    if (option == "disable") { // an older way to say it
      options.labels.push_back(option);
      continue;
    }
    const std::size_t equals = option.find('=');
    const std::size_t separator = equals == std::string::npos ? option.find(':') : equals;
    if (separator == std::string::npos) throw invalid("invalid --security-opt 1: \"" + option + "\"");
    read_option(options, option.substr(0, separator), option.substr(separator + 1), option);
  }
  return options;
}

const StringList& default_masked_paths() {
  static const StringList paths = {"/proc/asound",     "/proc/acpi",        "/proc/interrupts",
                                   "/proc/kcore",      "/proc/keys",        "/proc/latency_stats",
                                   "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug",
                                   "/proc/scsi",       "/sys/firmware",     "/sys/devices/virtual/powercap"};
  return paths;
}

const StringList& default_readonly_paths() {
  static const StringList paths = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"};
  return paths;
}

} // namespace gantry::containers
