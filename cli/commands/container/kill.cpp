#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/container/each.hpp"

namespace gantry::cli {

int kill_containers(Invocation& in) {
  std::string signal;
  FlagSet flags(in);
  flags.text("signal", 's', signal, "Signal to send");
  const auto names = flags.parse();
  return for_each_name(names, [&](const std::string& name) {
    in.client.post("/containers/" + url_encode(name) + "/kill", Query().add_unless_empty("signal", signal));
    print_line(name);
  });
}

} // namespace gantry::cli
