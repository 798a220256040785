#pragma once

#include <string_view>

// spdlog stays behind this header. Messages go to stderr as dockerd's do (time="…" level=info msg="…"); never a secret,
// never a full request body.
namespace gantry::log {

/// "trace" "debug" "info" "warn" "error" "fatal"; invalid otherwise.
void set_level(std::string_view level);
void debug(std::string_view message);
void info(std::string_view message);
void warn(std::string_view message);
void error(std::string_view message);

} // namespace gantry::log
