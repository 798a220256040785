#include <unistd.h>

#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/image/file_source.hpp"
#include "cli/failure.hpp"
#include "cli/streams/progress.hpp"
#include "cli/streams/terminal.hpp"

namespace gantry::cli {

int load_images(Invocation& in) {
  std::string input;
  std::vector<std::string> platforms;
  bool quiet = false;
  FlagSet flags(in);
  flags.text("input", 'i', input, "Read from this file instead of STDIN");
  flags.list("platform", 0, platforms, "Load this platform only (\"os[/arch[/variant]]\")");
  flags.boolean("quiet", 'q', quiet, "Do not show the progress");
  flags.parse();
  if (input.empty() && is_terminal(STDIN_FILENO)) throw Failure("requested load from stdin, but stdin is empty");
  Query query({{"quiet", quiet || !is_terminal(STDOUT_FILENO) ? "1" : "0"}});
  for (const auto& platform : platforms) query.add("platform", platform);
  Response response = upload_file(in.client, {"POST", "/images/load", query}, input.empty() ? "-" : input);
  Progress progress(STDOUT_FILENO);
  for (std::string piece = response.next(); !piece.empty(); piece = response.next()) progress.feed(piece);
  return 0;
}

} // namespace gantry::cli
