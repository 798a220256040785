#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/container/each.hpp"

namespace gantry::cli {

int unpause_containers(Invocation& in) {
  FlagSet flags(in);
  return for_each_name(flags.parse(), [&in](const std::string& name) {
    in.client.post("/containers/" + url_encode(name) + "/unpause");
    print_line(name);
  });
}

} // namespace gantry::cli
