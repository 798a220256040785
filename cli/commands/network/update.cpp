#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/container/each.hpp"

namespace gantry::cli {

int update_networks(Invocation& in) {
  std::vector<std::string> egress;
  FlagSet flags(in);
  flags.list("egress", 0, egress, "What its containers may reach from now on (\"none\", \"any\": everything)", "destination");
  const auto names = flags.parse();
  if (egress.empty()) throw Failure("you must provide one or more flags when using this command");
  const Json body{{"Gantry", {{"Egress", egress}}}};
  for_each_name(names, [&](const std::string& name) {
    in.client.call({"POST", "/networks/" + url_encode(name) + "/update", {}, body}).read_all();
    print_line(name);
  });
  return 0;
}

} // namespace gantry::cli
