#pragma once

#include <string>

#include "cli/build/display.hpp"
#include "cli/build/upload.hpp"
#include "cli/client/client.hpp"

namespace gantry::cli {

struct BuildResult {
  std::string id;                ///< of the image
  Json warnings = Json::array(); ///< what lint found: rule, description, url, detail, line, excerpt
};

/// Sends the context and shows what the daemon tells, to the end. Failure for a build that fails, with the code of the program
/// that did, and with 130 when the user interrupts.
BuildResult follow_build(Client& client, const Request& request, const Upload& upload, Display& display);

/// The warnings as `docker build --check` prints them; 1 when there are any.
int print_check(const BuildResult& result);
/// One line for each, on stderr.
void print_warnings(const BuildResult& result);

} // namespace gantry::cli
