#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/container/each.hpp"

namespace gantry::cli {

int remove_volumes(Invocation& in) {
  bool force = false;
  FlagSet flags(in);
  flags.boolean("force", 'f', force, "A volume that does not exist is no error");
  const auto names = flags.parse();
  return for_each_name(names, [&](const std::string& name) {
    in.client.call({"DELETE", "/volumes/" + url_encode(name), Query().add_if(force, "force")}).read_all();
    print_line(name);
  });
}

} // namespace gantry::cli
