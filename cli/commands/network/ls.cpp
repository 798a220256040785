#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/filters.hpp"
#include "cli/commands/format_help.hpp"
#include "cli/format/listing.hpp"
#include "cli/format/units.hpp"

#include <algorithm>

namespace gantry::cli {
namespace {

std::string yes_or_no(const Json& network, const char* key) { return network.value(key, false) ? "true" : "false"; }

std::string labels_text(const Json& network) {
  std::string text;
  const Json labels = network.value("Labels", Json::object());
  for (const auto& [key, value] : labels.items()) text += (text.empty() ? "" : ",") + key + "=" + value.get<std::string>();
  return text;
}

Json row(const Json& network, bool no_trunc) {
  const std::string id = network.value("Id", "");
  return {{"CreatedAt", network.value("Created", "")},
          {"Driver", network.value("Driver", "")},
          {"ID", no_trunc ? id : id.substr(0, 12)},
          {"IPv4", yes_or_no(network, "EnableIPv4")},
          {"IPv6", yes_or_no(network, "EnableIPv6")},
          {"Internal", yes_or_no(network, "Internal")},
          {"Labels", labels_text(network)},
          {"Name", network.value("Name", "")},
          {"Scope", network.value("Scope", "")}};
}

/// {{.Label "name"}}
Listing::Method label_of(const Json& network) {
  const Json labels = network.value("Labels", Json::object());
  return [labels](const std::string& name, const std::vector<Json>& arguments) -> std::optional<Json> {
    if (name != "Label" || arguments.size() != 1 || !arguments[0].is_string()) return std::nullopt;
    return labels.value(arguments[0].get<std::string>(), "");
  };
}

} // namespace

int list_networks(Invocation& in) {
  bool quiet = false, no_trunc = false;
  std::string format;
  Filters filters;
  FlagSet flags(in);
  filters.add_flag(flags);
  flags.text("format", 0, format, table_format_help);
  flags.boolean("no-trunc", 0, no_trunc, "Show everything in full length");
  flags.boolean("quiet", 'q', quiet, "Show IDs only");
  flags.parse();
  const std::string standard = quiet ? "{{.ID}}" : "{{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}";
  Listing listing(quiet && format.empty() ? standard : format, standard, "*network.networkContext");
  listing.headings({{"ID", "NETWORK ID"},
                    {"Name", "NAME"},
                    {"Driver", "DRIVER"},
                    {"Scope", "SCOPE"},
                    {"IPv4", "IPV4"},
                    {"IPv6", "IPV6"},
                    {"Internal", "INTERNAL"},
                    {"Labels", "LABELS"},
                    {"CreatedAt", "CREATED AT"}});
  Json networks = in.client.get("/networks", Query().add_unless_empty("filters", filters.text()));
  std::vector<Json> sorted(networks.begin(), networks.end());
  std::sort(sorted.begin(), sorted.end(), [](const Json& a, const Json& b) { return a.value("Name", "") < b.value("Name", ""); });
  for (const Json& network : sorted) listing.add(row(network, no_trunc), label_of(network));
  print_text(listing.text());
  return 0;
}

} // namespace gantry::cli
