#include "containers/selinux/choose_labels.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "containers/namespace_join.hpp"
#include "containers/selinux/context.hpp"
#include "containers/selinux/labels.hpp"

namespace gantry::containers::selinux {
namespace {

StringList label_of(const Parts& parts, const std::string& mode) {
  const ContainerPtr other = joined_container(parts, mode);
  return other ? same_label(other->process_label) : StringList{};
}

/// The words behind "label=" for a container that names none itself.
StringList default_options(const Parts& parts, const HostConfig& config) {
  if (config.privileged || config.pid_mode == "host" || config.ipc_mode == "host") return {"disable"};
  const StringList ipc = label_of(parts, config.ipc_mode), pid = label_of(parts, config.pid_mode);
  if (!ipc.empty() && !pid.empty() && ipc != pid) throw invalid("--ipc and --pid containers SELinux labels aren't the same");
  return ipc.empty() ? pid : ipc;
}

std::set<std::string> taken_levels(const Parts& parts) {
  std::set<std::string> taken;
  for (const auto& entry : parts.index.all()) {
    if (const auto context = parse_context(entry->snapshot()->mount_label)) taken.insert(context->level);
  }
  return taken;
}

} // namespace

void choose_labels(Parts& parts, Container& container) {
  HostConfig& config = container.host_config;
  // dockerd knows no other spelling here.
  const auto is_label = [](const std::string& option) { return option.starts_with("label=") || option == "label"; };
  if (std::none_of(config.security_opt.begin(), config.security_opt.end(), is_label)) {
    for (const auto& option : default_options(parts, config)) config.security_opt.push_back("label=" + option);
  }
  const auto pick = [&] { return parts.categories.pick(container.id, taken_levels(parts)); };
  Labels labels = make_labels(parts.defaults.selinux, label_options(config.security_opt), pick);
  // Whatever its options say, nothing confines it.
  if (!config.privileged) container.process_label = std::move(labels.process);
  container.mount_label = std::move(labels.mount);
}

} // namespace gantry::containers::selinux
