#include "plugins/tables.hpp"

#include <gantry/sdk/detail/view.hpp>
#include <initializer_list>

#include "base/error.hpp"

namespace gantry::plugins {

namespace {

struct Slot {
  const char* operation;
  bool present;
};

void demand_all(const std::string& driver, std::initializer_list<Slot> slots) {
  for (const auto& slot : slots) {
    if (!slot.present) throw unavailable("driver '" + driver + "' does not implement " + slot.operation);
  }
}

void demand_group(const std::string& driver, std::initializer_list<Slot> group) {
  const Slot* present = nullptr;
  const Slot* missing = nullptr;
  for (const auto& slot : group) (slot.present ? present : missing) = &slot;
  if (present == nullptr || missing == nullptr) return;
  throw unavailable("driver '" + driver + "' implements " + present->operation + " but not " + missing->operation);
}

template <class Table>
Table read_table(const Table* theirs, const std::string& driver) {
  if (theirs == nullptr) throw unavailable("driver '" + driver + "' has no table");
  return detail::read(theirs);
}

} // namespace

gantry_runtime_table normalise(const gantry_runtime_table* theirs, const std::string& driver) {
  const auto t = read_table(theirs, driver);
  demand_all(driver, {{"features", t.features != nullptr},
                      {"create", t.create != nullptr},
                      {"start", t.start != nullptr},
                      {"signal", t.signal != nullptr},
                      {"remove", t.remove != nullptr},
                      {"resize", t.resize != nullptr},
                      {"close_stdin", t.close_stdin != nullptr},
                      {"attach", t.attach != nullptr},
                      {"exit_info", t.exit_info != nullptr},
                      {"processes", t.processes != nullptr},
                      {"reattach", t.reattach != nullptr},
                      {"reconcile", t.reconcile != nullptr}});
  demand_group(driver, {{"pause", t.pause != nullptr}, {"resume", t.resume != nullptr}});
  demand_group(driver, {{"mount", t.mount != nullptr}, {"unmount", t.unmount != nullptr}});
  demand_group(driver,
               {{"exec", t.exec != nullptr}, {"execs", t.execs != nullptr}, {"reattach_exec", t.reattach_exec != nullptr}});
  return t;
}

gantry_storage_table normalise(const gantry_storage_table* theirs, const std::string& driver) {
  const auto t = read_table(theirs, driver);
  demand_all(driver, {{"name", t.name != nullptr},
                      {"status", t.status != nullptr},
                      {"prepare", t.prepare != nullptr},
                      {"view", t.view != nullptr},
                      {"mounts", t.mounts != nullptr},
                      {"commit", t.commit != nullptr},
                      {"remove", t.remove != nullptr},
                      {"stat", t.stat != nullptr},
                      {"list", t.list != nullptr},
                      {"usage", t.usage != nullptr},
                      {"reconcile", t.reconcile != nullptr}});
  demand_group(driver, {{"apply", t.apply != nullptr},
                        {"diff", t.diff != nullptr},
                        {"export_tree", t.export_tree != nullptr},
                        {"changes", t.changes != nullptr}});
  return t;
}

gantry_network_table normalise(const gantry_network_table* theirs, const std::string& driver) {
  const auto t = read_table(theirs, driver);
  demand_all(driver, {{"create_network", t.create_network != nullptr},
                      {"delete_network", t.delete_network != nullptr},
                      {"create_endpoint", t.create_endpoint != nullptr},
                      {"delete_endpoint", t.delete_endpoint != nullptr},
                      {"join", t.join != nullptr},
                      {"leave", t.leave != nullptr},
                      {"reconcile", t.reconcile != nullptr}});
  return t;
}

gantry_volume_table normalise(const gantry_volume_table* theirs, const std::string& driver) {
  const auto t = read_table(theirs, driver);
  demand_all(driver, {{"create", t.create != nullptr},
                      {"remove", t.remove != nullptr},
                      {"mount", t.mount != nullptr},
                      {"unmount", t.unmount != nullptr},
                      {"get", t.get != nullptr},
                      {"list", t.list != nullptr},
                      {"reconcile", t.reconcile != nullptr}});
  return t;
}

gantry_log_table normalise(const gantry_log_table* theirs, const std::string& driver) {
  const auto t = read_table(theirs, driver);
  demand_all(driver, {{"validate", t.validate != nullptr},
                      {"open", t.open != nullptr},
                      {"write", t.write != nullptr},
                      {"close", t.close != nullptr}});
  return t;
}

} // namespace gantry::plugins
