#include "cli/streams/progress.hpp"

#include "cli/failure.hpp"
#include "cli/format/units.hpp"
#include "cli/streams/demux.hpp"
#include "cli/streams/terminal.hpp"

namespace gantry::cli {
namespace {

std::string bar(const Json& detail) {
  const double current = detail.value("current", 0.0), total = detail.value("total", 0.0);
  if (current <= 0) return "";
  if (total <= 0) return " " + human_size(current);
  constexpr std::size_t width = 50;
  const auto filled = std::min(width, static_cast<std::size_t>(current / total * width));
  return " [" + std::string(filled, '=') + ">" + std::string(width - filled, ' ') + "] " + human_size(current) + "/" +
         human_size(total);
}

} // namespace

Progress::Progress(int fd) : fd_(fd), terminal_(fd >= 0 && is_terminal(fd)) {}

void Progress::feed(std::string_view piece) {
  buffer_ += piece;
  for (auto end = buffer_.find('\n'); end != std::string::npos; end = buffer_.find('\n')) {
    const Json message = Json::parse(buffer_.substr(0, end), nullptr, false);
    buffer_.erase(0, end + 1);
    if (message.is_object()) show(message);
  }
}

void Progress::show(const Json& message) {
  if (const auto detail = message.find("errorDetail"); detail != message.end())
    throw Failure(detail->value("message", "unknown error"));
  if (message.contains("error")) throw Failure(message.value("error", ""));
  if (fd_ < 0) return;
  if (message.contains("stream")) return write_all(fd_, message.value("stream", ""));
  if (!message.contains("status")) return;
  const std::string id = message.value("id", "");
  const auto detail = message.find("progressDetail");
  const std::string progress = detail != message.end() && detail->is_object() ? bar(*detail) : "";
  // Without a terminal every step would be a line of its own.
  if (!terminal_ && !progress.empty()) return;
  show_line(id, (id.empty() ? "" : id + ": ") + message.value("status", "") + progress);
}

void Progress::show_line(const std::string& id, const std::string& line) {
  if (!terminal_ || id.empty()) {
    lines_.clear();
    return write_all(fd_, line + "\n");
  }
  const auto [at, added] = lines_.try_emplace(id, static_cast<int>(lines_.size()));
  if (added) return write_all(fd_, line + "\n");
  const std::string up = std::to_string(static_cast<int>(lines_.size()) - at->second);
  write_all(fd_, "\x1b[" + up + "A\r\x1b[2K" + line + "\r\x1b[" + up + "B");
}

} // namespace gantry::cli
