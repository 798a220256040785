#include <cstdio>

#include "cli/args/flag_set.hpp"
#include "cli/commands/all.hpp"
#include "cli/credentials/config_file.hpp"

namespace gantry::cli {

int log_out(Invocation& in) {
  FlagSet flags(in);
  const auto words = flags.parse();
  const std::string server = server_key(words.empty() ? "" : words[0]);
  ConfigFile config;
  std::printf("%s %s\n", config.erase(server) ? "Removing login credentials for" : "Not logged in to", server.c_str());
  return 0;
}

} // namespace gantry::cli
