#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/image/reference.hpp"
#include "cli/failure.hpp"

namespace gantry::cli {

int tag_image(Invocation& in) {
  FlagSet flags(in);
  const auto words = flags.parse();
  try {
    check_reference(words[1]);
  } catch (const Failure& e) {
    throw Failure("Error parsing reference: \"" + words[1] + "\" is not a valid repository/tag: " + e.what());
  }
  const Reference target = split_reference(words[1]);
  if (target.digest) throw Failure("refusing to create a tag with a digest reference");
  in.client.post("/images/" + url_encode(words[0]) + "/tag",
                 Query({{"repo", target.name}, {"tag", target.tag.empty() ? "latest" : target.tag}}));
  return 0;
}

} // namespace gantry::cli
