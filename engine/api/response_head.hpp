#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::api {

/// The head of a reply; the headers that go with every reply are added by format.
struct ResponseHead {
  int status = 200;
  std::string_view reason; ///< empty: the standard one
  std::string_view content_type;
  std::vector<std::pair<std::string, std::string>> headers;
};

/// "HTTP/1.1 200 OK\r\n…\r\n\r\n" with Api-Version, Docker-Experimental, Ostype, Server and Date.
std::string format(const ResponseHead& head);
/// What tells the engine: Api-Version, Docker-Experimental, Ostype and Server.
std::vector<std::pair<std::string, std::string>> engine_headers();
/// Without those: what a hijacked connection gets.
std::string format_bare(const ResponseHead& head);

} // namespace gantry::api
