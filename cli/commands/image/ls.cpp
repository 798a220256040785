#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/filters.hpp"
#include "cli/commands/format_help.hpp"
#include "cli/commands/image/reference.hpp"
#include "cli/format/listing.hpp"
#include "cli/format/units.hpp"

namespace gantry::cli {
namespace {

struct ListOptions {
  bool digests = false, no_trunc = false;
};

std::string short_id(const std::string& id) { return id.substr(id.starts_with("sha256:") ? 7 : 0, 12); }

Json row(const Json& image, const ListOptions& o, const std::string& repository, const std::string& tag,
         const std::string& digest) {
  const std::int64_t created = image.value("Created", std::int64_t{0}), containers = image.value("Containers", std::int64_t{-1});
  const double size = image.value("Size", 0.0), shared = image.value("SharedSize", -1.0);
  Json out;
  out["Containers"] = containers < 0 ? "N/A" : std::to_string(containers);
  out["CreatedAt"] = long_time(created);
  out["CreatedSince"] = created == 0 ? "N/A" : human_duration(now_seconds() - created) + " ago";
  out["Digest"] = digest;
  out["ID"] = o.no_trunc ? image.value("Id", "") : short_id(image.value("Id", ""));
  out["Repository"] = repository;
  out["SharedSize"] = shared < 0 ? "N/A" : human_size(shared, 3);
  out["Size"] = human_size(size, 3);
  out["Tag"] = tag;
  out["UniqueSize"] = shared < 0 ? "N/A" : human_size(size - shared, 3);
  out["VirtualSize"] = human_size(size, 4);
  return out;
}

std::string digest_of(const Json& digests, const std::string& repository) {
  for (const Json& one : digests) {
    const Reference reference = split_reference(one.get<std::string>());
    if (reference.name == repository) return reference.tag;
  }
  return "<none>";
}

/// One line per tag; images without one are "<none>".
void add_rows(const Json& image, const ListOptions& o, Listing& listing) {
  const Json none = Json::array();
  const Json& tags = image.contains("RepoTags") && image["RepoTags"].is_array() ? image["RepoTags"] : none;
  const Json& digests = image.contains("RepoDigests") && image["RepoDigests"].is_array() ? image["RepoDigests"] : none;
  bool tagged = false;
  for (const Json& tag : tags) {
    const Reference reference = split_reference(tag.get<std::string>());
    if (reference.name == "<none>") continue;
    listing.add(row(image, o, reference.name, reference.tag, digest_of(digests, reference.name)));
    tagged = true;
  }
  if (tagged) return;
  const Reference pulled = digests.empty() ? Reference{} : split_reference(digests[0].get<std::string>());
  const bool known = !pulled.name.empty() && pulled.name != "<none>";
  listing.add(row(image, o, known ? pulled.name : "<none>", "<none>", known ? pulled.tag : "<none>"));
}

} // namespace

int list_images(Invocation& in) {
  bool all = false, quiet = false;
  std::string format;
  ListOptions o;
  Filters filters;
  FlagSet flags(in);
  flags.boolean("all", 'a', all, "Show intermediate images too");
  flags.boolean("digests", 0, o.digests, "Show digests");
  filters.add_flag(flags);
  flags.text("format", 0, format, table_format_help);
  flags.boolean("no-trunc", 0, o.no_trunc, "Show everything in full length");
  flags.boolean("quiet", 'q', quiet, "Show IDs only");
  const auto words = flags.parse();
  if (!words.empty()) filters.add("reference", words[0]);
  const std::string standard = quiet ? "{{.ID}}"
                                     : std::string("{{.Repository}}\t{{.Tag}}\t") + (o.digests ? "{{.Digest}}\t" : "") +
                                           "{{.ID}}\t{{.CreatedSince}}\t{{.Size}}";
  Listing listing(quiet && format.empty() ? standard : format, standard, "*formatter.imageContext");
  listing.headings({{"ID", "IMAGE ID"},
                    {"Repository", "REPOSITORY"},
                    {"Tag", "TAG"},
                    {"Digest", "DIGEST"},
                    {"CreatedSince", "CREATED"},
                    {"CreatedAt", "CREATED AT"},
                    {"Size", "SIZE"},
                    {"Containers", "CONTAINERS"},
                    {"VirtualSize", "SIZE"},
                    {"SharedSize", "SHARED SIZE"},
                    {"UniqueSize", "UNIQUE SIZE"}});
  for (const Json& image : in.client.get("/images/json", Query().add_if(all, "all").add_unless_empty("filters", filters.text())))
    add_rows(image, o, listing);
  print_text(listing.text());
  return 0;
}

} // namespace gantry::cli
