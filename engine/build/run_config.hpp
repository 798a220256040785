#pragma once

#include <string>

#include "build/dockerfile/dockerfile.hpp"
#include "build/dockerfile/expand.hpp"
#include "build/state.hpp"

namespace gantry::build {

/// Applies an instruction that only changes the image's config: CMD ENTRYPOINT ENV EXPOSE HEALTHCHECK LABEL MAINTAINER ONBUILD
/// SHELL STOPSIGNAL USER VOLUME. What history says about it, as the classic builder writes it.
std::string apply_metadata(State& state, const Instruction& instruction, const Lookup& lookup, char escape);

/// The shell form's prefix.
containers::StringList shell_of(const containers::Config&);

/// The words joined by blanks.
std::string joined(const containers::StringList& words);

/// Go's %q of a text.
std::string go_quoted(const std::string& text);

/// ENV's rule: replaces in place, else appends.
void set_env(containers::StringList& env, const std::string& name, const std::string& value);

} // namespace gantry::build
