#include "containers/log_reader.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/time.hpp"

namespace gantry::containers {
namespace {

constexpr std::size_t block_bytes = 64 << 10, batch_bytes = 256 << 10;
constexpr unsigned max_rotated = 1000;

/// Offset behind the newline that precedes the last `lines` lines of a file; `lines` is lowered by what was found.
std::int64_t tail_offset(int fd, std::int64_t size, std::int64_t& lines) {
  std::string block(block_bytes, '\0');
  bool at_end = true;
  for (std::int64_t end = size; end > 0;) {
    const std::int64_t begin = std::max<std::int64_t>(0, end - static_cast<std::int64_t>(block_bytes));
    const ssize_t got = ::pread(fd, block.data(), static_cast<std::size_t>(end - begin), begin);
    if (got <= 0) break;
    for (ssize_t i = got - 1; i >= 0; --i) {
      if (block[static_cast<std::size_t>(i)] != '\n') continue;
      // The newline at the very end closes the last line, every other one is the border to the line before.
      if (!at_end || begin + i != size - 1) {
        if (--lines == 0) return begin + i + 1;
      }
      at_end = false;
    }
    end = begin;
  }
  if (size > 0) --lines; // the file's first line
  return 0;
}

} // namespace

std::optional<LogLine> parse_log_line(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  const auto log = json.find("log"), stream = json.find("stream"), time = json.find("time"), attrs = json.find("attrs");
  if (log == json.end() || !log->is_string() || time == json.end() || !time->is_string()) return std::nullopt;
  LogLine line;
  line.text = log->get<std::string>();
  if (stream != json.end() && *stream == "stderr") line.stream = LogLine::Stream::err;
  try {
    line.time_ns = parse_timestamp(time->get<std::string>());
  } catch (const Error&) {
    return std::nullopt;
  }
  if (attrs == json.end() || !attrs->is_object()) return line;
  for (const auto& [key, value] : attrs->items()) {
    if (value.is_string()) line.attrs += (line.attrs.empty() ? "" : ",") + key + "=" + value.get<std::string>();
  }
  return line;
}

LogReader::LogReader(std::string path, std::int64_t tail) : path_(std::move(path)) {
  open_all();
  if (tail >= 0) seek_tail(tail);
}

std::optional<LogReader::File> LogReader::open(const std::string& path) {
  File file;
  file.fd.reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct stat found {};
  if (!file.fd || ::fstat(file.fd.get(), &found) != 0 || !S_ISREG(found.st_mode)) return std::nullopt;
  file.device = found.st_dev;
  file.inode = found.st_ino;
  return file;
}

std::string LogReader::rotated(unsigned number) const { return number == 0 ? path_ : path_ + "." + std::to_string(number); }

void LogReader::open_all() {
  for (unsigned number = 0; number <= max_rotated; ++number) {
    auto file = open(rotated(number));
    if (!file) {
      if (number > 0) break;
      continue; // between rename and creation there is no current file
    }
    // A rotation while we opened shows the same file under two names.
    if (!files_.empty() && files_.front().inode == file->inode && files_.front().device == file->device) continue;
    files_.push_front(std::move(*file));
  }
}

void LogReader::seek_tail(std::int64_t lines) {
  std::size_t first = files_.size();
  while (first > 0 && lines > 0) {
    File& file = files_[--first];
    struct stat found {};
    if (::fstat(file.fd.get(), &found) == 0) file.offset = tail_offset(file.fd.get(), found.st_size, lines);
  }
  if (lines > 0) return;
  // Zero lines wanted from the start: begin behind everything.
  if (first == files_.size() && !files_.empty()) {
    struct stat found {};
    --first;
    if (::fstat(files_[first].fd.get(), &found) == 0) files_[first].offset = found.st_size;
  }
  files_.erase(files_.begin(), files_.begin() + static_cast<std::ptrdiff_t>(first));
}

/// To the file behind the current one, once that is read to its end. False when there is none (yet).
bool LogReader::advance() {
  if (files_.size() > 1) {
    files_.pop_front();
    return true;
  }
  if (files_.empty()) {
    open_all();
    return !files_.empty();
  }
  const File& current = files_.front();
  auto newest = open(path_);
  if (!newest || (newest->inode == current.inode && newest->device == current.device)) return false;
  // Rotated: what lies between our file and the newest one comes first. Ours may have been deleted by now.
  std::deque<File> newer;
  newer.push_front(std::move(*newest));
  for (unsigned number = 1; number <= max_rotated; ++number) {
    auto file = open(rotated(number));
    if (!file || (file->inode == current.inode && file->device == current.device)) break;
    newer.push_front(std::move(*file));
  }
  for (auto& file : newer) files_.push_back(std::move(file));
  return true;
}

void LogReader::fill() {
  if (files_.empty()) return;
  File& file = files_.front();
  buffer_.erase(0, consumed_);
  consumed_ = 0;
  const std::size_t before = buffer_.size();
  buffer_.resize(before + block_bytes);
  ssize_t got = 0;
  do {
    got = ::pread(file.fd.get(), buffer_.data() + before, block_bytes, file.offset);
  } while (got < 0 && errno == EINTR);
  buffer_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  if (got > 0) file.offset += got;
}

bool LogReader::pop_line(std::string& line) {
  const std::size_t newline = buffer_.find('\n', consumed_);
  if (newline == std::string::npos) return false;
  line.assign(buffer_, consumed_, newline - consumed_);
  consumed_ = newline + 1;
  return true;
}

std::vector<LogLine> LogReader::next() {
  std::vector<LogLine> lines;
  std::string text;
  std::size_t bytes = 0;
  while (bytes < batch_bytes) {
    if (pop_line(text)) {
      bytes += text.size() + 1;
      if (auto line = parse_log_line(text)) lines.push_back(std::move(*line));
      continue;
    }
    const std::size_t unread = buffer_.size() - consumed_;
    fill();
    if (buffer_.size() > unread) continue;
    const std::size_t files = files_.size();
    if (!advance()) break;
    if (files == 1 && files_.size() > 1) continue; // seen only now that it is rotated: read its rest before leaving it
    buffer_.clear();                               // a line without an end never gets one
    consumed_ = 0;
  }
  return lines;
}

} // namespace gantry::containers
