#include "cli/streams/progress.hpp"

#include <algorithm>
#include <cmath>

#include "cli/failure.hpp"
#include "cli/format/units.hpp"
#include "cli/streams/demux.hpp"
#include "cli/streams/terminal.hpp"

namespace gantry::cli {
namespace {

constexpr std::size_t widest_bar = 50, narrowest_bar = 10, beside_bar = 70;
constexpr double measured_s = 0.5;

/// What a line has room for; a line that wraps would break the ones above it.
std::string cut(std::string line, std::size_t columns) {
  if (columns == 0 || line.size() < columns) return line;
  std::size_t end = columns - 1;
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xc0) == 0x80) --end;
  line.resize(end);
  return line;
}

std::size_t bar_width(std::size_t columns) {
  if (columns == 0) return widest_bar;
  return std::clamp(columns < beside_bar ? 0 : columns - beside_bar, narrowest_bar, widest_bar);
}

} // namespace

std::string progress_bar(double current, double total, std::size_t width) {
  if (current <= 0) return "";
  if (total <= 0) return " " + human_size(current);
  const auto filled = std::min(width, static_cast<std::size_t>(current / total * static_cast<double>(width)));
  return " [" + std::string(filled, '=') + ">" + std::string(width - filled, ' ') + "] " + human_size(current) + "/" +
         human_size(total);
}

std::string rate_and_rest(double done, double seconds, double left) {
  if (seconds < measured_s || done <= 0) return "";
  const double rate = done / seconds;
  std::string text = " " + human_size(rate, 3) + "/s";
  if (left <= 0) return text;
  const auto rest = static_cast<std::int64_t>(std::ceil(left / rate));
  if (rest >= 3600) return text + " " + std::to_string(rest / 3600) + "h" + std::to_string(rest % 3600 / 60) + "m";
  if (rest >= 60) return text + " " + std::to_string(rest / 60) + "m" + std::to_string(rest % 60) + "s";
  return text + " " + std::to_string(rest) + "s";
}

Progress::Progress(int fd) : fd_(fd), terminal_(fd >= 0 && is_terminal(fd)) {}

void Progress::feed(std::string_view piece) {
  buffer_ += piece;
  for (auto end = buffer_.find('\n'); end != std::string::npos; end = buffer_.find('\n')) {
    const Json message = Json::parse(buffer_.substr(0, end), nullptr, false);
    buffer_.erase(0, end + 1);
    if (message.is_object()) show(message);
  }
}

std::string Progress::rate_text(const std::string& id, const std::string& status, double current, double total) {
  const auto at = lines_.find(id);
  if (at == lines_.end()) return "";
  const auto now = std::chrono::steady_clock::now();
  if (at->second.status != status) at->second = {at->second.row, status, current, now};
  const std::chrono::duration<double> seconds = now - at->second.since;
  return rate_and_rest(current - at->second.first, seconds.count(), total - current);
}

void Progress::show(const Json& message) {
  if (const auto detail = message.find("errorDetail"); detail != message.end())
    throw Failure(detail->value("message", "unknown error"));
  if (message.contains("error")) throw Failure(message.value("error", ""));
  if (fd_ < 0) return;
  if (message.contains("stream")) return write_all(fd_, message.value("stream", ""));
  if (!message.contains("status")) return;
  const std::string id = message.value("id", ""), status = message.value("status", "");
  const auto detail = message.find("progressDetail");
  const bool bytes = detail != message.end() && detail->is_object() && detail->value("current", 0.0) > 0;
  // Without a terminal every step would be a line of its own.
  if (!terminal_ && bytes) return;
  std::string line = (id.empty() ? "" : id + ": ") + status;
  const std::size_t columns = terminal_ ? terminal_size(fd_).second : 0;
  if (bytes) {
    const double current = detail->value("current", 0.0), total = detail->value("total", 0.0);
    line += progress_bar(current, total, bar_width(columns)) + rate_text(id, status, current, total);
  }
  show_line(id, cut(line, columns));
}

void Progress::show_line(const std::string& id, const std::string& line) {
  if (!terminal_ || id.empty()) {
    lines_.clear();
    return write_all(fd_, line + "\n");
  }
  const auto [at, added] = lines_.try_emplace(id, Line{static_cast<int>(lines_.size())});
  if (added) return write_all(fd_, line + "\n");
  const std::string up = std::to_string(static_cast<int>(lines_.size()) - at->second.row);
  write_all(fd_, "\x1b[" + up + "A\r\x1b[2K" + line + "\r\x1b[" + up + "B");
}

} // namespace gantry::cli
