#include "api/api_facts.hpp"
#include "api/gates.hpp"
#include "api/system/handlers.hpp"

namespace gantry::api {

namespace {

/// "name=seccomp,profile=builtin" was "seccomp" once; what there was no word for then is left out.
Json old_security_options(const Json& options) {
  Json old = Json::array();
  for (const auto& option : options) {
    const auto text = option.get<std::string>();
    const auto name = text.substr(5, text.find(',') - 5);
    if (name == "apparmor" || name == "seccomp" || name == "selinux") old.push_back(name);
  }
  return old;
}

} // namespace

Task<void> get_info(Services& services, Request& request, Reply& reply) {
  auto info = services.system.info(api_facts());
  apply_gates(WireObject::info, request.version, info);
  if (request.version < ApiVersion{1, 25}) info["SecurityOptions"] = old_security_options(info["SecurityOptions"]);
  reply.json(200, info);
  co_return;
}

} // namespace gantry::api
