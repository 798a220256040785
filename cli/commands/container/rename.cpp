#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/failure.hpp"

namespace gantry::cli {

int rename_container(Invocation& in) {
  FlagSet flags(in);
  const auto words = flags.parse();
  if (words[0].empty() || words[1].empty()) throw Failure("Error: Neither old nor new names may be empty");
  try {
    in.client.post("/containers/" + url_encode(words[0]) + "/rename", Query({{"name", words[1]}}));
  } catch (const DaemonError& e) {
    throw Failure(std::string(e.what()) + "\nError: failed to rename container named " + words[0]);
  }
  return 0;
}

} // namespace gantry::cli
