#include "cli/commands/image/pull_image.hpp"

#include "cli/commands/image/reference.hpp"
#include "cli/credentials/registry_auth.hpp"
#include "cli/streams/progress.hpp"

namespace gantry::cli {

void pull_image(Client& client, const std::string& image, const PullOptions& options) {
  const Reference reference = split_reference(image);
  Query query({{"fromImage", reference.name}});
  if (!options.all_tags) query.add("tag", reference.tag.empty() ? "latest" : reference.tag);
  query.add_unless_empty("platform", options.platform);
  Request request{"POST", "/images/create", query};
  request.headers.emplace_back("X-Registry-Auth", registry_auth_header(reference.name));
  Response response = client.call(request, true);
  Progress progress(options.quiet ? -1 : options.progress_fd);
  for (std::string piece = response.next(); !piece.empty(); piece = response.next()) progress.feed(piece);
}

} // namespace gantry::cli
