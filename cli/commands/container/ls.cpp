#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/container/row.hpp"
#include "cli/commands/filters.hpp"
#include "cli/commands/format_help.hpp"
#include "cli/format/listing.hpp"

namespace gantry::cli {

int list_containers(Invocation& in) {
  bool all = false, latest = false, no_trunc = false, quiet = false, size = false;
  std::int64_t last = -1;
  std::string format;
  Filters filters;
  FlagSet flags(in);
  flags.boolean("all", 'a', all, "Show stopped containers too");
  filters.add_flag(flags);
  flags.text("format", 0, format, table_format_help);
  flags.integer("last", 'n', last, "Show so many of the containers that were created last, whatever their state").standard = "-1";
  flags.boolean("latest", 'l', latest, "Show the container that was created last, whatever its state");
  flags.boolean("no-trunc", 0, no_trunc, "Show everything in full length");
  flags.boolean("quiet", 'q', quiet, "Show IDs only");
  flags.boolean("size", 's', size, "Show how much disk space is used");
  flags.parse();
  if (latest && last == -1) last = 1;
  const std::string standard =
      quiet ? "{{.ID}}"
            : std::string("{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}") +
                  (size ? "\t{{.Size}}" : "");
  Listing listing(quiet && format.empty() ? standard : format, standard, "*formatter.ContainerContext");
  listing.headings(container_headings());
  const Query query = Query()
                          .add_if(all, "all")
                          .add_unless_empty("filters", filters.text())
                          .add_if(last > 0, "limit", std::to_string(last))
                          .add_if(size || listing.uses("Size"), "size");
  for (const Json& container : in.client.get("/containers/json", query)) {
    const Json labels = container.value("Labels", Json::object());
    listing.add(container_row(container, !no_trunc),
                [labels](const std::string& name, const std::vector<Json>& arguments) -> std::optional<Json> {
                  if (name != "Label" || arguments.size() != 1 || !arguments[0].is_string()) return std::nullopt;
                  return labels.is_object() ? labels.value(arguments[0].get<std::string>(), "") : "";
                });
  }
  print_text(listing.text());
  return 0;
}

} // namespace gantry::cli
