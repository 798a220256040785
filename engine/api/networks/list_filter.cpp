#include "api/networks/list_filter.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/time.hpp"

namespace gantry::api {

namespace {

using gantry::networks::Network;

bool is_one_of(const std::vector<std::string>& wanted, std::string_view value) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

bool read_dangling(const std::vector<std::string>& values) {
  const std::string& value = values.front();
  if (values.size() != 1 || (value != "true" && value != "1" && value != "false" && value != "0"))
    throw invalid("invalid value for filter 'dangling', must be \"true\" (or \"1\"), or \"false\" (or \"0\")");
  return value == "true" || value == "1";
}

/// As Docker does: a part of the name or a pattern, a part of the id.
bool has_part(const std::vector<std::string>& wanted, const std::string& text) {
  const auto in_text = [&](const std::string& part) { return text.find(part) != std::string::npos; };
  return wanted.empty() || std::any_of(wanted.begin(), wanted.end(), in_text) || match_pattern(wanted, text);
}

} // namespace

NetworkFilter::NetworkFilter(const std::string& text, std::initializer_list<std::string_view> allowed) : filters_(text, allowed) {
  if (filters_.has("dangling")) dangling_ = read_dangling(filters_.get("dangling"));
  if (const auto& until = filters_.get("until"); !until.empty()) {
    if (until.size() > 1) throw invalid("more than one until filter specified");
    until_ns_ = parse_timestamp(until.front());
  }
  for (const auto& type : filters_.get("type"))
    if (type != "custom" && type != "builtin") throw invalid("invalid filter: 'type'='" + type + "'");
}

bool NetworkFilter::matches(const Network& network, bool used) const {
  if (dangling_ && *dangling_ != (!used && !network.is_builtin())) return false;
  if (until_ns_ && network.created_ns >= *until_ns_) return false;
  for (const auto& unwanted : filters_.get("label!"))
    if (match_labels({unwanted}, network.labels)) return false;
  return is_one_of(filters_.get("driver"), network.driver) && has_part(filters_.get("id"), network.id) &&
         match_labels(filters_.get("label"), network.labels) && has_part(filters_.get("name"), network.name) &&
         is_one_of(filters_.get("scope"), "local") &&
         is_one_of(filters_.get("type"), network.is_builtin() ? "builtin" : "custom");
}

} // namespace gantry::api
