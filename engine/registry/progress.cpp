#include "registry/progress.hpp"

#include <algorithm>
#include <cstdio>

namespace gantry::registry {
namespace {

std::string padded(const std::string& text) { return std::string(text.size() < 8 ? 8 - text.size() : 0, ' ') + text; }

std::string bar(std::uint64_t current, std::uint64_t total) {
  if (total == 0) return padded(human_size(current));
  const auto filled =
      std::min<std::size_t>(static_cast<std::size_t>(static_cast<double>(current) / static_cast<double>(total) * 100) / 2, 50);
  return "[" + std::string(filled, '=') + ">" + std::string(50 - filled, ' ') + "] " + padded(human_size(current)) +
         (current > total ? "" : "/" + human_size(total));
}

} // namespace

std::string human_size(std::uint64_t bytes) {
  static constexpr const char* units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 1000 && unit + 1 < std::size(units); ++unit) value /= 1000;
  char text[32];
  std::snprintf(text, sizeof text, "%.4g%s", value, units[unit]);
  return text;
}

Json step_message(const std::string& id, const std::string& status) {
  return {{"status", status}, {"progressDetail", Json::object()}, {"id", id}};
}

Json bytes_message(const std::string& id, const std::string& status, std::uint64_t current, std::uint64_t total) {
  Json detail{{"current", current}};
  if (total) detail["total"] = total;
  return {{"status", status}, {"progressDetail", std::move(detail)}, {"progress", bar(current, total)}, {"id", id}};
}

Json status_message(const std::string& status, const std::string& id) {
  Json message{{"status", status}};
  if (!id.empty()) message["id"] = id;
  return message;
}

} // namespace gantry::registry
