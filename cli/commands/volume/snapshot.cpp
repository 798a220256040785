#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/container/each.hpp"
#include "cli/commands/volume/objects.hpp"

namespace gantry::cli {

int snapshot_volume(Invocation& in) {
  FlagSet flags(in);
  const auto words = flags.parse();
  Request request{"POST", "/volumes/" + url_encode(words[0]) + "/snapshot"};
  if (words.size() > 1) request.query.add("name", words[1]);
  print_line(in.client.call(request).read_json().value("Name", ""));
  return 0;
}

} // namespace gantry::cli
