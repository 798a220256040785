#include <cstdio>
#include <stdexcept>

#include "cli/args/flag_set.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/container/create_container.hpp"
#include "cli/failure.hpp"

namespace gantry::cli {

int create_container_command(Invocation& in) {
  CreateOptions options;
  FlagSet flags(in);
  add_create_flags(flags, options);
  const Strings words = flags.parse(FlagSet::Stop::at_first_word);
  Json body;
  try {
    body = create_body(options, flags, words, false);
  } catch (const std::exception& e) {
    throw Failure(std::string("gantry: ") + e.what() + "\n\nRun '" + in.path + " --help' for more information", 125);
  }
  std::printf("%s\n", create_container(in.client, options, body).c_str());
  return 0;
}

} // namespace gantry::cli
