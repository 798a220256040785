#pragma once

#include <string>

namespace gantry::api {

/// "ctrl-p,ctrl-q" or "a,ctrl-[" → the raw bytes; empty stays empty. invalid with Docker's sentence otherwise,
/// which calls them "detach" keys for attach and "escape" keys for exec.
std::string parse_detach_keys(const std::string& text, const char* called = "detach");

} // namespace gantry::api
