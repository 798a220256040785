#include "api/build/cache_wire.hpp"

#include "base/time.hpp"

namespace gantry::api {

Json cache_entry_json(const gantry::build::CacheEntry& entry) {
  Json json;
  json["ID"] = entry.key.substr(entry.key.find(':') + 1);
  json["Type"] = entry.type;
  json["Description"] = entry.description;
  json["InUse"] = entry.in_use;
  json["Shared"] = entry.shared;
  json["Size"] = entry.size;
  json["CreatedAt"] = rfc3339_nano(entry.created_ns);
  json["LastUsedAt"] = rfc3339_nano(entry.used_ns);
  json["UsageCount"] = entry.usage_count;
  return json;
}

} // namespace gantry::api
