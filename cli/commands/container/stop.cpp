#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/container/each.hpp"

namespace gantry::cli {

int stop_containers(Invocation& in) {
  std::string signal;
  std::int64_t timeout = 0;
  FlagSet flags(in);
  flags.text("signal", 's', signal, "Signal to send");
  flags.integer("timeout", 't', timeout, "Seconds to wait before the container is killed");
  flags.integer("time", 0, timeout, "").hidden = true;
  const auto names = flags.parse();
  const bool limited = flags.changed("timeout") || flags.changed("time");
  const Query query = Query().add_unless_empty("signal", signal).add_if(limited, "t", std::to_string(timeout));
  return for_each_name(names, [&](const std::string& name) {
    in.client.post("/containers/" + url_encode(name) + "/stop", query);
    print_line(name);
  });
}

} // namespace gantry::cli
