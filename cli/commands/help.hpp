#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gantry::cli {

/// What `gantry --help` prints.
std::string program_help();
/// What `gantry OBJECT` prints.
std::string object_help(std::string_view object);
/// The sentence for a command that does not exist, with the nearest ones that do. `object` is empty at the top level.
std::string unknown_command(std::string_view object, std::string_view word);
/// The candidates that are within two edits of `word`, or start with it; nearest first.
std::vector<std::string_view> nearest(std::string_view word, const std::vector<std::string_view>& candidates);
bool is_object(std::string_view word);

} // namespace gantry::cli
