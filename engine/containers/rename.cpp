#include "base/error.hpp"
#include "base/rollback.hpp"
#include "containers/names.hpp"
#include "containers/parts.hpp"
#include "networks/network_service.hpp"

namespace gantry::containers {
namespace {

[[noreturn]] void refuse_name(const Error& cause) {
  throw Error(cause.code(), std::string("Error when allocating new name: ") + cause.what(), cause.reason(), cause.os_errno());
}

void reserve_name(Parts& parts, const Entry& entry, const std::string& name) {
  try {
    parts.index.reserve(name, entry.id);
  } catch (const Error& cause) {
    refuse_name(cause);
  }
}

std::string checked_new_name(const std::string& name) {
  const std::string plain = name.starts_with('/') ? name.substr(1) : name;
  if (is_valid_name(plain)) return plain;
  // Docker has put the slash in front by now.
  throw invalid("Error when allocating new name: Invalid container name (/" + plain +
                "), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed");
}

void rename_entry(Parts& parts, Entry& entry, const std::string& new_name) {
  Container container = *entry.snapshot();
  const std::string old_name = container.name;
  reserve_name(parts, entry, new_name);
  Rollback rollback;
  rollback.add("release name", [&] { parts.index.release(new_name); });
  container.name = new_name;
  parts.store.rename(container);
  rollback.dismiss();
  entry.publish(std::move(container));
  parts.index.release(old_name);
  if (parts.drivers.networks) {
    const ContainerPtr renamed = entry.snapshot();
    for (const auto& attachment : renamed->networks)
      parts.drivers.networks->rename({renamed->id, renamed->name, renamed->config.hostname}, attachment);
  }
  parts.publish(*entry.snapshot(), "rename", {{"oldName", "/" + old_name}});
}

} // namespace

Task<void> ContainerService::rename(std::string reference, std::string new_name) {
  if (new_name.empty()) throw invalid("Neither old nor new names may be empty");
  const PartsPtr parts = impl_->parts;
  const EntryPtr entry = parts->index.find(reference);
  const std::string name = checked_new_name(new_name);
  auto guard = co_await entry->mutex.lock();
  if (entry->snapshot()->name == name) {
    throw invalid("Renaming a container with the same name as its current name");
  }
  auto job = [parts, entry, name] { rename_entry(*parts, *entry, name); };
  co_await on(parts->pool, std::move(job));
}

} // namespace gantry::containers
