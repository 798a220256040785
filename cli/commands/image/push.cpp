#include <unistd.h>

#include <cstdio>

#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/image/reference.hpp"
#include "cli/credentials/registry_auth.hpp"
#include "cli/failure.hpp"
#include "cli/streams/progress.hpp"

namespace gantry::cli {

int push_image(Invocation& in) {
  bool all_tags = false, quiet = false, content_trust_off = true;
  std::string platform;
  FlagSet flags(in);
  flags.boolean("all-tags", 'a', all_tags, "Push every tag of the repository");
  flags.boolean("disable-content-trust", 0, content_trust_off, "Accepted for docker's scripts; images are not signed").standard =
      "true";
  flags.boolean("quiet", 'q', quiet, "Do not show the progress");
  flags.text("platform", 0, platform, "Push this platform (\"os[/arch[/variant]]\")");
  const std::string image = flags.parse()[0];
  check_reference(image);
  const Reference reference = split_reference(image);
  if (reference.digest) throw Failure("cannot push a digest reference");
  if (all_tags && !reference.tag.empty()) throw Failure("tag can't be used with --all-tags/-a");
  Query query = Query().add_unless_empty("platform", platform);
  if (!all_tags) query.add("tag", reference.tag.empty() ? "latest" : reference.tag);
  if (!all_tags && reference.tag.empty() && !quiet) std::printf("Using default tag: latest\n");
  std::fflush(stdout);
  Request request{"POST", "/images/" + url_encode(reference.name) + "/push", query};
  request.headers.emplace_back("X-Registry-Auth", registry_auth_header(reference.name));
  Response response = in.client.call(request, true);
  Progress progress(quiet ? -1 : STDOUT_FILENO);
  for (std::string piece = response.next(); !piece.empty(); piece = response.next()) progress.feed(piece);
  if (quiet) std::printf("%s\n", full_name(all_tags ? image : with_default_tag(image)).c_str());
  return 0;
}

} // namespace gantry::cli
