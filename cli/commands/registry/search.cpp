#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/filters.hpp"
#include "cli/commands/format_help.hpp"
#include "cli/credentials/registry_auth.hpp"
#include "cli/format/listing.hpp"

namespace gantry::cli {
namespace {

constexpr std::size_t description_max = 45;

Json row(const Json& found, bool no_trunc) {
  std::string description = found.value("description", "");
  for (char& c : description)
    if (c == '\n' || c == '\r') c = ' ';
  if (!no_trunc && description.size() > description_max) {
    std::size_t end = description_max - 1;
    while (end > 0 && (static_cast<unsigned char>(description[end]) & 0xc0) == 0x80) --end; // never half a character
    description = description.substr(0, end) + "…";
  }
  Json out;
  out["Description"] = description;
  out["IsAutomated"] = found.value("is_automated", false) ? "[OK]" : "";
  out["IsOfficial"] = found.value("is_official", false) ? "[OK]" : "";
  out["Name"] = found.value("name", "");
  out["StarCount"] = std::to_string(found.value("star_count", 0));
  return out;
}

} // namespace

int search_registry(Invocation& in) {
  bool no_trunc = false;
  std::int64_t limit = 0;
  std::string format;
  Filters filters;
  FlagSet flags(in);
  filters.add_flag(flags);
  flags.text("format", 0, format, table_format_help);
  flags.integer("limit", 0, limit, "At most that many results");
  flags.boolean("no-trunc", 0, no_trunc, "Show everything in full length");
  const std::string term = flags.parse()[0];
  const std::string standard = "{{.Name}}\t{{.Description}}\t{{.StarCount}}\t{{.IsOfficial}}";
  Listing listing(format, standard, "*formatter.searchContext");
  listing.headings({{"Name", "NAME"},
                    {"Description", "DESCRIPTION"},
                    {"StarCount", "STARS"},
                    {"IsOfficial", "OFFICIAL"},
                    {"IsAutomated", "AUTOMATED"}});
  Query query({{"term", term}});
  if (limit != 0) query.add("limit", std::to_string(limit));
  query.add_unless_empty("filters", filters.text());
  Request request{"GET", "/images/search", query};
  request.headers.emplace_back("X-Registry-Auth", registry_auth_header(term));
  for (const Json& found : in.client.call(request).read_json()) listing.add(row(found, no_trunc));
  print_text(listing.text());
  return 0;
}

} // namespace gantry::cli
