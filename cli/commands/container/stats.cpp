#include <cstdio>

#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/container/usage.hpp"
#include "cli/commands/format_help.hpp"
#include "cli/format/listing.hpp"

namespace gantry::cli {
namespace {

using Names = std::vector<std::string>;

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

} // namespace

int container_stats(Invocation& in) {
  bool all = false, no_stream = false, no_trunc = false;
  std::string format;
  FlagSet flags(in);
  flags.boolean("all", 'a', all, "Show stopped containers too");
  flags.text("format", 0, format, table_format_help);
  flags.boolean("no-stream", 0, no_stream, "Show one result and end");
  flags.boolean("no-trunc", 0, no_trunc, "Show everything in full length");
  const Names given = flags.parse();
  in.client.negotiate();
  do {
    const Names names = given.empty() ? listed(in.client, all) : given;
    Listing listing(format, "{{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}",
                    "*container.statsContext");
    listing.headings(usage_headings());
    std::size_t at = 0;
    for (const Json& sample : samples(in.client, names)) listing.add(usage_row(sample, names[at++], !no_trunc));
    // Home, text, and clear what is left of the round before.
    print_text(no_stream ? listing.text() : "\x1b[H\x1b[2J" + listing.text());
    std::fflush(stdout);
  } while (!no_stream);
  return 0;
}

} // namespace gantry::cli
