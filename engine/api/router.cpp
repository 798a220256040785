#include "api/router.hpp"

#include <algorithm>

namespace gantry::api {

namespace {

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> segments;
  for (std::size_t begin = 1; begin <= path.size();) {
    const auto end = std::min(path.find('/', begin), path.size());
    segments.emplace_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return segments;
}

bool is_param(std::string_view segment) { return segment.starts_with('{'); }
bool is_greedy(std::string_view segment) { return segment.ends_with("...}"); }

std::string param_name(std::string_view segment) {
  segment.remove_prefix(1);
  segment.remove_suffix(is_greedy(segment) ? 4 : 1);
  return std::string(segment);
}

using Params = std::vector<std::pair<std::string, std::string>>;

bool match_one(const std::string& pattern, const std::string& segment, Params& params) {
  if (!is_param(pattern)) return pattern == segment;
  if (segment.empty()) return false;
  params.emplace_back(param_name(pattern), segment);
  return true;
}

/// At most one greedy parameter: what stands before and behind it has a fixed length.
bool match_segments(const std::vector<std::string>& pattern, const std::vector<std::string>& path, Params& params) {
  const auto greedy = std::find_if(pattern.begin(), pattern.end(), [](const auto& s) { return is_greedy(s); });
  const auto head = static_cast<std::size_t>(greedy - pattern.begin());
  const bool any = greedy != pattern.end();
  if (any ? path.size() < pattern.size() : path.size() != pattern.size()) return false;
  for (std::size_t i = 0; i < head; ++i)
    if (!match_one(pattern[i], path[i], params)) return false;
  if (!any) return true;
  const auto tail = pattern.size() - head - 1;
  const auto tail_at = path.size() - tail;
  std::string name;
  for (auto i = head; i < tail_at; ++i) name += (i == head ? "" : "/") + path[i];
  if (name.empty()) return false;
  params.emplace_back(param_name(*greedy), std::move(name));
  for (std::size_t i = 0; i < tail; ++i)
    if (!match_one(pattern[head + 1 + i], path[tail_at + i], params)) return false;
  return true;
}

} // namespace

void Router::add(Method method, std::string_view pattern, Handler handler, RouteOptions options) {
  auto segments = split(pattern);
  const bool params = std::any_of(segments.begin(), segments.end(), [](const auto& s) { return is_param(s); });
  (params ? with_params_ : fixed_).push_back(Route{method, std::move(segments), handler, options});
}

Router::Match Router::match(Method method, std::string_view path, ApiVersion version) const {
  if (!path.starts_with('/')) return {};
  const auto segments = split(path);
  for (const auto* routes : {&fixed_, &with_params_}) {
    for (const auto& route : *routes) {
      if (route.method != method || version < route.options.since) continue;
      Match found{&route, {}};
      if (match_segments(route.segments, segments, found.params)) return found;
    }
  }
  return {};
}

VersionedPath split_version(std::string_view path) {
  if (path.starts_with("/v")) {
    const auto slash = path.find('/', 2);
    if (slash != std::string_view::npos)
      if (const auto version = parse_version(path.substr(2, slash - 2))) return {*version, std::string(path.substr(slash))};
  }
  return {newest_version, std::string(path)};
}

} // namespace gantry::api
