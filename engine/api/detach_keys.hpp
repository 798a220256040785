#pragma once

#include <string>

namespace gantry::api {

/// "ctrl-p,ctrl-q" or "a,ctrl-[" → the raw bytes; empty stays empty. invalid with Docker's sentence otherwise.
std::string parse_detach_keys(const std::string& text);

} // namespace gantry::api
