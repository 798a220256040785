#include <cstdio>

#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/container/explain_text.hpp"
#include "cli/commands/format_help.hpp"
#include "cli/commands/inspect_objects.hpp"
#include "cli/format/listing.hpp"

namespace gantry::cli {

int explain_containers(Invocation& in) {
  std::string format;
  FlagSet flags(in);
  flags.text("format", 'f', format, object_format_help);
  const auto names = flags.parse();
  const auto ask = [&](const std::string& name) { return in.client.get("/gantry/containers/" + url_encode(name) + "/explain"); };
  if (!format.empty()) return inspect_objects(names, format, ask);
  bool first = true;
  for (const std::string& name : names) {
    const std::string text = explain_text(ask(name));
    print_text((first ? "" : "\n") + text);
    first = false;
  }
  return 0;
}

} // namespace gantry::cli
