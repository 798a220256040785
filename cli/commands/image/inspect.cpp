#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/format_help.hpp"
#include "cli/commands/inspect_objects.hpp"

namespace gantry::cli {

int inspect_images(Invocation& in) {
  std::string format, platform;
  FlagSet flags(in);
  flags.text("format", 'f', format, object_format_help);
  flags.text("platform", 0, platform, "Show the image for this platform (\"os[/arch[/variant]]\")");
  const auto names = flags.parse();
  const Query query = Query().add_unless_empty("platform", platform);
  return inspect_objects(names, format,
                         [&](const std::string& name) { return in.client.get("/images/" + url_encode(name) + "/json", query); });
}

} // namespace gantry::cli
