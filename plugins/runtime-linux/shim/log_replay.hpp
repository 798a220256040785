#pragma once

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
  bool parse(const char* line, std::size_t size, Record& record);

  JsonLog& log_;
  UniqueFd file_;
  std::uint64_t generation_ = 0; ///< of the open file
  char* buffer_;
  std::size_t begin_ = 0, end_ = 0;
};

} // namespace gantry::runtime_linux::shim
