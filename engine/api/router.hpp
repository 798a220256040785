#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/http.hpp"

namespace gantry::api {

struct Services;

using Handler = Task<void> (*)(Services&, Request&, Reply&);

/// How a route takes its request body: whole in memory (bounded), or streamed without a bound (Request::source).
enum class Body { memory, stream };

struct RouteOptions {
  Body body = Body::memory;
  ApiVersion since = oldest_version;             ///< requests for an older version get "page not found"
  Body (*choose_body)(const Request&) = nullptr; ///< where the query decides; `body` does not count then

  Body body_of(const Request& request) const { return choose_body ? choose_body(request) : body; }
};

/// Routes by method and pattern. "{id}" matches one segment, "{name...}" one or more ("host:5000/a/b:tag"), as greedily
/// as the rest of the pattern allows. A pattern without parameters wins over one with; else the first added wins.
class Router {
 public:
  struct Route {
    Method method;
    std::vector<std::string> segments;
    Handler handler;
    RouteOptions options;
  };

  struct Match {
    const Route* route = nullptr;
    std::vector<std::pair<std::string, std::string>> params;
  };

  void add(Method method, std::string_view pattern, Handler handler, RouteOptions options = {});
  /// `path` is decoded and without version. A null route: page not found. HEAD does not fall back to GET.
  Match match(Method method, std::string_view path, ApiVersion version) const;

 private:
  std::vector<Route> fixed_;
  std::vector<Route> with_params_;
};

/// Splits "/v1.44/containers/json" into version and rest; the newest version when there is none.
struct VersionedPath {
  ApiVersion version = newest_version;
  std::string path;
};
VersionedPath split_version(std::string_view decoded_path);

} // namespace gantry::api
