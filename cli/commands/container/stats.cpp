#include <cstdio>

#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/container/usage.hpp"
#include "cli/commands/container/usage_watch.hpp"
#include "cli/commands/format_help.hpp"
#include "cli/failure.hpp"
#include "cli/format/listing.hpp"

namespace gantry::cli {
namespace {

using Names = std::vector<std::string>;

constexpr int refresh_ms = 500;

struct StatsOptions {
  bool all = false, no_stream = false, no_trunc = false;
  std::string format;
};

Names listed(Client& client, bool all) {
  Names names;
  for (const Json& container : client.get("/containers/json", Query().add_if(all, "all")))
    names.push_back(container.at("Id").get<std::string>().substr(0, 12));
  return names;
}

/// The daemon takes a second for each sample: all are asked for at once.
std::vector<Json> samples(Client& client, const Names& names) {
  std::vector<std::pair<Request, Connection>> begun;
  for (const std::string& name : names) {
    Request request{"GET", "/containers/" + url_encode(name) + "/stats", Query({{"stream", "0"}})};
    Connection connection = client.begin(request, false);
    begun.emplace_back(std::move(request), std::move(connection));
  }
  std::vector<Json> out;
  for (auto& [request, connection] : begun) {
    Response response = client.receive(std::move(connection), request);
    throw_unless_ok(response);
    out.push_back(response.read_json());
  }
  return out;
}

Listing new_listing(const StatsOptions& options) {
  Listing listing(options.format,
                  "{{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}",
                  "*container.statsContext");
  listing.headings(usage_headings());
  return listing;
}

int print_once(Client& client, const Names& names, const StatsOptions& options) {
  Listing listing = new_listing(options);
  std::size_t at = 0;
  for (const Json& sample : samples(client, names)) listing.add(usage_row(sample, names[at++], !options.no_trunc));
  print_text(listing.text());
  return 0;
}

/// From the top of the screen; what a longer round before has left of a line, and below, is cleared.
std::string screen(const std::string& lines) {
  std::string out = "\x1b[H";
  for (const char c : lines) {
    if (c == '\n') out += "\x1b[K";
    out += c;
  }
  return out + "\x1b[J";
}

int watch(Client& client, const Names& given, const StatsOptions& options) {
  UsageWatch usage(client);
  if (given.empty()) usage.follow_events(options.all);
  for (const std::string& name : given.empty() ? listed(client, options.all) : given) {
    try {
      usage.add(name);
    } catch (const DaemonError&) {
      if (!given.empty()) throw; // a listed one may have gone since
    }
  }
  print_text("\x1b[2J");
  while (!given.empty() ? !usage.empty() : true) {
    usage.run(refresh_ms);
    Listing listing = new_listing(options);
    for (const auto& container : usage.containers()) listing.add(usage_row(container.sample, container.name, !options.no_trunc));
    print_text(screen(listing.text()));
    if (std::fflush(stdout) != 0) return 1; // nobody reads any more
  }
  return 0;
}

} // namespace

int container_stats(Invocation& in) {
  StatsOptions options;
  FlagSet flags(in);
  flags.boolean("all", 'a', options.all, "Show stopped containers too");
  flags.text("format", 0, options.format, table_format_help);
  flags.boolean("no-stream", 0, options.no_stream, "Show one result and end");
  flags.boolean("no-trunc", 0, options.no_trunc, "Show everything in full length");
  const Names given = flags.parse();
  in.client.negotiate();
  if (!options.no_stream) return watch(in.client, given, options);
  return print_once(in.client, given.empty() ? listed(in.client, options.all) : given, options);
}

} // namespace gantry::cli
