#include "api/archive_stream.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

namespace gantry::api {
namespace {

constexpr std::size_t piece = 512 << 10;

/// Runs the writer of an archive on a thread of its own; the archive comes out of a pipe. Destruction stops it.
class ArchiveThread {
 public:
  explicit ArchiveThread(std::function<void(UniqueFd)> write) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC)) throw os_error("make a pipe", errno);
    ::fcntl(ends[0], F_SETPIPE_SZ, static_cast<int>(piece)); // fewer wake-ups; refused for some users, which is fine
    out_.reset(ends[0]);
    thread_ = std::thread([this, write = std::move(write), in = UniqueFd(ends[1])]() mutable { run(write, std::move(in)); });
  }
  ~ArchiveThread() { join(); }
  ArchiveThread(const ArchiveThread&) = delete;
  ArchiveThread& operator=(const ArchiveThread&) = delete;

  /// Blocks. Empty at the end; throws what the writer threw.
  std::string read() {
    std::string bytes(piece, '\0');
    for (;;) {
      auto n = ::read(out_.get(), bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) throw os_error("read an archive", errno);
      bytes.resize(static_cast<std::size_t>(n));
      if (n == 0) join();
      if (n == 0 && failure_) std::rethrow_exception(failure_);
      return bytes;
    }
  }

 private:
  void run(const std::function<void(UniqueFd)>& write, UniqueFd in) {
    sigset_t broken_pipe; // a client that hangs up is an error of the write, not a signal for the daemon
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
    try {
      write(std::move(in));
    } catch (...) {
      failure_ = std::current_exception();
    }
  }

  void join() {
    out_.reset();
    if (thread_.joinable()) thread_.join();
  }

  UniqueFd out_;
  std::exception_ptr failure_;
  std::thread thread_;
};

} // namespace

Task<void> stream_archive(Pool& pool, Reply& reply, std::string content_type, std::function<void(UniqueFd)> write,
                          Coding coding) {
  ArchiveThread archive(std::move(write));
  Encoder encoder(coding);
  auto next = [&archive, &encoder] { return encoder.next([&archive] { return archive.read(); }); };
  std::string bytes = co_await on(pool, next);
  if (const char* name = coding_name(coding)) reply.header("Content-Encoding", name);
  co_await reply.begin_stream(std::move(content_type));
  while (!bytes.empty()) {
    co_await reply.write(std::move(bytes));
    bytes = co_await on(pool, next);
  }
}

} // namespace gantry::api
