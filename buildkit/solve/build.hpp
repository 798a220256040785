#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "buildkit/cancellation.hpp"
#include "buildkit/engine/daemon.hpp"
#include "buildkit/progress/progress.hpp"
#include "buildkit/session/sessions.hpp"
#include "buildkit/solve/failure.hpp"
#include "buildkit/solve/request.hpp"

namespace gantry::buildkit {

class Run;

/// What a solve came to: what can be built, or the answers to a question (`metadata`) without that.
struct Solved {
  std::shared_ptr<Run> run{};
  std::map<std::string, std::string> metadata{};
};

/// One build of a client, from its Solve to the end of what is exported. Thread-safe.
class Build {
 public:
  Build(Daemon& daemon, Sessions& sessions, BuildWish wish);
  ~Build() { forget(); }
  Build(const Build&) = delete;
  Build& operator=(const Build&) = delete;

  const BuildWish& wish() const { return wish_; }
  Progress& progress() { return progress_; }
  Cancellation& cancellation() { return cancellation_; }

  /// Looks at what `attributes` say (the wish's own, or those of a client that is the frontend's caller), as far as can be done
  /// before building. Throws BuildFailed and Cancelled, as do all that follow.
  Solved solve(const std::string& frontend, const Attributes& attributes);

  /// Builds it, once. The result is the image's id; "" when there is nothing to build.
  std::string evaluate(const Solved& solved);

  /// While one lives the client is calling back.
  class Call {
   public:
    explicit Call(std::shared_ptr<Build> build);
    ~Call();
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

   private:
    std::shared_ptr<Build> build_;
  };

  /// The name of a result, for a client that calls back. Throws BuildFailed when that is too much to keep.
  std::string keep(Solved solved);
  std::optional<Solved> kept(const std::string& id);

  /// A client that calls back says how it ends; the first word counts.
  void end_with(Solved solved);
  void end_with(grpc::Status failure);
  /// Waits for that. Throws Cancelled, and BuildFailed when the client does not call back for `first` (of the first call) or
  /// `next` (after one).
  Solved wait_for_end(std::chrono::milliseconds first = std::chrono::minutes(1),
                      std::chrono::milliseconds next = std::chrono::minutes(10));
  /// The build has ended: its results are kept no longer, and no more are taken.
  void forget();

  /// Builds it and writes the image to where the wish says. The result is what the client is told of it.
  std::map<std::string, std::string> write_out(const Solved& solved);

 private:
  void guarded(const std::function<void()>& work);
  Daemon& daemon_;
  Sessions& sessions_;
  const BuildWish wish_;
  Progress progress_;
  Cancellation cancellation_;
  std::mutex guard_;
  std::condition_variable changed_;
  std::map<std::string, Solved> kept_;
  std::size_t kept_bytes_ = 0;
  bool over_ = false;
  int calls_ = 0; ///< that run now
  bool has_called_ = false;
  std::chrono::steady_clock::time_point last_call_ = std::chrono::steady_clock::now();
  std::optional<Solved> end_;
  std::optional<grpc::Status> failure_;
};

/// What Solve ends with when it has been told so by the client.
class EndedBy : public std::runtime_error {
 public:
  explicit EndedBy(grpc::Status what) : std::runtime_error(what.error_message()), status(std::move(what)) {}
  grpc::Status status;
};

/// The builds that run, and the last ones that have ended: a client may ask for the status of one a little late. Thread-safe.
class Builds {
 public:
  static constexpr std::size_t max = 256, ended_max = 8;

  /// Throws std::runtime_error when there are too many, or one of the same name.
  void add(const std::shared_ptr<Build>& build);
  void end(const std::string& ref);
  /// Waits a little for it. Null when it does not come.
  std::shared_ptr<Build> find(const std::string& ref, const std::function<bool()>& is_given_up);
  bool empty();

 private:
  std::mutex guard_;
  std::condition_variable changed_;
  std::map<std::string, std::shared_ptr<Build>> running_;
  std::deque<std::shared_ptr<Build>> ended_;
};

} // namespace gantry::buildkit
