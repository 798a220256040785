#include "containers/log_replay.hpp"

#include "containers/log_reader.hpp"
#include "containers/stream_frame.hpp"

namespace gantry::containers {

void replay_log(const std::string& path, const RuntimeAttach& client) {
  LogReader reader(path, -1);
  for (auto lines = reader.next(); !lines.empty(); lines = reader.next()) {
    for (const auto& line : lines) {
      const bool wanted = line.stream == LogLine::Stream::out ? client.out : client.err;
      if (!wanted) continue;
      const std::string bytes = client.framed ? stream_frame(static_cast<std::uint8_t>(line.stream), line.text) : line.text;
      if (!send_all(client.client.get(), bytes)) return;
    }
  }
}

} // namespace gantry::containers
