#include "cli/build/follow.hpp"

#include <poll.h>
#include <signal.h>

#include <cstdio>

#include "cli/build/step_model.hpp"
#include "cli/failure.hpp"

namespace gantry::cli {
namespace {

constexpr int tick_ms = 100;

volatile sig_atomic_t interrupted = 0;

/// The first interrupt ends the build in order; the next one ends the client at once.
class Interrupts {
 public:
  Interrupts() {
    struct sigaction action {};
    action.sa_handler = [](int) { interrupted = 1; };
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    ::sigaction(SIGINT, &action, &before_);
  }
  ~Interrupts() { ::sigaction(SIGINT, &before_, nullptr); }
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  static void check() {
    if (interrupted != 0) throw Failure("ERROR: failed to build: context canceled", 130);
  }

 private:
  struct sigaction before_ {};
};

class Follower {
 public:
  explicit Follower(Display& display) : display_(display) {}

  Response send(Client& client, const Request& request, const Upload& upload) {
    if (!upload.next) return client.call(request, true);
    std::uint64_t bytes = 0;
    display_.sent(0, false);
    const auto next = [&] {
      Interrupts::check();
      std::string piece = upload.next();
      bytes += piece.size();
      display_.sent(bytes, piece.empty());
      return piece;
    };
    return client.upload(request, "application/x-tar", next);
  }

  BuildResult read(Response& response) {
    for (;;) {
      wait_for(response);
      const std::string piece = response.next();
      if (piece.empty()) break;
      buffer_ += piece;
      std::size_t from = 0;
      for (std::size_t end = 0; (end = buffer_.find('\n', from)) != std::string::npos; from = end + 1)
        take(buffer_.substr(from, end + 1 - from));
      buffer_.erase(0, from);
    }
    return std::move(result_);
  }

 private:
  void wait_for(const Response& response) {
    for (;;) {
      Interrupts::check();
      if (response.buffered()) return;
      pollfd wanted{response.fd(), POLLIN, 0};
      if (::poll(&wanted, 1, tick_ms) > 0) return;
      display_.tick();
    }
  }

  void take(const std::string& line) {
    const Json message = Json::parse(line, nullptr, false);
    if (!message.is_object()) return;
    if (const auto detail = message.find("errorDetail"); detail != message.end() && detail->is_object()) {
      const auto code = detail->value("code", 1);
      throw Failure(detail->value("message", "unknown error"), code == 0 ? 1 : code);
    }
    if (const auto aux = message.find("aux"); aux != message.end() && aux->is_object()) result_.id = aux->value("ID", result_.id);
    // With -q it is the only thing that is told.
    if (const std::string stream = message.value("stream", ""); stream.starts_with("sha256:"))
      result_.id = stream.substr(0, stream.find('\n'));
    if (const auto lint = message.find("lint"); lint != message.end() && lint->is_object())
      result_.warnings = lint->value("warnings", Json::array());
    display_.show(message, line);
  }

  Display& display_;
  std::string buffer_;
  BuildResult result_;
};

std::string member(const Json& warning, const char* name) { return cleaned(warning.value(name, "")); }

} // namespace

BuildResult follow_build(Client& client, const Request& request, const Upload& upload, Display& display) {
  const Interrupts interrupts;
  Follower follower(display);
  try {
    Response response = follower.send(client, request, upload);
    BuildResult result = follower.read(response);
    display.end();
    return result;
  } catch (const Failure&) {
    display.end();
    Interrupts::check(); // whatever broke, broke of that
    throw;
  }
}

int print_check(const BuildResult& result) {
  const std::size_t count = result.warnings.size();
  if (count == 0) {
    std::printf("Check complete, no warnings found.\n");
    return 0;
  }
  std::printf("Check complete, %zu %s been found!\n", count, count == 1 ? "warning has" : "warnings have");
  for (const Json& warning : result.warnings)
    std::printf("\nWARNING: %s - %s\n%s\n%s", member(warning, "rule").c_str(), member(warning, "url").c_str(),
                member(warning, "detail").c_str(), warning.value("excerpt", "").c_str());
  return 1;
}

void print_warnings(const BuildResult& result) {
  const std::size_t count = result.warnings.size();
  if (count == 0) return;
  std::fflush(stdout);
  std::fprintf(stderr, "\n %zu warning%s found (use --check to expand):\n", count, count == 1 ? "" : "s");
  for (const Json& warning : result.warnings)
    std::fprintf(stderr, " - %s: %s (line %d)\n", member(warning, "rule").c_str(), member(warning, "detail").c_str(),
                 warning.value("line", 0));
}

} // namespace gantry::cli
