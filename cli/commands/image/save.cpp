#include "cli/args/flag_set.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/archive_output.hpp"

namespace gantry::cli {

int save_images(Invocation& in) {
  std::string output;
  std::vector<std::string> platforms;
  FlagSet flags(in);
  flags.text("output", 'o', output, "Write to this file instead of standard output");
  flags.list("platform", 0, platforms, "Save this platform only (\"os[/arch[/variant]]\")");
  const auto words = flags.parse();
  check_archive_output(output);
  Query query;
  for (const auto& name : words) query.add("names", name);
  for (const auto& platform : platforms) query.add("platform", platform);
  Response response = in.client.call({"GET", "/images/get", query}, true);
  write_archive(response, output, "failed to save image");
  return 0;
}

} // namespace gantry::cli
