#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace gantry::cli {

/// Keeps the order in which the daemon sent the keys: what `inspect` shows.
using Json = nlohmann::ordered_json;

} // namespace gantry::cli

// Compiled once, in json.cpp: without this every file that touches JSON would compile the library's code again.
extern template class nlohmann::basic_json<nlohmann::ordered_map>;
extern template class nlohmann::detail::serializer<nlohmann::ordered_json>;
extern template class std::vector<nlohmann::ordered_json>;
extern template class std::vector<std::string>;
extern template class std::map<std::string, std::string>;
