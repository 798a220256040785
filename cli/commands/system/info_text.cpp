#include "cli/commands/system/info_text.hpp"

#include <cstdio>

#include "cli/format/template.hpp"
#include "cli/format/units.hpp"

namespace gantry::cli {
namespace {

/// One line per fact; facts that the daemon does not know are left out.
class Lines {
 public:
  explicit Lines(const Json& info) : info_(info) {}
  void fact(int depth, const char* title, const char* key) {
    const auto at = info_.find(key);
    if (at == info_.end() || at->is_null() || (at->is_string() && at->get_ref<const std::string&>().empty())) return;
    line(depth, title, to_text(*at));
  }
  void line(int depth, const std::string& title, const std::string& value) {
    text += std::string(static_cast<std::size_t>(depth), ' ') + title + ": " + value + "\n";
  }
  void heading(int depth, const std::string& title) { text += std::string(static_cast<std::size_t>(depth), ' ') + title + ":\n"; }
  std::string text;

 private:
  const Json& info_;
};

std::string words(const Json& list) {
  std::string out;
  if (list.is_array())
    for (const Json& one : list) out += (out.empty() ? "" : " ") + one.get<std::string>();
  return out;
}

void add_drivers(const Json& info, Lines& out) {
  out.fact(1, "Server Version", "ServerVersion");
  out.fact(1, "Storage Driver", "Driver");
  for (const Json& pair : info.value("DriverStatus", Json::array()))
    if (pair.is_array() && pair.size() == 2) out.line(2, pair[0].get<std::string>(), pair[1].get<std::string>());
  out.fact(1, "Logging Driver", "LoggingDriver");
  out.fact(1, "Cgroup Driver", "CgroupDriver");
  out.fact(1, "Cgroup Version", "CgroupVersion");
  const Json plugins = info.value("Plugins", Json::object());
  out.heading(1, "Plugins");
  for (const char* kind : {"Volume", "Network", "Log"}) out.line(2, kind, words(plugins.value(kind, Json::array())));
  if (info.contains("Swarm")) out.line(1, "Swarm", info["Swarm"].value("LocalNodeState", "inactive"));
}

void add_runtime(const Json& info, Lines& out) {
  std::string runtimes;
  const Json known = info.value("Runtimes", Json::object());
  for (const auto& [name, runtime] : known.items()) runtimes += (runtimes.empty() ? "" : " ") + name;
  if (!runtimes.empty()) out.line(1, "Runtimes", runtimes);
  out.fact(1, "Default Runtime", "DefaultRuntime");
  out.fact(1, "Init Binary", "InitBinary");
  out.heading(1, "Security Options");
  for (const Json& option : info.value("SecurityOptions", Json::array())) {
    std::string text = option.get<std::string>();
    const auto comma = text.find(',');
    if (text.starts_with("name=")) out.text += "  " + text.substr(5, comma == std::string::npos ? comma : comma - 5) + "\n";
    const auto profile = text.find("profile=");
    if (profile != std::string::npos) out.line(3, "Profile", text.substr(profile + 8));
  }
}

void add_host(const Json& info, Lines& out) {
  out.fact(1, "Kernel Version", "KernelVersion");
  out.fact(1, "Operating System", "OperatingSystem");
  out.fact(1, "OSType", "OSType");
  out.fact(1, "Architecture", "Architecture");
  out.fact(1, "CPUs", "NCPU");
  out.line(1, "Total Memory", human_size_binary(info.value("MemTotal", 0.0)));
  out.fact(1, "Name", "Name");
  out.fact(1, "ID", "ID");
  out.fact(1, "Docker Root Dir", "DockerRootDir");
  out.fact(1, "Debug Mode", "Debug");
  out.fact(1, "Experimental", "ExperimentalBuild");
  out.fact(1, "Live Restore Enabled", "LiveRestoreEnabled");
}

} // namespace

std::string info_text(const Json& info) {
  std::string client = std::string("Client:\n Version:    ") + GANTRY_VERSION + "\n Debug Mode: false\n\nServer:\n";
  if (info.is_null()) return client;
  Lines out(info);
  out.fact(1, "Containers", "Containers");
  out.fact(2, "Running", "ContainersRunning");
  out.fact(2, "Paused", "ContainersPaused");
  out.fact(2, "Stopped", "ContainersStopped");
  out.fact(1, "Images", "Images");
  add_drivers(info, out);
  add_runtime(info, out);
  add_host(info, out);
  return client + out.text + "\n";
}

void print_warnings(const Json& info) {
  std::fflush(stdout);
  if (!info.is_object() || !info.contains("Warnings") || !info["Warnings"].is_array()) return;
  for (const Json& warning : info["Warnings"]) std::fprintf(stderr, "%s\n", warning.get<std::string>().c_str());
}

} // namespace gantry::cli
