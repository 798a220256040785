#include "buildkit/solve/build.hpp"

#include <atomic>

#include "buildkit/encoding.hpp"
#include "buildkit/solve/exports.hpp"
#include "buildkit/solve/run.hpp"

namespace gantry::buildkit {
namespace {

constexpr std::size_t kept_max = 64, kept_bytes_max = 64 << 20;
/// Of all builds together.
constexpr std::size_t kept_bytes_of_all_max = 256 << 20;
std::atomic<std::size_t> kept_bytes_of_all = 0;

std::size_t bytes_of(const Solved& solved) {
  std::size_t bytes = solved.run == nullptr ? 0 : solved.run->bytes();
  for (const auto& [name, value] : solved.metadata) bytes += name.size() + value.size() + 64;
  return bytes;
}

} // namespace

Build::Build(Daemon& daemon, Sessions& sessions, BuildWish wish)
    : daemon_(daemon), sessions_(sessions), wish_(std::move(wish)), progress_(wish_.ref) {}

/// What goes wrong ends what has begun, and is told in one way.
void Build::guarded(const std::function<void()>& work) {
  try {
    work();
  } catch (const BuildFailed&) {
    progress_.finish_all("context canceled");
    throw;
  } catch (const Cancelled&) {
    progress_.finish_all("context canceled");
    throw;
  } catch (const std::exception& e) {
    if (cancellation_.cancelled()) {
      progress_.finish_all("context canceled");
      throw Cancelled();
    }
    progress_.finish_all(e.what());
    throw BuildFailed({e.what()});
  }
}

Solved Build::solve(const std::string& frontend, const Attributes& attributes) {
  BuildWish wish = wish_;
  wish.frontend = frontend;
  wish.attributes = attributes;
  Solved solved;
  guarded([&] {
    solved.run = std::make_shared<Run>(daemon_, sessions_, wish, progress_, cancellation_);
    solved.metadata = solved.run->prepare();
    if (!solved.metadata.empty()) solved.run = nullptr;
  });
  return solved;
}

std::string Build::evaluate(const Solved& solved) {
  std::string image;
  guarded([&] {
    if (solved.run) image = solved.run->build();
  });
  return image;
}

std::string Build::keep(Solved solved) {
  std::string id = random_id();
  const std::lock_guard lock(guard_);
  if (over_) throw Cancelled();
  const std::size_t bytes = bytes_of(solved);
  if (kept_.size() >= kept_max || kept_bytes_ + bytes > kept_bytes_max) throw BuildFailed({"too many results of one build"});
  if (kept_bytes_of_all.fetch_add(bytes) + bytes > kept_bytes_of_all_max) {
    kept_bytes_of_all -= bytes;
    throw BuildFailed({"too many results of builds at the same time"});
  }
  kept_bytes_ += bytes;
  kept_[id] = std::move(solved);
  return id;
}

std::optional<Solved> Build::kept(const std::string& id) {
  const std::lock_guard lock(guard_);
  const auto found = kept_.find(id);
  if (found == kept_.end()) return std::nullopt;
  return found->second;
}

void Build::end_with(Solved solved) {
  const std::lock_guard lock(guard_);
  if (!end_ && !failure_) end_ = std::move(solved);
  changed_.notify_all();
}

void Build::end_with(grpc::Status failure) {
  const std::lock_guard lock(guard_);
  if (!end_ && !failure_) failure_ = std::move(failure);
  changed_.notify_all();
}

Build::Call::Call(std::shared_ptr<Build> build) : build_(std::move(build)) {
  const std::lock_guard lock(build_->guard_);
  ++build_->calls_;
  build_->has_called_ = true;
}

Build::Call::~Call() {
  const std::lock_guard lock(build_->guard_);
  --build_->calls_;
  build_->last_call_ = std::chrono::steady_clock::now();
}

void Build::forget() {
  std::map<std::string, Solved> kept;
  std::optional<Solved> end;
  const std::lock_guard lock(guard_); // released before what is kept is destroyed
  kept.swap(kept_);
  end.swap(end_);
  kept_bytes_of_all -= std::exchange(kept_bytes_, 0);
  over_ = true;
}

Solved Build::wait_for_end(std::chrono::milliseconds first, std::chrono::milliseconds next) {
  std::unique_lock lock(guard_);
  while (!end_ && !failure_) {
    cancellation_.check();
    if (calls_ == 0 && std::chrono::steady_clock::now() - last_call_ > (has_called_ ? next : first))
      throw BuildFailed({"the client does not say what to build: context deadline exceeded"});
    changed_.wait_for(lock, std::chrono::milliseconds(50));
  }
  if (failure_) throw EndedBy(*failure_);
  return *end_;
}

std::map<std::string, std::string> Build::write_out(const Solved& solved) {
  std::map<std::string, std::string> told;
  if (solved.run == nullptr) return told;
  Exports exports(daemon_, sessions_, wish_, progress_, cancellation_);
  guarded([&] { exports.begin(); });
  const std::string image = evaluate(solved);
  guarded([&] { told = exports.write(image); });
  return told;
}

void Builds::add(const std::shared_ptr<Build>& build) {
  const std::lock_guard lock(guard_);
  if (running_.size() >= max) throw std::runtime_error("too many builds at the same time");
  if (!running_.emplace(build->wish().ref, build).second) throw std::runtime_error("job ID " + build->wish().ref + " exists");
  changed_.notify_all();
}

void Builds::end(const std::string& ref) {
  std::shared_ptr<Build> ended, oldest; // not destroyed under the lock
  {
    const std::lock_guard lock(guard_);
    const auto found = running_.find(ref);
    if (found == running_.end()) return;
    ended = found->second;
    ended_.push_back(ended);
    running_.erase(found);
    if (ended_.size() > ended_max) {
      oldest = ended_.front();
      ended_.pop_front();
    }
  }
  ended->progress().close();
  ended->forget();
}

std::shared_ptr<Build> Builds::find(const std::string& ref, const std::function<bool()>& is_given_up) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(6);
  std::unique_lock lock(guard_);
  while (std::chrono::steady_clock::now() < end && !is_given_up()) {
    if (const auto found = running_.find(ref); found != running_.end()) return found->second;
    for (auto it = ended_.rbegin(); it != ended_.rend(); ++it)
      if ((*it)->wish().ref == ref) return *it;
    changed_.wait_for(lock, std::chrono::milliseconds(50));
  }
  return nullptr;
}

bool Builds::empty() {
  const std::lock_guard lock(guard_);
  return running_.empty();
}

} // namespace gantry::buildkit
