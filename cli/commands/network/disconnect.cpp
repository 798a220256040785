#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"

namespace gantry::cli {

int disconnect_network(Invocation& in) {
  bool force = false;
  FlagSet flags(in);
  flags.boolean("force", 'f', force, "Also when the network does not exist any more");
  const auto words = flags.parse();
  const Json body{{"Container", words[1]}, {"Force", force}};
  in.client.call({"POST", "/networks/" + url_encode(words[0]) + "/disconnect", {}, body}).read_all();
  return 0;
}

} // namespace gantry::cli
