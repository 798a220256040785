#pragma once

#include <string>
#include <vector>

#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/failure.hpp"

namespace gantry::cli::test {

/// `gantry demo` with these arguments; nobody is connected to.
struct Given {
  explicit Given(std::vector<std::string> args) : invocation{command, "gantry demo", std::move(args), client} {}
  Client client{Host{}};
  Command command{"", "demo", "", "demo", "[OPTIONS] WORD...", "Demonstrate", 0, -1, nullptr};
  Invocation invocation;
  FlagSet flags{invocation};
};

/// What `f` fails with.
template <class F>
std::string message_of(F f) {
  try {
    f();
  } catch (const std::exception& e) {
    return e.what();
  }
  return "no failure";
}

} // namespace gantry::cli::test
