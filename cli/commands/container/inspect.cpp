#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/format_help.hpp"
#include "cli/commands/inspect_objects.hpp"

namespace gantry::cli {

int inspect_containers(Invocation& in) {
  std::string format;
  bool size = false;
  FlagSet flags(in);
  flags.text("format", 'f', format, object_format_help);
  flags.boolean("size", 's', size, "Show how much disk space is used");
  const auto names = flags.parse();
  return inspect_objects(names, format, [&](const std::string& name) {
    return in.client.get("/containers/" + url_encode(name) + "/json", Query().add_if(size, "size"));
  });
}

} // namespace gantry::cli
