#pragma once

#include <map>
#include <string>

#include <gantry/sdk/log.hpp>

#include "containers/model.hpp"

namespace gantry::containers {

/// The option `tag` with its Go template ({{.ID}}, {{.Name}}, {{.ImageName}}, …) filled in; that of `standard` when the option
/// is not given or empty. invalid with Go's sentence for a wrong template.
std::string log_tag(const Container& container, const std::string& standard);

/// The labels and environment variables that labels, labels-regex, env and env-regex choose. invalid for a wrong expression.
std::map<std::string, std::string> log_attributes(const Container& container);

/// What every json-file line carries, as JSON text; empty when there is nothing.
std::string line_attributes(const Container& container);

/// What a plugin's driver learns about the container.
LogSource log_source(const Container& container);

} // namespace gantry::containers
