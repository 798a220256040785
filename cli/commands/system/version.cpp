#include <sys/utsname.h>

#include <algorithm>

#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/format_help.hpp"
#include "cli/failure.hpp"
#include "cli/format/listing.hpp"
#include "cli/format/template.hpp"

namespace gantry::cli {
namespace {

std::string architecture() {
  utsname names{};
  ::uname(&names);
  const std::string machine = names.machine;
  return machine == "x86_64" ? "amd64" : machine == "aarch64" ? "arm64" : machine;
}

Json client_part(const Client& client) {
  return {{"Version", GANTRY_VERSION},
          {"ApiVersion", client.version()},
          {"DefaultAPIVersion", Client::newest_version},
          {"Os", "linux"},
          {"Arch", architecture()}};
}

std::string line(int depth, const std::string& name, const std::string& value) {
  std::string out = std::string(static_cast<std::size_t>(depth), ' ') + name + ":";
  out.resize(std::max<std::size_t>(out.size() + 1, 20), ' ');
  return out + value + "\n";
}

std::string client_text(const Json& c) {
  const std::string used = c["ApiVersion"], newest = c["DefaultAPIVersion"];
  return "Client:\n" + line(1, "Version", c["Version"]) +
         line(1, "API version", used == newest ? used : used + " (downgraded from " + newest + ")") +
         line(1, "OS/Arch", c["Os"].get<std::string>() + "/" + c["Arch"].get<std::string>());
}

std::string engine_text(const Json& component) {
  const Json d = component.value("Details", Json::object());
  std::string out = " Engine:\n" + line(2, "Version", component.value("Version", ""));
  out += line(2, "API version", d.value("ApiVersion", "") + " (minimum version " + d.value("MinAPIVersion", "") + ")");
  const std::pair<const char*, const char*> rows[] = {{"Git commit", "GitCommit"}, {"Built", "BuildTime"}};
  for (const auto& [name, key] : rows)
    if (!d.value(key, "").empty()) out += line(2, name, d.value(key, ""));
  out += line(2, "OS/Arch", d.value("Os", "") + "/" + d.value("Arch", ""));
  return out + line(2, "Experimental", d.value("Experimental", "false"));
}

std::string server_text(const Json& server) {
  const std::string platform = server.contains("Platform") ? server["Platform"].value("Name", "") : "";
  std::string out = "\nServer:" + (platform.empty() ? "" : " " + platform) + "\n";
  for (const Json& component : server.value("Components", Json::array())) {
    if (component.value("Name", "") == "Engine") {
      out += engine_text(component);
      continue;
    }
    out += " " + component.value("Name", "") + ":\n" + line(2, "Version", component.value("Version", ""));
    out += line(2, "GitCommit", component.value("Details", Json::object()).value("GitCommit", ""));
  }
  return out;
}

} // namespace

int show_version(Invocation& in) {
  std::string format;
  FlagSet flags(in);
  flags.text("format", 'f', format, object_format_help);
  flags.parse();
  Json server;
  std::string error;
  try {
    server = in.client.get("/version");
  } catch (const Failure& e) {
    error = e.what();
  }
  const Json both = {{"Client", client_part(in.client)}, {"Server", server}};
  if (!format.empty()) {
    try {
      print_text(Template(format == "json" ? "{{json .}}" : format).run({both}) + "\n");
    } catch (const Failure& e) {
      throw Failure(std::string("template parsing error: ") + e.what(), 64);
    }
  } else {
    print_text(client_text(both["Client"]) + (server.is_null() ? "" : server_text(server)));
  }
  if (!error.empty()) throw Failure(error);
  return 0;
}

} // namespace gantry::cli
