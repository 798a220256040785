#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/container/each.hpp"

namespace gantry::cli {
namespace {

Json pairs(const std::vector<std::string>& words) {
  Json map = Json::object();
  for (const auto& word : words) {
    const auto equals = word.find('=');
    map[word.substr(0, equals)] = equals == std::string::npos ? "" : word.substr(equals + 1);
  }
  return map;
}

} // namespace

int create_volume(Invocation& in) {
  std::string driver = "local", name;
  std::vector<std::string> labels, options;
  FlagSet flags(in);
  flags.text("driver", 'd', driver, "Driver that keeps the volume");
  flags.list("label", 0, labels, "Label of the volume, key=value");
  flags.text("name", 0, name, "Name of the volume");
  flags.list("opt", 'o', options, "Option for the driver, key=value");
  const auto words = flags.parse();
  if (!words.empty() && !name.empty())
    throw Failure("conflicting options: cannot specify a volume-name through both --name and as a positional arg");
  if (!words.empty()) name = words[0];
  Request request{"POST", "/volumes/create"};
  request.body = {{"Driver", driver}, {"DriverOpts", pairs(options)}, {"Labels", pairs(labels)}, {"Name", name}};
  print_line(in.client.call(request).read_json().value("Name", ""));
  return 0;
}

} // namespace gantry::cli
