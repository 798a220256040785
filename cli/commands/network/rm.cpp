#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/container/each.hpp"

namespace gantry::cli {

int remove_networks(Invocation& in) {
  bool force = false;
  FlagSet flags(in);
  flags.boolean("force", 'f', force, "A network that does not exist is no error");
  const auto names = flags.parse();
  return for_each_name(names, [&](const std::string& name) {
    try {
      in.client.call({"DELETE", "/networks/" + url_encode(name)}).read_all();
    } catch (const DaemonError& e) {
      if (!force || e.status() != 404) throw;
    }
    print_line(name);
  });
}

} // namespace gantry::cli
