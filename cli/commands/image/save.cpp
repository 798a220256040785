#include "cli/args/flag_set.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/archive_output.hpp"

namespace gantry::cli {

int save_images(Invocation& in) {
  std::string output, platform;
  FlagSet flags(in);
  flags.text("output", 'o', output, "Write to this file instead of standard output");
  flags.text("platform", 0, platform, "Save this platform only (\"os[/arch[/variant]]\")");
  const auto words = flags.parse();
  check_archive_output(output);
  Query query;
  for (const auto& name : words) query.add("names", name);
  Response response = in.client.call({"GET", "/images/get", query.add_unless_empty("platform", platform)}, true);
  write_archive(response, output, "failed to save image");
  return 0;
}

} // namespace gantry::cli
