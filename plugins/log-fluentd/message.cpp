#include "log-fluentd/message.hpp"

#include <cstdint>
#include <string_view>

#include <nlohmann/json.hpp>

namespace gantry::log_fluentd {
namespace {

void append_number(std::string& out, std::uint64_t number, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 0xff);
}

void append_array(std::string& out, std::size_t count) {
  out += static_cast<char>(0xdd);
  append_number(out, count, 4);
}

void append_map(std::string& out, std::size_t count) {
  out += static_cast<char>(0xdf);
  append_number(out, count, 4);
}

/// A msgpack string holds any bytes.
void append_text(std::string& out, std::string_view text) {
  if (text.size() < 32) {
    out += static_cast<char>(0xa0 | text.size());
  } else if (text.size() < 256) {
    out += static_cast<char>(0xd9);
    append_number(out, text.size(), 1);
  } else {
    out += static_cast<char>(0xdb);
    append_number(out, text.size(), 4);
  }
  out += text;
}

void append_pair(std::string& out, std::string_view key, std::string_view value) {
  append_text(out, key);
  append_text(out, value);
}

/// Whole seconds, or the protocol's EventTime: extension 0 with seconds and nanoseconds.
void append_time(std::string& out, std::int64_t ns, bool nanoseconds) {
  if (!nanoseconds) {
    out += static_cast<char>(0xcf);
    return append_number(out, static_cast<std::uint64_t>(ns / 1'000'000'000), 8);
  }
  out += static_cast<char>(0xd7);
  out += '\0';
  append_number(out, static_cast<std::uint64_t>(ns / 1'000'000'000), 4);
  append_number(out, static_cast<std::uint64_t>(ns % 1'000'000'000), 4);
}

void append_record(std::string& out, const LogSource& source, const LogRecord& record) {
  const std::size_t about_parts = record.part == 0 ? 0 : 4;
  append_map(out, 4 + about_parts + source.attributes.size());
  append_pair(out, "container_id", source.id);
  append_pair(out, "container_name", "/" + source.name);
  append_pair(out, "source", record.err ? "stderr" : "stdout");
  append_pair(out, "log", record.text);
  if (record.part != 0) {
    append_pair(out, "partial_message", "true");
    append_pair(out, "partial_id", source.id + "-" + std::to_string(record.line));
    append_pair(out, "partial_ordinal", std::to_string(record.part));
    append_pair(out, "partial_last", record.more ? "false" : "true");
  }
  for (const auto& [key, value] : source.attributes) append_pair(out, key, value);
}

} // namespace

std::string message(const LogSource& source, const Options& options, const std::vector<LogRecord>& records, std::size_t begin,
                    std::size_t end, const std::string& chunk) {
  std::string out;
  out += static_cast<char>(0x93); // [tag, entries, option]
  append_text(out, source.tag);
  append_array(out, end - begin);
  for (std::size_t i = begin; i < end; ++i) {
    out += static_cast<char>(0x92); // [time, record]
    append_time(out, records[i].time_ns, options.nanoseconds);
    append_record(out, source, records[i]);
  }
  append_map(out, chunk.empty() ? 0 : 1);
  if (!chunk.empty()) append_pair(out, "chunk", chunk);
  return out;
}

bool acknowledges(const std::string& answer, const std::string& chunk) {
  const auto json = nlohmann::json::from_msgpack(answer, true, false);
  if (!json.is_object()) return false;
  const auto ack = json.find("ack");
  return ack != json.end() && *ack == chunk;
}

} // namespace gantry::log_fluentd
