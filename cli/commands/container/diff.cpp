#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/container/each.hpp"

namespace gantry::cli {

int container_diff(Invocation& in) {
  FlagSet flags(in);
  const auto words = flags.parse();
  constexpr const char* kinds[] = {"C ", "A ", "D "};
  for (const Json& change : in.client.get("/containers/" + url_encode(words[0]) + "/changes")) {
    const auto kind = change.value("Kind", std::size_t{0});
    print_line((kind < std::size(kinds) ? kinds[kind] : "? ") + change.value("Path", ""));
  }
  return 0;
}

} // namespace gantry::cli
