#include "shim/log_replay.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "shim/json_text.hpp"

namespace gantry::runtime_linux::shim {
namespace {

/// Holds the longest record twice.
constexpr std::size_t buffer_size = 256 * 1024;
constexpr char record_start[] = "{\"log\":\"";
constexpr char err_mark[] = ",\"stream\":\"stderr\"";

} // namespace

LogReplay::LogReplay(JsonLog& log) : log_(log), buffer_(static_cast<char*>(std::malloc(buffer_size))) {
  if (!buffer_) std::abort();
  // Generations are counted from this shim's start; files of before have smaller (wrapped) numbers, which is fine as
  // only differences matter.
  generation_ = log_.generation() - (log_.max_files() - 1);
  while (!open_current() && generation_ != log_.generation()) ++generation_;
}

LogReplay::~LogReplay() { std::free(buffer_); }

bool LogReplay::open_current() {
  std::uint64_t age = log_.generation() - generation_;
  if (age >= log_.max_files()) {
    // Rotated away before it was read: go on with the oldest that is left.
    age = log_.max_files() - 1;
    generation_ = log_.generation() - age;
  }
  char path[PATH_MAX];
  if (age)
    std::snprintf(path, sizeof path, "%s.%u", log_.path(), static_cast<unsigned>(age));
  else
    std::snprintf(path, sizeof path, "%s", log_.path());
  file_.reset(::open(path, O_RDONLY | O_CLOEXEC));
  return static_cast<bool>(file_);
}

bool LogReplay::fill() {
  log_.flush();
  while (true) {
    if (begin_) std::memmove(buffer_, buffer_ + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    if (end_ == buffer_size) end_ = 0; // no record is that long: damaged
    const ssize_t n = file_ ? ::read(file_.get(), buffer_ + end_, buffer_size - end_) : 0;
    if (n < 0 && errno == EINTR) continue;
    if (n > 0) {
      end_ += static_cast<std::size_t>(n);
      return true;
    }
    if (generation_ == log_.generation()) return false;
    ++generation_;
    end_ = 0;
    open_current();
  }
}

bool LogReplay::next(Record& record) {
  while (true) {
    const char* line = buffer_ + begin_;
    const void* newline = end_ > begin_ ? std::memchr(line, '\n', end_ - begin_) : nullptr;
    if (!newline) {
      if (!fill()) return false;
      continue;
    }
    const std::size_t size = static_cast<std::size_t>(static_cast<const char*>(newline) - line);
    begin_ += size + 1;
    if (parse(line, size, record)) return true;
  }
}

bool LogReplay::parse(const char* line, std::size_t size, Record& record) {
  constexpr std::size_t start = sizeof record_start - 1;
  if (size < start || std::memcmp(line, record_start, start)) return false;
  // Decoding never grows, so it may happen in place.
  char* text = const_cast<char*>(line + start);
  const char* rest = nullptr;
  record.size = unescape_json(text, text, size - start, &rest);
  record.text = text;
  if (!rest) return false;
  const std::size_t left = static_cast<std::size_t>(line + size - rest);
  const bool err = left >= sizeof err_mark - 1 && !std::memcmp(rest, err_mark, sizeof err_mark - 1);
  record.stream = err ? StreamKind::err : StreamKind::out;
  return true;
}

} // namespace gantry::runtime_linux::shim
