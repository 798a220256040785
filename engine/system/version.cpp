#include "system/version.hpp"

#include "system/system_service.hpp"

namespace gantry::system {

std::string_view gantry_version() { return GANTRY_VERSION; }

Json SystemService::version(const ApiFacts& api) const {
  const Json details = {{"ApiVersion", api.newest},
                        {"Arch", host_.go_arch},
                        {"BuildTime", ""},
                        {"Experimental", experimental() ? "true" : "false"},
                        {"GitCommit", ""},
                        {"GoVersion", ""},
                        {"KernelVersion", host_.kernel},
                        {"MinAPIVersion", api.oldest},
                        {"Os", "linux"}};
  // Clients look for a component of this name to learn what engine they talk to.
  const Json engine = {{"Name", "Engine"}, {"Version", api.engine_version}, {"Details", details}};
  const Json gantry = {{"Name", "Gantry"}, {"Version", gantry_version()}, {"Details", Json::object()}};
  Json version = {{"Platform", {{"Name", "Gantry " + std::string(gantry_version())}}},
                  {"Components", Json::array({engine, gantry})},
                  {"Version", api.engine_version},
                  {"ApiVersion", api.newest},
                  {"MinAPIVersion", api.oldest},
                  {"GitCommit", ""},
                  {"GoVersion", ""},
                  {"Os", "linux"},
                  {"Arch", host_.go_arch},
                  {"KernelVersion", host_.kernel},
                  {"BuildTime", ""}};
  if (experimental()) version["Experimental"] = true;
  return version;
}

} // namespace gantry::system
