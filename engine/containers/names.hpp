#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace gantry::containers {

/// Docker's grammar [a-zA-Z0-9][a-zA-Z0-9_.-]+.
bool is_valid_name(std::string_view name);
/// Strips one leading slash and checks the grammar; invalid with Docker's text.
std::string checked_name(std::string_view name);
/// A free name such as "patient_lovelace".
std::string generate_name(const std::function<bool(const std::string&)>& taken);

} // namespace gantry::containers
