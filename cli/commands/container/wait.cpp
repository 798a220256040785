#include "cli/streams/wait.hpp"

#include "cli/args/flag_set.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/container/each.hpp"

namespace gantry::cli {

int wait_containers(Invocation& in) {
  FlagSet flags(in);
  return for_each_name(flags.parse(), [&in](const std::string& name) {
    ExitWait wait(in.client, name, "");
    print_line(wait.answer()["StatusCode"].dump());
    std::fflush(stdout);
  });
}

} // namespace gantry::cli
