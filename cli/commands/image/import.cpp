#include <unistd.h>

#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/image/file_source.hpp"
#include "cli/commands/image/reference.hpp"
#include "cli/streams/progress.hpp"

namespace gantry::cli {

int import_image(Invocation& in) {
  std::vector<std::string> changes;
  std::string message, platform;
  FlagSet flags(in);
  flags.list("change", 'c', changes, "Apply a Dockerfile instruction to the image");
  flags.text("message", 'm', message, "Commit message of the image");
  flags.text("platform", 0, platform, "Platform of the image");
  const auto words = flags.parse();
  const bool url = words[0].starts_with("http://") || words[0].starts_with("https://");
  Query query;
  for (const std::string& change : changes) query.add("changes", change);
  query.add("fromSrc", url ? words[0] : "-").add_unless_empty("message", message).add_unless_empty("platform", platform);
  if (words.size() > 1) {
    check_reference(words[1]);
    query.add("repo", words[1]);
  }
  const Request request{"POST", "/images/create", query};
  Response response = url ? in.client.call(request, true) : upload_file(in.client, request, words[0]);
  Progress progress(STDOUT_FILENO);
  for (std::string piece = response.next(); !piece.empty(); piece = response.next()) progress.feed(piece);
  return 0;
}

} // namespace gantry::cli
