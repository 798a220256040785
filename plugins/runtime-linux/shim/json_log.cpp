#include "shim/json_log.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "shim/json_text.hpp"

namespace gantry::runtime_linux::shim {
namespace {

constexpr std::size_t max_line = 16384;
constexpr std::size_t record_overhead = 128;
constexpr std::size_t records_size = 128 * 1024;
static_assert(records_size > escaped_bound(max_line) + record_overhead);
/// Says which line of the log is the first one of a file, in decimal. Trusted: it works on every tmpfs.
constexpr char first_line_attribute[] = "trusted.gantry.first-line";

char* allocate(std::size_t size) {
  char* memory = static_cast<char*>(std::malloc(size));
  if (!memory) std::abort();
  return memory;
}

template <std::size_t N>
char* put(char* out, const char (&text)[N]) {
  std::memcpy(out, text, N - 1);
  return out + N - 1;
}

/// Rotated files are "PATH.1" or, once the daemon has compressed them, "PATH.1.gz".
void move_rotated(const char* path, std::uint32_t from, std::uint32_t to) {
  char source[PATH_MAX], plain[PATH_MAX], packed[PATH_MAX];
  std::snprintf(plain, sizeof plain, "%s.%u", path, to);
  std::snprintf(packed, sizeof packed, "%s.%u.gz", path, to);
  if (!from) {
    if (::rename(path, plain) == 0) ::unlink(packed);
    return;
  }
  std::snprintf(source, sizeof source, "%s.%u.gz", path, from);
  if (::rename(source, packed) == 0) ::unlink(plain);
  std::snprintf(source, sizeof source, "%s.%u", path, from);
  if (::rename(source, plain) == 0) ::unlink(packed);
}

UniqueFd open_directory_of(const char* path) {
  char directory[PATH_MAX];
  const char* slash = std::strrchr(path, '/');
  std::snprintf(directory, sizeof directory, "%.*s", slash ? static_cast<int>(slash - path) : 1, slash ? path : ".");
  return UniqueFd(::open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

} // namespace

JsonLog::~JsonLog() {
  flush();
  std::free(records_);
  for (Line& each : lines_) std::free(each.data);
}

int JsonLog::open(const PlanView& plan) {
  const PlanLog& policy = plan->log;
  if (!policy.enabled) return 0;
  path_ = plan.string(policy.path);
  max_bytes_ = policy.max_bytes;
  max_files_ = policy.max_files ? policy.max_files : 1;
  exact_ = plan->log_flags & plan_log_exact;
  counted_ = plan->log_flags & plan_log_counted;
  attrs_ = plan.string(plan->log_attrs);
  attrs_size_ = std::strlen(attrs_);
  if (!start_file()) return errno;
  struct stat info {};
  if (::fstat(file_.get(), &info) == 0) written_ = static_cast<std::uint64_t>(info.st_size);
  if (counted_) count_lines();
  enabled_ = true;
  return 0;
}

bool JsonLog::start_file() {
  UniqueFd fresh(::open(path_, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0640));
  if (!fresh) return false;
  file_ = static_cast<UniqueFd&&>(fresh);
  return true;
}

/// Goes on where the container's last run ended.
void JsonLog::count_lines() {
  char text[32] = {};
  if (::fgetxattr(file_.get(), first_line_attribute, text, sizeof text - 1) <= 0) return mark_first_line();
  line_count_ = std::strtoull(text, nullptr, 10);
  char* block = allocate(max_line);
  for (off_t at = 0;;) {
    const ssize_t n = ::pread(file_.get(), block, max_line, at);
    if (n <= 0) break;
    at += n;
    for (const char* p = block; p < block + n; ++p) line_count_ += *p == '\n';
  }
  std::free(block);
}

void JsonLog::mark_first_line() {
  char text[32];
  const int size = std::snprintf(text, sizeof text, "%llu", static_cast<unsigned long long>(line_count_));
  ::fsetxattr(file_.get(), first_line_attribute, text, static_cast<std::size_t>(size), 0);
}

std::size_t JsonLog::max_record() const { return escaped_bound(max_line) + record_overhead + attrs_size_; }

void JsonLog::write(StreamKind stream, const char* data, std::size_t size) {
  if (!enabled_) return;
  Line& partial = line(stream);
  while (size) {
    const void* newline = std::memchr(data, '\n', size);
    const std::size_t n = newline ? static_cast<std::size_t>(static_cast<const char*>(newline) - data) : size;
    if (newline && partial.size == 0 && n < max_line) {
      emit(stream, data, n, true);
    } else {
      append(partial, stream, data, n);
      if (newline) {
        emit(stream, partial.data, partial.size, true);
        partial.size = 0;
      }
    }
    data += n + (newline ? 1 : 0);
    size -= n + (newline ? 1 : 0);
  }
}

void JsonLog::append(Line& partial, StreamKind stream, const char* data, std::size_t size) {
  if (!partial.data) partial.data = allocate(max_line);
  while (size) {
    const std::size_t room = max_line - partial.size;
    const std::size_t n = size < room ? size : room;
    std::memcpy(partial.data + partial.size, data, n);
    partial.size += n;
    data += n;
    size -= n;
    if (partial.size == max_line) emit_full(partial, stream);
  }
}

/// A character is not cut in two: its first bytes stay for the next record.
void JsonLog::emit_full(Line& partial, StreamKind stream) {
  const std::size_t tail = unfinished_tail(partial.data, partial.size);
  emit(stream, partial.data, partial.size - tail, false);
  std::memmove(partial.data, partial.data + partial.size - tail, tail);
  partial.size = tail;
}

void JsonLog::finish(StreamKind stream) {
  Line& partial = line(stream);
  if (enabled_ && partial.size) emit(stream, partial.data, partial.size, false);
  std::free(partial.data);
  partial = {};
}

const char* JsonLog::unfinished(StreamKind stream, std::size_t* size) const {
  const Line& partial = lines_[stream == StreamKind::err];
  *size = partial.size;
  return partial.data;
}

void JsonLog::emit(StreamKind stream, const char* text, std::size_t size, bool newline) {
  if (max_bytes_ && written_ + used_ >= max_bytes_) rotate();
  if (!records_) records_ = allocate(records_size + attrs_size_);
  if (used_ + escaped_bound(size) + record_overhead > records_size) flush();
  char* out = put(records_ + used_, "{\"log\":\"");
  out = escape_json(out, text, size, exact_);
  if (newline) out = put(out, "\\n");
  out = stream == StreamKind::out ? put(out, "\",\"stream\":\"stdout\",") : put(out, "\",\"stream\":\"stderr\",");
  if (attrs_size_) {
    out = put(out, "\"attrs\":");
    std::memcpy(out, attrs_, attrs_size_);
    out = put(out + attrs_size_, ",");
  }
  out = put(out, "\"time\":\"");
  out = put_time(out);
  out = put(out, "\"}\n");
  ++line_count_;
  used_ = static_cast<std::size_t>(out - records_);
}

/// RFC3339Nano: the fraction has no trailing zeros. Never twice the same time, so that readers can go on from one.
char* JsonLog::put_time(char* out) {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  std::int64_t time = now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
  if (time <= last_time_ && last_time_ - time < 1'000'000) time = last_time_ + 1;
  last_time_ = time;
  const std::int64_t second = time / 1'000'000'000;
  if (second != second_) {
    second_ = second;
    const auto seconds = static_cast<std::time_t>(second);
    tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::snprintf(second_text_, sizeof second_text_, "%04d-%02d-%02dT%02d:%02d:%02d", (parts.tm_year + 1900) % 10000,
                  parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
  }
  std::memcpy(out, second_text_, 19);
  out += 19;
  auto fraction = static_cast<std::uint32_t>(time % 1'000'000'000);
  if (fraction) {
    int digits = 9;
    for (; fraction % 10 == 0; fraction /= 10) --digits;
    *out = '.';
    for (int i = digits; i > 0; --i, fraction /= 10) out[i] = static_cast<char>('0' + fraction % 10);
    out += digits + 1;
  }
  *out++ = 'Z';
  return out;
}

/// A full disk loses log lines but never stops the container, as in Docker.
void JsonLog::flush() {
  for (std::size_t done = 0; done < used_;) {
    const ssize_t n = ::write(file_.get(), records_ + done, used_ - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    done += static_cast<std::size_t>(n);
    written_ += static_cast<std::uint64_t>(n);
  }
  used_ = 0;
}

bool JsonLog::rotate() {
  flush();
  // A daemon that stopped in the middle of a rename must not make the log grow for ever.
  const UniqueFd directory = open_directory_of(path_);
  if (directory && ::flock(directory.get(), LOCK_EX | LOCK_NB) < 0 && written_ < 2 * max_bytes_) return false;
  for (std::uint32_t n = max_files_ - 1; n > 0; --n) move_rotated(path_, n - 1, n);
  // A new file and not the old one cut short: whoever reads it sees that there is another.
  if (max_files_ == 1) ::unlink(path_);
  if (!start_file()) return false;
  if (counted_) mark_first_line();
  written_ = 0;
  ++generation_;
  return true;
}

} // namespace gantry::runtime_linux::shim
