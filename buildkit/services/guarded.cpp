#include "buildkit/services/guarded.hpp"

#include <thread>

namespace gantry::buildkit {

grpc::Status guarded(const std::function<grpc::Status()>& work) {
  try {
    return work();
  } catch (const BuildFailed& e) {
    return e.failure.status();
  } catch (const EndedBy& e) {
    return e.status;
  } catch (const Cancelled& e) {
    return {grpc::StatusCode::CANCELLED, e.what()};
  } catch (const std::exception& e) {
    return {grpc::StatusCode::UNKNOWN, std::string(e.what()).substr(0, 4096)};
  }
}

Watch::Watch(std::function<bool()> has_gone, Cancellation& cancellation) {
  thread_ = std::thread([this, has_gone = std::move(has_gone), &cancellation] {
    std::unique_lock lock(guard_);
    while (!over_) {
      changed_.wait_for(lock, std::chrono::milliseconds(50));
      if (!over_ && has_gone()) {
        lock.unlock();
        cancellation.cancel();
        return;
      }
    }
  });
}

Watch::~Watch() {
  {
    const std::lock_guard lock(guard_);
    over_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

} // namespace gantry::buildkit
