#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/container/each.hpp"

namespace gantry::cli {

int remove_containers(Invocation& in) {
  bool force = false, link = false, volumes = false;
  FlagSet flags(in);
  flags.boolean("force", 'f', force, "Remove running containers too (with SIGKILL)");
  flags.boolean("link", 'l', link, "Remove the link of this name");
  flags.boolean("volumes", 'v', volumes, "Remove the containers' anonymous volumes");
  const auto names = flags.parse();
  const Query query = Query().add_if(force, "force").add_if(link, "link").add_if(volumes, "v");
  return for_each_name(names, [&](const std::string& given) {
    const std::string name = given.starts_with('/') ? given.substr(1) : given;
    try {
      in.client.call({"DELETE", "/containers/" + url_encode(name), query}).read_all();
    } catch (const DaemonError& e) {
      if (!force || e.status() != 404) throw;
      std::fflush(stdout);
      std::fprintf(stderr, "%s\n", e.what());
      return;
    }
    print_line(given);
  });
}

} // namespace gantry::cli
