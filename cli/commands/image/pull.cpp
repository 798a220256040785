#include <unistd.h>

#include <cstdio>

#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/image/pull_image.hpp"
#include "cli/commands/image/reference.hpp"
#include "cli/failure.hpp"

namespace gantry::cli {

int pull_image_command(Invocation& in) {
  PullOptions options;
  bool content_trust_off = true;
  FlagSet flags(in);
  flags.boolean("all-tags", 'a', options.all_tags, "Pull every tag of the repository");
  flags.boolean("disable-content-trust", 0, content_trust_off, "Accepted for docker's scripts; images are not verified")
      .standard = "true";
  flags.text("platform", 0, options.platform, "Platform of the image, where it has several (\"os[/arch[/variant]]\")");
  flags.boolean("quiet", 'q', options.quiet, "Do not show the progress");
  std::string image = flags.parse()[0];
  check_reference(image);
  const bool tagged = !split_reference(image).tag.empty();
  if (options.all_tags && tagged) throw Failure("tag can't be used with --all-tags/-a");
  if (!options.all_tags && !tagged) {
    image = with_default_tag(image);
    if (!options.quiet) std::printf("Using default tag: latest\n");
  }
  std::fflush(stdout);
  options.progress_fd = STDOUT_FILENO;
  pull_image(in.client, image, options);
  std::printf("%s\n", full_name(image).c_str());
  return 0;
}

} // namespace gantry::cli
