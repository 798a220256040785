#include "cgroup/write_values.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <gantry/sdk/error.hpp>

#include "cgroup/files.hpp"

namespace gantry::runtime_linux {
namespace {

std::string directory_of(const std::string& file) { return file.substr(0, file.rfind('/')); }
std::string name_of(const std::string& file) { return file.substr(file.rfind('/') + 1); }

Error below_usage(const CgroupValue& limit, std::uint64_t usage, std::uint64_t peak) {
  return {Code::in_use, "unable to set memory limit to " + limit.value + " (current usage: " + std::to_string(usage) +
                            ", peak usage: " + std::to_string(peak) + ")"};
}

Error refusal(const CgroupValue& value, int err) {
  const bool memory = name_of(value.file) == "memory.limit_in_bytes" || name_of(value.file) == "memory.memsw.limit_in_bytes";
  if (memory && err == EBUSY) {
    const std::string directory = directory_of(value.file);
    return below_usage(value, read_number(directory + "/memory.usage_in_bytes"),
                       read_number(directory + "/memory.max_usage_in_bytes"));
  }
  return {Code::internal, "write \"" + value.value + "\" to " + value.file + ": " + std::strerror(err), err};
}

bool is_unlimited(const std::string& value) { return value.starts_with('-') || value == "max"; }

/// "8:0" of "8:0 1048576" or "8:0 rbps=1048576"; empty for a value without a device.
std::string device_of(const std::string& value) {
  const std::string first = value.substr(0, value.find(' '));
  return first.size() < value.size() && first.find(':') != std::string::npos ? first : "";
}

std::string line_of(const std::string& text, const std::string& device) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (text.compare(begin, device.size() + 1, device + " ") == 0) return text.substr(begin, end - begin);
    begin = end + 1;
  }
  return "";
}

/// A device without a limit has no line.
std::string no_limit(const std::string& name, const std::string& device) {
  if (name == "io.max") return device + " rbps=max wbps=max riops=max wiops=max";
  return device + (name.find("weight") == std::string::npos ? " 0" : " default");
}

} // namespace

void write_values(const std::vector<CgroupValue>& values) {
  // Some limits bound each other (memory and memory+swap): what is refused at first may fit when the other one is set.
  std::vector<CgroupValue> refused;
  for (const CgroupValue& each : values) {
    const int err = try_write(each.file, each.value);
    if (err == ENOENT && is_unlimited(each.value)) continue; // nothing to lift
    if (err == ENOENT) throw Error(Code::not_implemented, "this host's cgroups have no " + name_of(each.file));
    if (err) refused.push_back(each);
  }
  for (const CgroupValue& each : refused)
    if (const int err = try_write(each.file, each.value)) throw refusal(each, err);
}

CgroupValue present_value(const CgroupValue& next) {
  const std::string text = read_text(next.file), name = name_of(next.file), device = device_of(next.value);
  if (name == "memory.oom_control") return {next.file, text.find("oom_kill_disable 1") == std::string::npos ? "0" : "1"};
  if (device.empty()) return {next.file, text.substr(0, text.find('\n'))};
  const std::string line = line_of(text, device);
  return {next.file, line.empty() ? no_limit(name, device) : line};
}

void restore_values(const std::vector<CgroupValue>& values) {
  for (int round = 0; round < 2; ++round)
    for (const CgroupValue& each : values) try_write(each.file, each.value);
}

void make_room(const std::string& directory, const std::vector<CgroupValue>& values) {
  for (const CgroupValue& each : values) {
    std::uint64_t limit = 0;
    const char* const end = each.value.data() + each.value.size();
    const auto parsed = std::from_chars(each.value.data(), end, limit);
    if (name_of(each.file) != "memory.max" || parsed.ec != std::errc() || parsed.ptr != end) continue;
    for (int attempt = 0; attempt < 3 && read_number(directory + "/memory.current") > limit; ++attempt)
      try_write(directory + "/memory.reclaim", std::to_string(read_number(directory + "/memory.current") - limit));
    const std::uint64_t usage = read_number(directory + "/memory.current");
    if (usage > limit) throw below_usage(each, usage, read_number(directory + "/memory.peak", usage));
  }
}

} // namespace gantry::runtime_linux
