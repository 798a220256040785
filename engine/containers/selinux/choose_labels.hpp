#pragma once

#include "containers/parts.hpp"

namespace gantry::containers::selinux {

/// Decides a new container's labels, and adds to its security options what Docker adds: containers that see the host's
/// processes or memory are not labelled, those that see another container's have its label. invalid for options that are
/// wrong; without SELinux there are no labels and all options are taken.
void choose_labels(Parts&, Container&);

} // namespace gantry::containers::selinux
