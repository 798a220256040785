#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/json.hpp"

namespace gantry::cli {

std::vector<std::pair<std::string, std::string>> container_headings();
/// The fields of one line of `ps`, from an element of GET /containers/json.
Json container_row(const Json& container, bool shorten);
/// "0.0.0.0:80->80/tcp, 8000-8001/tcp"
std::string ports_text(const Json& ports);
/// At most `length` characters; the last one is "…" when something was cut off.
std::string ellipsis(const std::string& text, std::size_t length);

} // namespace gantry::cli
