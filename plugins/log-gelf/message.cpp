#include "log-gelf/message.hpp"

#include <zlib.h>

#include <nlohmann/json.hpp>

namespace gantry::log_gelf {
namespace {

constexpr std::size_t datagram_size = 1420, chunk_header = 12, max_chunks = 128;
constexpr int error_level = 3, info_level = 6;

/// GELF has milliseconds.
double seconds(std::int64_t ns) {
  const std::int64_t milliseconds = ns / 1'000'000;
  return static_cast<double>(milliseconds) / 1000.0;
}

} // namespace

std::string message(const LogSource& source, const std::string& host, const LogRecord& record) {
  nlohmann::ordered_json json = {{"version", "1.1"},
                                 {"host", host},
                                 {"short_message", record.text},
                                 {"timestamp", seconds(record.time_ns)},
                                 {"level", record.err ? error_level : info_level},
                                 {"_command", source.command},
                                 {"_container_id", source.id},
                                 {"_container_name", source.name},
                                 {"_created", seconds(source.created_ns)},
                                 {"_image_id", source.image_id},
                                 {"_image_name", source.image_name},
                                 {"_tag", source.tag}};
  for (const auto& [name, value] : source.attributes) json["_" + name] = value;
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string compressed(const std::string& text, const Options& options) {
  if (options.compression == Compression::none) return text;
  constexpr int window = 15, with_gzip_header = 16, memory = 8;
  z_stream stream{};
  const int bits = options.compression == Compression::gzip ? window + with_gzip_header : window;
  if (::deflateInit2(&stream, options.level, Z_DEFLATED, bits, memory, Z_DEFAULT_STRATEGY) != Z_OK)
    throw Error(Code::resource_exhausted, "gelf: no memory to compress with");
  std::string out(::deflateBound(&stream, text.size()), '\0');
  std::string in = text;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  ::deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  ::deflateEnd(&stream);
  return out;
}

std::vector<std::string> datagrams(const std::string& payload, std::uint64_t id) {
  if (payload.size() <= datagram_size) return {payload};
  constexpr std::size_t part = datagram_size - chunk_header;
  const std::size_t count = (payload.size() + part - 1) / part;
  if (count > max_chunks) return {};
  std::vector<std::string> all;
  for (std::size_t i = 0; i < count; ++i) {
    std::string chunk = "\x1e\x0f";
    for (int shift = 56; shift >= 0; shift -= 8) chunk += static_cast<char>(id >> shift & 0xff);
    chunk += static_cast<char>(i);
    chunk += static_cast<char>(count);
    all.push_back(chunk + payload.substr(i * part, part));
  }
  return all;
}

} // namespace gantry::log_gelf
