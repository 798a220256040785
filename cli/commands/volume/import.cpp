#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/container/each.hpp"
#include "cli/commands/image/file_source.hpp"
#include "cli/commands/volume/objects.hpp"

namespace gantry::cli {

int import_volume(Invocation& in) {
  FlagSet flags(in);
  const auto words = flags.parse();
  const Request request{"POST", "/volumes/" + url_encode(words[0]) + "/import"};
  Response response = upload_file(in.client, request, words.size() > 1 ? words[1] : "-");
  print_line(response.read_json().value("Name", ""));
  return 0;
}

} // namespace gantry::cli
