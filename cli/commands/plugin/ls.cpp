#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/format_help.hpp"
#include "cli/format/listing.hpp"

namespace gantry::cli {

int list_plugins(Invocation& in) {
  bool quiet = false, no_trunc = false;
  std::string format;
  FlagSet flags(in);
  flags.text("format", 0, format, table_format_help);
  flags.boolean("no-trunc", 0, no_trunc, "Accepted for docker's scripts; nothing is cut off");
  flags.boolean("quiet", 'q', quiet, "Show names only");
  flags.parse();
  const std::string standard = quiet ? "{{.Name}}" : "{{.Name}}\t{{.Kind}}\t{{.Version}}\t{{.State}}\t{{.Reason}}";
  Listing listing(quiet && format.empty() ? standard : format, standard, "*plugin.context");
  listing.headings({{"Name", "NAME"},
                    {"Id", "ID"},
                    {"Kind", "KIND"},
                    {"Version", "VERSION"},
                    {"State", "STATE"},
                    {"Reason", "REASON"},
                    {"Path", "PATH"}});
  for (const Json& plugin : in.client.get("/gantry/plugins")) listing.add(plugin);
  print_text(listing.text());
  return 0;
}

} // namespace gantry::cli
