#include "containers/log_reader.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/error.hpp"

namespace gantry::containers {
namespace {

constexpr std::size_t block_bytes = 64 << 10, batch_bytes = 256 << 10;

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

LogReader::LogReader(std::string path, std::int64_t tail) : path_(std::move(path)) {
  open_all();
  if (tail >= 0) seek_tail(tail);
  enter();
}

void LogReader::open_all() {
  const LogDirectoryLock lock(path_, LockKind::shared);
  for (unsigned number = 0; number <= max_rotated_logs; ++number) {
    auto file = open_log_file(path_, number);
    if (file) {
      files_.push_front(std::move(*file));
    } else if (number > 0) {
      break; // between rename and creation there is no current file, which does not count
    }
  }
}

/// Reading begins with the front file.
void LogReader::enter() {
  if (files_.empty()) return;
  LogFile& file = files_.front();
  unpack(file, path_);
  if (file.first_line && file.offset == 0) next_number_ = *file.first_line;
}

void LogReader::seek_tail(std::int64_t lines) {
  std::size_t first = files_.size();
  while (first > 0 && lines > 0) {
    LogFile& file = files_[--first];
    unpack(file, path_);
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

void LogReader::seek_line(std::uint64_t number) {
  while (files_.size() > 1 && files_[1].first_line && *files_[1].first_line <= number) files_.pop_front();
  enter();
  std::string skipped;
  while (next_number_ < number) {
    if (pop_line(skipped)) continue;
    const std::size_t unread = buffer_.size() - consumed_;
    fill();
    if (buffer_.size() == unread) break; // the log is shorter than it was: its last file was damaged
  }
}

std::uint64_t LogReader::backlog() const {
  std::uint64_t bytes = buffer_.size() - consumed_;
  for (const auto& file : files_) {
    struct stat found {};
    if (::fstat(file.fd.get(), &found) == 0 && found.st_size > file.offset)
      bytes += static_cast<std::uint64_t>(found.st_size - file.offset);
  }
  return bytes;
}

/// To the file behind the current one, once that is read to its end. False when there is none (yet).
bool LogReader::advance() {
  if (files_.size() > 1) {
    files_.pop_front();
    enter();
    return true;
  }
  if (files_.empty()) {
    open_all();
    enter();
    return !files_.empty();
  }
  const LogDirectoryLock lock(path_, LockKind::shared);
  const LogFileId current = files_.front().id;
  auto newest = open_log_file(path_, 0);
  if (!newest || newest->id == current) return false;
  // Rotated: what lies between our file and the newest one comes first. Ours may have been deleted by now.
  std::deque<LogFile> newer;
  newer.push_front(std::move(*newest));
  for (unsigned number = 1; number <= max_rotated_logs; ++number) {
    auto file = open_log_file(path_, number);
    if (!file || file->id == current) break;
    newer.push_front(std::move(*file));
  }
  for (auto& file : newer) files_.push_back(std::move(file));
  return true;
}

void LogReader::fill() {
  if (files_.empty()) return;
  LogFile& file = files_.front();
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
  ++next_number_;
  return true;
}

std::vector<LogLine> LogReader::next() {
  std::vector<LogLine> lines;
  std::string text;
  std::size_t bytes = 0;
  while (bytes < batch_bytes) {
    if (pop_line(text)) {
      bytes += text.size() + 1;
      auto line = parse_log_line(text);
      if (!line) continue;
      line->number = next_number_ - 1;
      lines.push_back(std::move(*line));
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
