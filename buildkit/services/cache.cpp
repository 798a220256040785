// What the build cache takes, and pruning it.
#include <time.h>

#include <map>

#include "buildkit/encoding.hpp"
#include "buildkit/services/control.hpp"
#include "buildkit/services/guarded.hpp"
#include "buildkit/services/usage_filter.hpp"

namespace gantry::buildkit {
namespace {

void set_time(google::protobuf::Timestamp* time, const std::string& text) {
  tm parts{};
  if (::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts) == nullptr) return;
  time->set_seconds(::timegm(&parts));
}

wire::UsageRecord record_of(const Json& entry) {
  wire::UsageRecord record;
  const auto text = [&](const char* name) {
    const auto found = entry.find(name);
    return found != entry.end() && found->is_string() ? found->get<std::string>() : "";
  };
  const auto flag = [&](const char* name) {
    const auto found = entry.find(name);
    return found != entry.end() && found->is_boolean() && found->get<bool>();
  };
  const auto number = [&](const char* name) {
    const auto found = entry.find(name);
    return found != entry.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
  };
  record.set_id(text("ID"));
  record.set_recordtype(text("Type"));
  record.set_description(text("Description"));
  record.set_inuse(flag("InUse"));
  record.set_shared(flag("Shared"));
  record.set_mutable_(record.recordtype() == "exec.cachemount");
  record.set_size(number("Size"));
  record.set_usagecount(number("UsageCount"));
  set_time(record.mutable_createdat(), text("CreatedAt"));
  if (!text("LastUsedAt").empty()) set_time(record.mutable_lastusedat(), text("LastUsedAt"));
  if (const auto parents = entry.find("Parents"); parents != entry.end() && parents->is_array())
    for (const Json& parent : *parents)
      if (parent.is_string()) record.add_parents(parent.get<std::string>());
  if (record.parents_size() > 0) record.set_parent(record.parents(0));
  return record;
}

std::map<std::string, wire::UsageRecord> records_of(Daemon& daemon, const Cancellation& cancellation) {
  std::map<std::string, wire::UsageRecord> records;
  const Json usage = daemon.call("GET", "/system/df?type=build-cache", {}, cancellation);
  const auto entries = usage.find("BuildCache");
  if (entries == usage.end() || !entries->is_array()) return records;
  for (const Json& entry : *entries)
    if (entry.is_object()) {
      auto record = record_of(entry);
      records[record.id()] = std::move(record);
    }
  return records;
}

/// "type==exec.cachemount" and the like; what is not known here is passed on, and refused there.
Json filters_of(const wire::PruneRequest& request) {
  Json filters = Json::object();
  for (const auto& filter : request.filter()) {
    if (filter.empty()) continue;
    const std::size_t equals = filter.find('=');
    const std::string name = filter.substr(0, equals);
    std::string value = equals == std::string::npos ? ""
                                                    : filter.substr(filter.find_first_not_of("=~", equals) == std::string::npos
                                                                        ? filter.size()
                                                                        : filter.find_first_not_of("=~", equals));
    filters[name].push_back(value);
  }
  if (request.keepduration() > 0) filters["until"].push_back(std::to_string(request.keepduration() / 1'000'000'000) + "s");
  return filters;
}

} // namespace

grpc::Status ControlService::DiskUsage(grpc::ServerContext* context, const wire::DiskUsageRequest* request,
                                       wire::DiskUsageResponse* response) {
  return guarded([&]() -> grpc::Status {
    Cancellation cancellation;
    const Watch watch([context] { return context->IsCancelled(); }, cancellation);
    for (const auto& filter : request->filter()) (void)passes(filter, "", ""); // also when there is nothing to filter
    for (const auto& [id, record] : records_of(daemon_, cancellation)) {
      bool wanted = true;
      for (const auto& filter : request->filter()) wanted = wanted && passes(filter, id, record.recordtype());
      if (wanted) *response->add_record() = record;
    }
    return grpc::Status::OK;
  });
}

grpc::Status ControlService::Prune(grpc::ServerContext* context, const wire::PruneRequest* request,
                                   grpc::ServerWriter<wire::UsageRecord>* writer) {
  return guarded([&]() -> grpc::Status {
    Cancellation cancellation;
    const Watch watch([context] { return context->IsCancelled(); }, cancellation);
    const auto before = records_of(daemon_, cancellation);
    Query query;
    if (request->all()) query.add("all", "1");
    if (request->reservedspace() > 0) query.add("reserved-space", std::to_string(request->reservedspace()));
    if (request->maxusedspace() > 0) query.add("max-used-space", std::to_string(request->maxusedspace()));
    if (request->minfreespace() > 0) query.add("min-free-space", std::to_string(request->minfreespace()));
    if (const Json filters = filters_of(*request); !filters.empty()) query.add("filters", filters.dump());
    const Json pruned = daemon_.call("POST", "/build/prune" + query.text(), {}, cancellation);
    const auto ids = pruned.find("CachesDeleted");
    if (ids == pruned.end() || !ids->is_array()) return grpc::Status::OK;
    for (const Json& id : *ids) {
      if (!id.is_string()) continue;
      std::string name = id.get<std::string>();
      if (name.starts_with("sha256:")) name.erase(0, 7);
      const auto known = before.find(name);
      wire::UsageRecord record;
      if (known != before.end()) record = known->second;
      record.set_id(name);
      if (!writer->Write(record)) break;
    }
    return grpc::Status::OK;
  });
}

} // namespace gantry::buildkit
