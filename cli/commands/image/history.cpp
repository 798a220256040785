#include <algorithm>

#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/container/row.hpp"
#include "cli/commands/format_help.hpp"
#include "cli/format/listing.hpp"
#include "cli/format/units.hpp"

namespace gantry::cli {
namespace {

Json row(const Json& layer, bool human, bool shorten) {
  const std::int64_t created = layer.value("Created", std::int64_t{0});
  std::string by = layer.value("CreatedBy", "");
  std::replace(by.begin(), by.end(), '\t', ' ');
  const std::string id = layer.value("Id", "");
  Json out;
  out["Comment"] = layer.value("Comment", "");
  out["CreatedAt"] = rfc3339_time(created);
  out["CreatedBy"] = shorten ? ellipsis(by, 45) : by;
  out["CreatedSince"] = human ? created <= 0 ? "N/A" : human_duration(now_seconds() - created) + " ago" : rfc3339_time(created);
  out["ID"] = shorten && id.starts_with("sha256:") ? id.substr(7, 12) : id;
  out["Size"] = human ? human_size(layer.value("Size", 0.0), 3) : std::to_string(layer.value("Size", std::int64_t{0}));
  return out;
}

} // namespace

int image_history(Invocation& in) {
  bool human = true, no_trunc = false, quiet = false;
  std::string format, platform;
  FlagSet flags(in);
  flags.text("format", 0, format, table_format_help);
  flags.boolean("human", 'H', human, "Print sizes and times for humans").standard = "true";
  flags.boolean("no-trunc", 0, no_trunc, "Show everything in full length");
  flags.text("platform", 0, platform, "Of the image for this platform (\"os[/arch[/variant]]\")");
  flags.boolean("quiet", 'q', quiet, "Show IDs only");
  const std::string name = flags.parse()[0];
  const std::string standard = quiet ? "{{.ID}}" : "{{.ID}}\t{{.CreatedSince}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}";
  Listing listing(quiet && format.empty() ? standard : format, standard, "*formatter.historyContext");
  listing.headings({{"ID", "IMAGE"},
                    {"CreatedSince", human ? "CREATED" : "CREATED AT"},
                    {"CreatedAt", "CREATED AT"},
                    {"CreatedBy", "CREATED BY"},
                    {"Size", "SIZE"},
                    {"Comment", "COMMENT"}});
  for (const Json& layer :
       in.client.get("/images/" + url_encode(name) + "/history", Query().add_unless_empty("platform", platform)))
    listing.add(row(layer, human, !no_trunc));
  print_text(listing.text());
  return 0;
}

} // namespace gantry::cli
