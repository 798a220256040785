#include "api/images/caller.hpp"

namespace gantry::api {

gantry::registry::Caller caller_of(const Request& request) {
  gantry::registry::Caller caller{gantry::registry::credentials_of_header(request.header("X-Registry-Auth")), {}};
  constexpr std::string_view meta = "x-meta-";
  for (const auto& [name, value] : request.headers) {
    std::string lower = name.substr(0, meta.size());
    for (auto& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    if (lower == meta) caller.meta.emplace_back(name, value);
  }
  return caller;
}

} // namespace gantry::api
