#include "containers/json_reader.hpp"
#include "containers/model_json.hpp"

namespace gantry::containers {

Extensions extensions_from_json(const Json& json) {
  const JsonReader reader(json, "Gantry");
  Extensions extensions;
  if (const Json* probe = reader.find("Probe")) {
    JsonReader(*probe, "Gantry.Probe").read("URL", extensions.probe_url);
    if (extensions.probe_url.empty()) throw invalid("Gantry.Probe.URL: expected http://[HOST]:PORT[/PATH] or tcp://[HOST]:PORT");
  }
  reader.read("OnUnhealthy", extensions.on_unhealthy);
  return extensions;
}

Json to_json(const Extensions& extensions) {
  Json json;
  if (!extensions.probe_url.empty()) json["Probe"]["URL"] = extensions.probe_url;
  if (!extensions.on_unhealthy.empty()) json["OnUnhealthy"] = extensions.on_unhealthy;
  return json;
}

} // namespace gantry::containers
