#include "api/archive_stream.hpp"

#include <fcntl.h>
#include <poll.h>
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

  int pipe() const { return out_.get(); }

  /// After the end of the pipe. Blocks; throws what the writer threw.
  void finish() {
    join();
    if (failure_) std::rethrow_exception(failure_);
  }

  /// Blocks. Empty at the end; throws what the writer threw.
  std::string read() {
    std::string bytes(piece, '\0');
    for (;;) {
      auto n = ::read(out_.get(), bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) throw os_error("read an archive", errno);
      bytes.resize(static_cast<std::size_t>(n));
      if (n == 0) finish();
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

/// Whether there is a first byte; else, what the writer threw is thrown.
Task<bool> has_begun(Pool& pool, ArchiveThread& archive) {
  auto wait = [&archive] {
    pollfd fd{archive.pipe(), POLLIN, 0};
    while (::poll(&fd, 1, -1) < 0 && errno == EINTR) {
    }
    if ((fd.revents & POLLIN) != 0) return true;
    archive.finish();
    return false;
  };
  co_return co_await on(pool, wait);
}

Task<void> stream_coded(Pool& pool, Reply& reply, std::string content_type, ArchiveThread& archive, Coding coding) {
  Encoder encoder(coding);
  auto next = [&archive, &encoder] { return encoder.next([&archive] { return archive.read(); }); };
  std::string bytes = co_await on(pool, next);
  reply.header("Content-Encoding", coding_name(coding));
  co_await reply.begin_stream(std::move(content_type));
  while (!bytes.empty()) {
    co_await reply.write(std::move(bytes));
    bytes = co_await on(pool, next);
  }
}

} // namespace

Task<void> stream_archive(Pool& pool, Reply& reply, std::string content_type, std::function<void(UniqueFd)> write,
                          Coding coding) {
  ArchiveThread archive(std::move(write));
  if (coding != Coding::identity) {
    co_await stream_coded(pool, reply, std::move(content_type), archive, coding);
    co_return;
  }
  const bool begun = co_await has_begun(pool, archive);
  co_await reply.begin_stream(std::move(content_type));
  if (!begun) co_return;
  co_await reply.write_from(archive.pipe());
  auto finish = [&archive] { archive.finish(); };
  co_await on(pool, finish);
}

} // namespace gantry::api
