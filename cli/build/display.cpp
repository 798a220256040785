#include "cli/build/display.hpp"

#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include "cli/failure.hpp"
#include "cli/streams/demux.hpp"
#include "cli/streams/progress.hpp"
#include "cli/streams/terminal.hpp"

namespace gantry::cli {
namespace {

/// The classic builder's text on stdout.
class ClassicDisplay : public Display {
 public:
  bool wants_steps() const override { return false; }
  void sent(std::uint64_t, bool) override {}
  void show(const Json&, const std::string& line) override { progress_.feed(line); }

 private:
  Progress progress_{STDOUT_FILENO};
};

class QuietDisplay : public Display {
 public:
  bool wants_steps() const override { return false; }
  void sent(std::uint64_t, bool) override {}
  void show(const Json&, const std::string&) override {}
};

class RawDisplay : public Display {
 public:
  bool wants_steps() const override { return true; }
  void sent(std::uint64_t, bool) override {}
  void show(const Json& message, const std::string&) override {
    write_all(STDERR_FILENO, message.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
  }
};

bool is_modern_terminal() {
  const char* term = std::getenv("TERM");
  return is_terminal(STDERR_FILENO) && is_terminal(STDOUT_FILENO) && (term == nullptr || std::string_view(term) != "dumb");
}

} // namespace

std::unique_ptr<Display> make_display(const std::string& progress, bool quiet) {
  const std::string wanted = progress.empty() ? "auto" : progress;
  for (const char* known : {"auto", "plain", "tty", "rawjson", "quiet"})
    if (wanted == known) {
      if (quiet || wanted == "quiet") return std::make_unique<QuietDisplay>();
      if (wanted == "rawjson") return std::make_unique<RawDisplay>();
      if (wanted == "plain") return plain_display(STDERR_FILENO);
      if (wanted == "auto") {
        if (is_modern_terminal()) return terminal_display(STDERR_FILENO);
        return std::make_unique<ClassicDisplay>();
      }
      if (!is_terminal(STDERR_FILENO)) throw Failure("failed to get console: provided file is not a console");
      return terminal_display(STDERR_FILENO);
    }
  throw Failure("invalid progress mode " + progress + ": expected auto, plain, tty, quiet or rawjson");
}

} // namespace gantry::cli
