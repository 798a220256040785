#pragma once

#include <functional>
#include <string>

#include "containers/model.hpp"
#include "containers/selinux/policy.hpp"

namespace gantry::containers::selinux {

struct Labels {
  std::string process; ///< empty: the engine's transition decides
  std::string mount;
};

/// The labels that `options` ("type:NAME", "user:NAME", "role:NAME", "filetype:NAME", "level:LEVEL", "disable", "nested") make
/// of the policy's. `pick_level` gives a fresh level; it is asked only when one is needed. invalid with Docker's text.
Labels make_labels(const Policy&, const StringList& options, const std::function<std::string()>& pick_level);

/// Options that give another container the same label as this one; none for an empty one.
StringList same_label(const std::string& process_label);

/// Of the `label` options the words behind "label=".
StringList label_options(const StringList& security_opt);

/// The label of files that containers share: no categories.
std::string shared_label(const std::string& mount_label);

} // namespace gantry::containers::selinux
