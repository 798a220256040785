#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/format_help.hpp"
#include "cli/commands/inspect_objects.hpp"

namespace gantry::cli {

int inspect_networks(Invocation& in) {
  std::string format;
  bool verbose = false;
  FlagSet flags(in);
  flags.text("format", 'f', format, object_format_help);
  flags.boolean("verbose", 'v', verbose, "Accepted for docker's scripts");
  const auto names = flags.parse();
  return inspect_objects(names, format, [&](const std::string& name) { return in.client.get("/networks/" + url_encode(name)); });
}

} // namespace gantry::cli
