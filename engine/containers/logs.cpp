#include <sys/inotify.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>

#include "base/error.hpp"
#include "containers/log_policy.hpp"
#include "containers/log_reader.hpp"
#include "containers/parts.hpp"

namespace gantry::containers {
namespace {

using Lines = std::vector<LogLine>;

/// Tells of changes in a container's directory: its log grows, or is rotated. Closed on the pool: the kernel takes its time for
/// that (some 15 ms, a grace period), and the end of a log would come after the news of the exit that it belongs to.
class DirectoryWatch {
 public:
  DirectoryWatch(const std::string& directory, Pool& pool)
      : pool_(pool.executor()), fd_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    if (!fd_) throw os_error("inotify_init1 (see /proc/sys/fs/inotify/max_user_instances)", errno);
    if (::inotify_add_watch(fd_.get(), directory.c_str(), IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_DELETE_SELF) < 0) {
      throw os_error("watch " + directory, errno);
    }
  }
  ~DirectoryWatch() {
    auto close = [fd = std::move(fd_)] {};
    boost::asio::post(pool_, std::move(close));
  }
  DirectoryWatch(const DirectoryWatch&) = delete;
  DirectoryWatch& operator=(const DirectoryWatch&) = delete;
  int fd() const { return fd_.get(); }
  void drain() const {
    char events[4096];
    while (::read(fd_.get(), events, sizeof events) > 0) {
    }
  }

 private:
  boost::asio::thread_pool::executor_type pool_;
  UniqueFd fd_;
};

struct Session {
  Session(const std::string& path, std::int64_t tail) : reader(path, tail) {}
  LogReader reader;
  std::optional<DirectoryWatch> watch;
  bool ended = false; ///< past `until`
};
using SessionPtr = std::shared_ptr<Session>;

void check(const Container& container, const LogOptions& options) {
  if (!options.out && !options.err) throw invalid("Bad parameters: you must choose at least one stream");
  if (container.phase == Phase::removing || container.phase == Phase::dead) {
    throw Error(Code::forbidden_state, "can not get logs from container which is dead or marked for removal");
  }
  if (!is_readable(container.host_config.log_config)) throw not_implemented("configured logging driver does not support reading");
}

/// Keeps what was asked for; notices when the rest is too new.
void filter(Lines& lines, const LogOptions& options, Session& session) {
  std::erase_if(lines, [&](const LogLine& line) {
    if (options.until_ns != 0 && line.time_ns > options.until_ns) session.ended = true;
    const bool wanted = line.stream == LogLine::Stream::out ? options.out : options.err;
    return !wanted || session.ended || (options.since_ns != 0 && line.time_ns < options.since_ns);
  });
}

/// Sends everything that is there now.
Task<void> drain(PartsPtr parts, SessionPtr session, LogOptions options, LogSink sink) {
  while (!session->ended) {
    auto job = [session] { return session->reader.next(); };
    Lines lines = co_await on(parts->pool, std::move(job));
    if (lines.empty()) break;
    filter(lines, options, *session);
    if (!lines.empty()) co_await sink(lines);
  }
}

/// Whichever comes first of what ends a run's log.
struct Ends {
  explicit Ends(const Entry& entry) : output(entry.end_of_output()), exit(entry.next_exit()), removal(entry.removal()) {}
  bool is_set() const { return output->latch.is_set() || exit->latch.is_set() || removal->latch.is_set(); }
  OutcomePtr output, exit, removal;
};

/// Counted for as long as it lives.
class Follower {
 public:
  explicit Follower(EntryPtr entry) : entry_(std::move(entry)) { entry_->begin_following(); }
  ~Follower() { entry_->end_following(); }
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

 private:
  EntryPtr entry_;
};

Task<void> until_change(SessionPtr session, Ends ends) {
  using namespace boost::asio::experimental::awaitable_operators;
  co_await (readable(session->watch->fd()) || ends.output->latch.wait() || ends.exit->latch.wait() || ends.removal->latch.wait());
  session->watch->drain();
}

bool may_write(Phase phase) { return is_running(phase) || phase == Phase::starting; }

/// To the end of this run, as in Docker: clients such as compose follow the next one by themselves when they hear of it, and
/// would print it twice.
Task<void> follow(PartsPtr parts, EntryPtr entry, SessionPtr session, LogOptions options, LogSink sink) {
  // Taken before the log is read: whoever exits after that wakes us, whoever exited before has written everything.
  const Follower follower(entry);
  const Ends ends(*entry);
  for (;;) {
    const bool live = may_write(entry->snapshot()->phase) && !ends.is_set();
    co_await drain(parts, session, options, sink);
    if (!live || session->ended) co_return;
    co_await until_change(session, ends);
  }
}

SessionPtr open_session(const Parts& parts, const std::string& id, const LogOptions& options) {
  auto session = std::make_shared<Session>(parts.paths.container_log(id), options.tail);
  if (options.follow) session->watch.emplace(parts.paths.container(id), parts.pool);
  return session;
}

} // namespace

Task<void> ContainerService::logs(std::string reference, LogOptions options, LogSink sink) {
  const PartsPtr parts = impl_->parts;
  const EntryPtr entry = parts->index.find(reference);
  check(*entry->snapshot(), options);
  auto job = [parts, entry, options] { return open_session(*parts, entry->id, options); };
  SessionPtr session = co_await on(parts->pool, std::move(job));
  if (options.follow) {
    co_await follow(parts, entry, session, options, sink);
  } else {
    co_await drain(parts, session, options, sink);
  }
}

std::optional<DeliveryState> ContainerService::log_delivery(const std::string& id) const {
  return impl_->parts->logs.delivery(id);
}

} // namespace gantry::containers
