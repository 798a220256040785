#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/filters.hpp"
#include "cli/commands/format_help.hpp"
#include "cli/format/listing.hpp"

namespace gantry::cli {
namespace {

Json row(const Json& volume) {
  Json out;
  std::string labels;
  const Json all = volume.value("Labels", Json());
  for (const auto& item : all.items()) labels += (labels.empty() ? "" : ",") + item.key() + "=" + item.value().get<std::string>();
  out["Availability"] = out["Group"] = out["Links"] = out["Size"] = out["Status"] = "N/A";
  out["Driver"] = volume.value("Driver", "");
  out["Labels"] = labels;
  out["Mountpoint"] = volume.value("Mountpoint", "");
  out["Name"] = volume.value("Name", "");
  out["Scope"] = volume.value("Scope", "");
  return out;
}

} // namespace

int list_volumes(Invocation& in) {
  bool quiet = false;
  std::string format;
  Filters filters;
  FlagSet flags(in);
  filters.add_flag(flags);
  flags.text("format", 0, format, table_format_help);
  flags.boolean("quiet", 'q', quiet, "Show names only");
  flags.parse();
  const std::string standard = quiet ? "{{.Name}}" : "{{.Driver}}\t{{.Name}}";
  Listing listing(quiet && format.empty() ? standard : format, standard, "*volume.volumeContext");
  listing.headings({{"Driver", "DRIVER"},
                    {"Name", "VOLUME NAME"},
                    {"Scope", "SCOPE"},
                    {"Mountpoint", "MOUNTPOINT"},
                    {"Labels", "LABELS"},
                    {"Links", "LINKS"},
                    {"Size", "SIZE"},
                    {"Group", "GROUP"},
                    {"Availability", "AVAILABILITY"},
                    {"Status", "STATUS"}});
  const Json answer = in.client.get("/volumes", Query().add_unless_empty("filters", filters.text()));
  for (const Json& volume : answer.value("Volumes", Json::array())) listing.add(row(volume));
  print_text(listing.text());
  return 0;
}

} // namespace gantry::cli
