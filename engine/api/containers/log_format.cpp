#include "api/containers/log_format.hpp"

#include "api/stdcopy.hpp"
#include "base/time.hpp"

namespace gantry::api {

void append_line(std::string& out, const gantry::containers::LogLine& line, const LogFormat& format) {
  std::string prefix;
  if (format.timestamps) prefix = rfc3339_nano_fixed(line.time_ns) + ' ';
  if (format.details) prefix += line.attrs + ' ';
  if (!format.framed) {
    out.append(prefix).append(line.text);
    return;
  }
  const auto stream = static_cast<std::uint8_t>(line.stream);
  if (prefix.empty()) return append_frame(out, stream, line.text);
  append_frame(out, stream, prefix + line.text);
}

} // namespace gantry::api
