#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/archive_output.hpp"
#include "cli/commands/volume/objects.hpp"

namespace gantry::cli {

int export_volume(Invocation& in) {
  std::string output;
  FlagSet flags(in);
  flags.text("output", 'o', output, "Write to this file instead of standard output");
  const auto words = flags.parse();
  check_archive_output(output);
  Response response = in.client.call({"GET", "/volumes/" + url_encode(words[0]) + "/export"}, true);
  write_archive(response, output, "failed to export volume");
  return 0;
}

} // namespace gantry::cli
