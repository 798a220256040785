#pragma once

#include <string>

namespace gantry::containers::selinux {

/// Gives everything at and below `path` the label. `path` itself may be a link; below it links are labelled and never
/// followed, whatever a program does to the tree meanwhile. What has the label already is not written, what vanishes and
/// file systems without labels are passed over. invalid, with Docker's text, for directories that the system lives in.
void relabel(const std::string& path, const std::string& label);

} // namespace gantry::containers::selinux
