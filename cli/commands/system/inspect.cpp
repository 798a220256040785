#include <algorithm>
#include <array>

#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/format_help.hpp"
#include "cli/commands/inspect_objects.hpp"
#include "cli/failure.hpp"

namespace gantry::cli {
namespace {

struct ObjectKind {
  const char *name, *path, *suffix;
};
/// In the order in which a name is looked for.
constexpr std::array kinds{ObjectKind{"container", "/containers/", "/json"}, ObjectKind{"image", "/images/", "/json"},
                           ObjectKind{"network", "/networks/", ""}, ObjectKind{"volume", "/volumes/", ""}};

Json find(Client& client, const std::string& name, const std::string& type, bool size) {
  for (const ObjectKind& kind : kinds) {
    if (!type.empty() && type != kind.name) continue;
    const bool sized = size && std::string(kind.name) == "container";
    try {
      return client.get(kind.path + url_encode(name) + kind.suffix, Query().add_if(sized, "size"));
    } catch (const DaemonError& e) {
      if (!type.empty() || e.status() == 500) throw;
    }
  }
  throw Failure("Error: No such object: " + name);
}

} // namespace

int inspect_any(Invocation& in) {
  std::string format, type;
  bool size = false;
  FlagSet flags(in);
  flags.text("format", 'f', format, object_format_help);
  flags.boolean("size", 's', size, "Show how much disk space containers use");
  flags.text("type", 0, type, "Look for objects of this type only");
  const auto names = flags.parse();
  const bool known = std::any_of(kinds.begin(), kinds.end(), [&type](const ObjectKind& kind) { return type == kind.name; });
  if (flags.changed("type") && !known)
    throw Failure("unknown type: \"" + type + "\": must be one of \"container\", \"image\", \"network\", \"volume\"");
  return inspect_objects(names, format, [&](const std::string& name) { return find(in.client, name, type, size); });
}

} // namespace gantry::cli
