#pragma once

#include "containers/spec.hpp"

namespace gantry::containers {

/// PATH, HOSTNAME and, with a terminal, TERM, under the container's own list: "NAME=value" replaces, "NAME" alone unsets.
StringList make_environment(const Container&, bool tty);
/// Values of `changes` over `base`, in place.
void merge_environment(StringList& base, const StringList& changes);

/// The name that the container's UTS namespace gets.
std::string container_hostname(const Container&);

/// Whether an init of the daemon's runs as pid 1.
bool wants_init(const Container&, const SpecContext&);

/// OCI `process` of the container itself.
Json make_process(const Container&, const SpecContext&);

} // namespace gantry::containers
