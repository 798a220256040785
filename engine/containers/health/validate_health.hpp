#pragma once

#include <string>
#include <vector>

#include "containers/model.hpp"

namespace gantry::containers {

/// The parts of a health check that do not go together, before the image's check is mixed in. invalid.
void refuse_two_checks(const Config&, const Extensions&);
/// Afterwards: whether there is something that can be run. invalid; appends warnings in Docker's words.
void validate_health(const Container&, std::vector<std::string>& warnings);

} // namespace gantry::containers
