#include "images/check.hpp"
#include "api/system/handlers.hpp"
#include "containers/driver_call.hpp"

namespace gantry::api {

namespace {

using gantry::images::CheckProblem;
using gantry::images::CheckReport;

/// Containers whose files are gone: nobody can bring those back.
void check_snapshots(Services& services, CheckReport& report, std::size_t& containers) {
  gantry::containers::DriverCall call;
  for (const auto& container : services.containers.list()) {
    ++containers;
    if (container->driver != services.storage.name()) continue; // of another driver, which is not there now
    if (services.storage.stat(call, container->id)) continue;
    try {
      (void)services.containers.find(container->id);
    } catch (const Error&) {
      continue; // removed in this moment
    }
    report.problems.push_back(
        {"container", container->id, "its files are missing", "remove it with \"gantry rm -f " + container->name + "\"", false});
  }
}

Json problem_json(const CheckProblem& problem) {
  return {{"Kind", problem.kind},
          {"Name", problem.name},
          {"Problem", problem.problem},
          {"Remedy", problem.remedy},
          {"Repaired", problem.repaired}};
}

} // namespace

Task<void> post_system_check(Services& services, Request& request, Reply& reply) {
  const bool repair = request.query.flag("repair");
  CheckReport report;
  std::size_t containers = 0;
  auto work = [&] {
    report = gantry::images::check_store(services.images, services.paths, repair);
    check_snapshots(services, report, containers);
  };
  co_await on(services.pool, work);
  Json body;
  body["Checked"] = {{"Images", report.images},
                     {"Layers", report.layers},
                     {"Blobs", report.blobs},
                     {"BlobBytes", report.bytes},
                     {"Containers", containers}};
  body["Problems"] = Json::array();
  for (const auto& problem : report.problems) body["Problems"].push_back(problem_json(problem));
  reply.json(200, body);
}

} // namespace gantry::api
