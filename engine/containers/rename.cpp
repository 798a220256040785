#include "base/error.hpp"
#include "base/rollback.hpp"
#include "containers/names.hpp"
#include "containers/parts.hpp"

namespace gantry::containers {
namespace {

void rename_entry(Parts& parts, Entry& entry, const std::string& new_name) {
  Container container = *entry.snapshot();
  const std::string old_name = container.name;
  parts.index.reserve(new_name, entry.id);
  Rollback rollback;
  rollback.add("release name", [&] { parts.index.release(new_name); });
  container.name = new_name;
  parts.store.rename(container);
  rollback.dismiss();
  entry.publish(std::move(container));
  parts.index.release(old_name);
  parts.publish(*entry.snapshot(), "rename", {{"oldName", "/" + old_name}});
}

} // namespace

Task<void> ContainerService::rename(std::string reference, std::string new_name) {
  if (new_name.empty()) throw invalid("Neither old nor new names may be empty");
  const PartsPtr parts = impl_->parts;
  const EntryPtr entry = parts->index.find(reference);
  const std::string name = checked_name(new_name);
  auto guard = co_await entry->mutex.lock();
  if (entry->snapshot()->name == name) {
    throw invalid("Renaming a container with the same name as its current name");
  }
  auto job = [parts, entry, name] { rename_entry(*parts, *entry, name); };
  co_await on(parts->pool, std::move(job));
}

} // namespace gantry::containers
