#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "cli/json.hpp"

namespace gantry::cli {

/// How `gantry build` shows what happens.
class Display {
 public:
  virtual ~Display() = default;
  /// Whether the daemon is to tell steps (POST /build?progress=steps) instead of the classic builder's text.
  virtual bool wants_steps() const = 0;
  /// So many bytes of the context are sent; `done`: these are all.
  virtual void sent(std::uint64_t bytes, bool done) = 0;
  /// One message of the daemon's, `line` as it came.
  virtual void show(const Json& message, const std::string& line) = 0;
  /// Time goes by.
  virtual void tick() {}
  /// Nothing more comes.
  virtual void end() {}
};

/// --progress: "auto", "plain", "tty", "rawjson" or "quiet". auto: tty when stdout and stderr are one, else the classic
/// builder's text on stdout. Failure for anything else.
std::unique_ptr<Display> make_display(const std::string& progress, bool quiet);

/// The steps as a log on stderr: "#3 [web 2/3] RUN make", "#3 0.512 output", "#3 DONE 1.2s".
std::unique_ptr<Display> plain_display(int fd);
/// The steps as lines that are drawn again and again: see screen.hpp.
std::unique_ptr<Display> terminal_display(int fd);

} // namespace gantry::cli
