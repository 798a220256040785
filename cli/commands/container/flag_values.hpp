#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/json.hpp"

namespace gantry::cli {

// Values of run's flags, taken apart as Docker's client does. check_*: throw std::invalid_argument, for flags that are refused
// while they are parsed. parse_*: the API's form; throw Failure.

void check_stream(const std::string& text);
void check_weight_device(const std::string& text);
void check_rate_bytes(const std::string& text);
void check_rate_count(const std::string& text);
void check_ulimit(const std::string& text);
void check_sysctl(const std::string& text);
void check_add_host(const std::string& text);
void check_ip(const std::string& text);
void check_link(const std::string& text);
void check_mount(const std::string& text);

Json parse_ulimit(const std::string& text);
/// "path:value" as {"Path": …, "Rate" or "Weight": …}.
Json parse_device_rate(const std::string& text, bool bytes);
Json parse_weight_device(const std::string& text);
/// One --mount; throws std::invalid_argument.
Json parse_mount(const std::string& text);
/// "host[:container[:rwm]]".
Json parse_device(const std::string& text);
/// Values of --device: devices of the host, and names of CDI devices ("vendor.com/class=name").
std::pair<std::vector<std::string>, std::vector<std::string>> split_devices(const std::vector<std::string>& all);
Json parse_restart_policy(const std::string& text);
/// "all", "2", "device=GPU-1", "count=2,driver=nvidia,\"capabilities=a,b\"".
Json parse_gpus(const std::string& text);

/// Both sides of the first `mark`; the second is absent when there is no mark.
std::pair<std::string, std::optional<std::string>> cut(const std::string& text, char mark);
std::vector<std::string> split(std::string_view text, char mark);
/// Fields separated by commas, where a field in double quotes may hold commas.
std::vector<std::string> split_csv(const std::string& text);

} // namespace gantry::cli
