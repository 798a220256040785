#include "cli/commands/container/usage.hpp"

#include <cstdio>

#include "cli/format/units.hpp"

namespace gantry::cli {
namespace {

double number(const Json& from, const char* path) {
  const Json::json_pointer at(path);
  return from.contains(at) && from[at].is_number() ? from[at].get<double>() : 0;
}

double cpu_percent(const Json& s) {
  const double used = number(s, "/cpu_stats/cpu_usage/total_usage") - number(s, "/precpu_stats/cpu_usage/total_usage");
  const double passed = number(s, "/cpu_stats/system_cpu_usage") - number(s, "/precpu_stats/system_cpu_usage");
  return used > 0 && passed > 0 ? used / passed * number(s, "/cpu_stats/online_cpus") * 100 : 0;
}

/// What the page cache could give back at once is not counted.
double memory_used(const Json& s) {
  const double usage = number(s, "/memory_stats/usage");
  const double v1 = number(s, "/memory_stats/stats/total_inactive_file"), v2 = number(s, "/memory_stats/stats/inactive_file");
  const double inactive = v1 > 0 ? v1 : v2;
  return inactive < usage ? usage - inactive : usage;
}

std::string percent(double value) {
  char out[32];
  std::snprintf(out, sizeof out, "%.2f%%", value);
  return out;
}

std::string network(const Json& s) {
  double in = 0, out = 0;
  const Json networks = s.value("networks", Json::object());
  for (const auto& [name, one] : networks.items()) {
    in += one.value("rx_bytes", 0.0);
    out += one.value("tx_bytes", 0.0);
  }
  return human_size(in, 3) + " / " + human_size(out, 3);
}

std::string block(const Json& s) {
  double read = 0, written = 0;
  const Json::json_pointer at("/blkio_stats/io_service_bytes_recursive");
  if (s.contains(at) && s[at].is_array()) {
    for (const Json& one : s[at]) {
      const std::string op = one.value("op", "");
      if (op == "Read" || op == "read") read += one.value("value", 0.0);
      if (op == "Write" || op == "write") written += one.value("value", 0.0);
    }
  }
  return human_size(read, 3) + " / " + human_size(written, 3);
}

/// Of a container that has not told anything yet.
Json unknown_row(const std::string& name) {
  Json row;
  for (const char* field : {"BlockIO", "CPUPerc", "MemPerc", "Name", "NetIO", "PIDs"}) row[field] = "--";
  row["MemUsage"] = "-- / --";
  row["Container"] = row["ID"] = name;
  return row;
}

} // namespace

std::vector<std::pair<std::string, std::string>> usage_headings() {
  return {{"ID", "CONTAINER ID"}, {"Container", "CONTAINER"},        {"Name", "NAME"},
          {"CPUPerc", "CPU %"},   {"MemUsage", "MEM USAGE / LIMIT"}, {"MemPerc", "MEM %"},
          {"NetIO", "NET I/O"},   {"BlockIO", "BLOCK I/O"},          {"PIDs", "PIDS"}};
}

Json usage_row(const Json& s, const std::string& name, bool shorten) {
  if (!s.is_object()) return unknown_row(name);
  const double used = memory_used(s), limit = number(s, "/memory_stats/limit");
  const std::string id = s.value("id", ""), full_name = s.value("name", "");
  Json row;
  row["BlockIO"] = block(s);
  row["CPUPerc"] = percent(cpu_percent(s));
  row["Container"] = name;
  row["ID"] = shorten ? id.substr(0, 12) : id;
  row["MemPerc"] = percent(limit > 0 ? used / limit * 100 : 0);
  row["MemUsage"] = human_size_binary(used) + " / " + human_size_binary(limit);
  row["Name"] = full_name.size() > 1 ? full_name.substr(1) : "--";
  row["NetIO"] = network(s);
  row["PIDs"] = std::to_string(static_cast<long long>(number(s, "/pids_stats/current")));
  return row;
}

} // namespace gantry::cli
