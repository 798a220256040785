#pragma once

#include "containers/parts.hpp"
#include "containers/spec.hpp"

namespace gantry::containers {

struct VolumeMounts;

/// What the daemon resolved for a container's spec. Looks up the containers whose namespaces it joins
/// (invalid/forbidden_state when one is missing or not running).
SpecContext make_spec_context(Parts&, const Container&);

/// The same for a container that is about to start: with its volumes, its devices (CDI) and the hooks of the daemon's
/// configuration. `volumes` has to outlive the start.
SpecContext make_start_context(Parts&, const Container&, VolumeMounts& volumes);
/// The part that an exec needs: nothing about other containers, which may have ended by now.
SpecContext make_process_context(Parts&, const Container&);

} // namespace gantry::containers
