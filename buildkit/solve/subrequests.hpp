#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "buildkit/solve/dockerfile_needs.hpp"
#include "buildkit/solve/failure.hpp"
#include "control.pb.h"

namespace gantry::buildkit {

/// One of the engine's warnings, told of the vertex.
moby::buildkit::v1::VertexWarning wire_warning(const Json& warning, const std::string& vertex, const std::string& file,
                                               const std::string& text);

/// The answers to "frontend.lint", "frontend.targets", "frontend.outline" and "frontend.subrequests.describe".
std::map<std::string, std::string> lint_of(const std::vector<Json>& warnings, const std::string& file, const std::string& text);
std::map<std::string, std::string> lint_failure(const Failure& failure);
std::map<std::string, std::string> targets_of(const DockerfileNeeds& needs, const std::string& target, const std::string& text);
std::map<std::string, std::string> outline_of(const DockerfileNeeds& needs, const std::string& target, const std::string& text);
std::map<std::string, std::string> descriptions();

} // namespace gantry::buildkit
