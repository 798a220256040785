#pragma once

#include <cstddef>
#include <cstdint>
#include <gantry/sdk/fd.hpp>

#include "plan/launch_plan.hpp"

namespace gantry::runtime_linux::shim {

/// The numbers of Docker's stdcopy frames.
enum class StreamKind : unsigned char { out = 1, err = 2 };

/// Writes Docker's json-file log. Lines longer than 16 KiB become several records, as in Docker. Records are collected
/// and reach the file at flush(), which the loop calls before it waits.
class JsonLog {
 public:
  JsonLog() = default;
  JsonLog(const JsonLog&) = delete;
  JsonLog& operator=(const JsonLog&) = delete;
  ~JsonLog();

  /// errno, 0 when open (or not wanted).
  int open(const PlanView& plan);
  bool enabled() const { return enabled_; }
  void write(StreamKind stream, const char* data, std::size_t size);
  /// The stream has ended: what is left without a newline becomes a record.
  void finish(StreamKind stream);
  void flush();

  const char* path() const { return path_; }
  std::uint32_t max_files() const { return max_files_; }
  /// Grows by one at each rotation.
  std::uint64_t generation() const { return generation_; }
  /// Bytes seen but not yet part of a record.
  const char* unfinished(StreamKind stream, std::size_t* size) const;
  /// No record is longer.
  std::size_t max_record() const;

 private:
  struct Line {
    char* data = nullptr;
    std::size_t size = 0;
  };
  Line& line(StreamKind stream) { return lines_[stream == StreamKind::err]; }
  void append(Line& line, StreamKind stream, const char* data, std::size_t size);
  void emit_full(Line& line, StreamKind stream);
  void emit(StreamKind stream, const char* text, std::size_t size, bool newline);
  char* put_time(char* out);
  /// False while the daemon, which holds the lock on the directory, is renaming rotated files.
  bool rotate();
  bool start_file();
  void count_lines();
  void mark_first_line();

  bool enabled_ = false;
  bool exact_ = false, counted_ = false;
  const char* attrs_ = "";
  std::size_t attrs_size_ = 0;
  std::uint64_t line_count_ = 0; ///< of this log since its first day; kept when counted_
  const char* path_ = "";
  std::uint64_t max_bytes_ = 0;
  std::uint32_t max_files_ = 1;
  std::uint64_t generation_ = 0;
  UniqueFd file_;
  std::uint64_t written_ = 0;
  char* records_ = nullptr;
  std::size_t used_ = 0;
  Line lines_[2];
  std::int64_t last_time_ = 0;
  std::int64_t second_ = -1;
  char second_text_[80] = {};
};

} // namespace gantry::runtime_linux::shim
