#include "cli/commands/image/pull_image.hpp"

#include <unistd.h>

#include "cli/commands/image/reference.hpp"
#include "cli/streams/progress.hpp"

namespace gantry::cli {

void pull_image(Client& client, const std::string& image, const std::string& platform, bool quiet) {
  const Reference reference = split_reference(image);
  const Query query = Query({{"fromImage", reference.name}, {"tag", reference.tag.empty() ? "latest" : reference.tag}})
                          .add_unless_empty("platform", platform);
  Response response = client.call({"POST", "/images/create", query}, true);
  Progress progress(quiet ? -1 : STDERR_FILENO);
  for (std::string piece = response.next(); !piece.empty(); piece = response.next()) progress.feed(piece);
}

} // namespace gantry::cli
