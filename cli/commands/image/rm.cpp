#include <cstdio>

#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/failure.hpp"

namespace gantry::cli {

int remove_images(Invocation& in) {
  bool force = false, no_prune = false;
  std::vector<std::string> platforms;
  FlagSet flags(in);
  flags.boolean("force", 'f', force, "Remove images that containers use, too");
  flags.boolean("no-prune", 0, no_prune, "Keep parents without a name");
  flags.list("platform", 0, platforms, "Remove this platform only (\"os[/arch[/variant]]\")");
  const auto names = flags.parse();
  Query query = Query().add_if(force, "force").add_if(no_prune, "noprune");
  for (const auto& platform : platforms) query.add("platforms", platform);
  std::string errors;
  bool all_missing = true;
  for (const std::string& name : names) {
    try {
      for (const Json& step : in.client.call({"DELETE", "/images/" + url_encode(name), query}).read_json())
        for (const auto& [verb, what] : step.items()) std::printf("%s: %s\n", verb.c_str(), what.get<std::string>().c_str());
    } catch (const DaemonError& e) {
      all_missing = all_missing && e.status() == 404;
      errors += (errors.empty() ? "" : "\n") + std::string(e.what());
    }
  }
  if (errors.empty()) return 0;
  // With --force what was not there is as good as removed.
  const bool fine = force && all_missing;
  throw Failure(errors, fine ? 0 : 1);
}

} // namespace gantry::cli
