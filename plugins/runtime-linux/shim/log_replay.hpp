#pragma once

#include <zlib.h>

#include <gantry/sdk/fd.hpp>

#include "shim/json_log.hpp"

namespace gantry::runtime_linux::shim {

/// Reads a JsonLog back while it is being written, oldest rotated file first. Exact: when next() says there is no more,
/// the reader is level with the writer.
class LogReplay {
 public:
  explicit LogReplay(JsonLog& log);
  ~LogReplay();

  struct Record {
    StreamKind stream = StreamKind::out;
    const char* text = nullptr; ///< valid until the next call
    std::size_t size = 0;
  };
  bool next(Record& record);

 private:
  bool fill();
  bool open_current();
  bool open_rotated(std::uint64_t age);
  /// From the open file, through inflate when the daemon has compressed it.
  ssize_t read_some(char* out, std::size_t size);
  void end_packed();
  bool parse(const char* line, std::size_t size, Record& record);

  JsonLog& log_;
  UniqueFd file_;
  std::uint64_t generation_ = 0; ///< of the open file
  std::size_t buffer_size_;
  char* buffer_;
  std::size_t begin_ = 0, end_ = 0;
  z_stream inflate_{};
  char* packed_ = nullptr; ///< set while the open file is a compressed one
};

} // namespace gantry::runtime_linux::shim
