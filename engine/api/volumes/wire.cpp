#include "api/volumes/wire.hpp"

#include "base/time.hpp"

namespace gantry::api {

namespace {

Json null_if_empty(const gantry::volumes::Pairs& pairs) { return pairs.empty() ? Json(nullptr) : Json(pairs); }

} // namespace

Json volume_json(const gantry::volumes::Volume& volume) {
  constexpr std::int64_t second = 1'000'000'000;
  Json json;
  if (volume.created_ns != 0) json["CreatedAt"] = rfc3339_nano(volume.created_ns / second * second);
  json["Driver"] = volume.driver;
  json["Labels"] = null_if_empty(volume.labels);
  json["Mountpoint"] = volume.mountpoint;
  json["Name"] = volume.name;
  json["Options"] = null_if_empty(volume.options);
  json["Scope"] = volume.global ? "global" : "local";
  if (!volume.status.empty()) json["Status"] = volume.status;
  return json;
}

} // namespace gantry::api
