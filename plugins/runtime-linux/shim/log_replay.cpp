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

constexpr std::size_t packed_size = 16 * 1024;
constexpr int gzip_window = 15 + 16;
constexpr char record_start[] = "{\"log\":\"";
constexpr char err_mark[] = ",\"stream\":\"stderr\"";

} // namespace

LogReplay::LogReplay(JsonLog& log)
    : log_(log), buffer_size_(2 * log.max_record()), buffer_(static_cast<char*>(std::malloc(buffer_size_))) {
  if (!buffer_) std::abort();
  // Generations are counted from this shim's start; files of before have smaller (wrapped) numbers, which is fine as
  // only differences matter.
  generation_ = log_.generation() - (log_.max_files() - 1);
  while (!open_current() && generation_ != log_.generation()) ++generation_;
}

LogReplay::~LogReplay() {
  end_packed();
  std::free(buffer_);
}

void LogReplay::end_packed() {
  if (!packed_) return;
  ::inflateEnd(&inflate_);
  std::free(packed_);
  packed_ = nullptr;
}

bool LogReplay::open_rotated(std::uint64_t age) {
  char path[PATH_MAX];
  std::snprintf(path, sizeof path, "%s.%u", log_.path(), static_cast<unsigned>(age));
  file_.reset(::open(path, O_RDONLY | O_CLOEXEC));
  if (file_) return true;
  std::snprintf(path, sizeof path, "%s.%u.gz", log_.path(), static_cast<unsigned>(age));
  file_.reset(::open(path, O_RDONLY | O_CLOEXEC));
  inflate_ = {};
  if (!file_ || ::inflateInit2(&inflate_, gzip_window) != Z_OK) return false;
  packed_ = static_cast<char*>(std::malloc(packed_size));
  if (!packed_) std::abort();
  return true;
}

ssize_t LogReplay::read_some(char* out, std::size_t size) {
  if (!packed_) return file_ ? ::read(file_.get(), out, size) : 0;
  inflate_.next_out = reinterpret_cast<Bytef*>(out);
  inflate_.avail_out = static_cast<uInt>(size);
  while (inflate_.avail_out == size) {
    if (inflate_.avail_in == 0) {
      const ssize_t n = ::read(file_.get(), packed_, packed_size);
      if (n <= 0) return n;
      inflate_.next_in = reinterpret_cast<Bytef*>(packed_);
      inflate_.avail_in = static_cast<uInt>(n);
    }
    if (::inflate(&inflate_, Z_NO_FLUSH) != Z_OK) break; // the end, or damaged
  }
  return static_cast<ssize_t>(size - inflate_.avail_out);
}

bool LogReplay::open_current() {
  std::uint64_t age = log_.generation() - generation_;
  if (age >= log_.max_files()) {
    // Rotated away before it was read: go on with the oldest that is left.
    age = log_.max_files() - 1;
    generation_ = log_.generation() - age;
  }
  end_packed();
  if (age) return open_rotated(age);
  file_.reset(::open(log_.path(), O_RDONLY | O_CLOEXEC));
  return static_cast<bool>(file_);
}

bool LogReplay::fill() {
  log_.flush();
  while (true) {
    if (begin_) std::memmove(buffer_, buffer_ + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    if (end_ == buffer_size_) end_ = 0; // no record is that long: damaged
    const ssize_t n = read_some(buffer_ + end_, buffer_size_ - end_);
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
  if (size < start || std::memcmp(line, record_start, start) != 0) return false;
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
