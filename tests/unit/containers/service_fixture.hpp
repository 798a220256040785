#pragma once

#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "base/error.hpp"
#include "containers/container_service.hpp"
#include "fake_runtime.hpp"
#include "fake_storage.hpp"
#include "networks/network_service.hpp"
#include "unit/base/temp_dir.hpp"

namespace gantry::test {
using namespace gantry::containers;

/// A daemon's container service over fake drivers. Everything durable lives below `root`.
class Daemon {
 public:
  /// `hold`: how long AutoRemove waits for clients that come back after a restart.
  explicit Daemon(const std::string& root, std::chrono::milliseconds hold = std::chrono::milliseconds(1), Defaults defaults = {});
  ~Daemon();

  /// Runs a task beside the test.
  template <class T>
  std::future<T> begin(Task<T> task) {
    auto promise = std::make_shared<std::promise<T>>();
    std::future<T> result = promise->get_future();
    spawn(fulfil(std::move(task), std::move(promise)));
    return result;
  }
  template <class T>
  T run(Task<T> task) {
    return begin(std::move(task)).get();
  }

  /// An image "app" with CMD ["serve"]; its layer is whatever the fake storage makes of two zero blocks.
  void add_image();

  CreateRequest request(const std::string& name = "") const {
    CreateRequest request;
    request.name = name;
    request.config.image = "app";
    request.host_config.network_mode = "none";
    return request;
  }

  std::string create(CreateRequest request) { return run(service->create(std::move(request))).id; }
  std::string create(const std::string& name = "") { return create(request(name)); }
  Phase phase(const std::string& id) const { return service->find(id)->phase; }
  WaitResult wait_now(const std::string& id, WaitCondition condition = WaitCondition::not_running) {
    auto waiter = service->wait(id, condition);
    return run(waiter->result());
  }

  std::vector<std::string> actions() {
    const std::lock_guard lock(events_guard);
    std::vector<std::string> names;
    for (const auto& event : events) names.push_back(event.action);
    return names;
  }

  std::string attribute(const std::string& action, const std::string& key) {
    const std::lock_guard lock(events_guard);
    for (const auto& event : events) {
      if (event.action == action && event.attributes.contains(key)) return event.attributes.at(key);
    }
    return "(none)";
  }

  state::Paths paths;
  FakeRuntime runtime;
  FakeStorage storage;
  events::Bus bus;
  std::mutex events_guard;
  std::vector<events::Event> events;
  events::Bus::Subscription subscription;
  std::unique_ptr<state::Database> database;
  std::unique_ptr<images::ImageService> images;
  gantry::networks::NetworkDrivers network_drivers; ///< none: only "none" and "host" exist
  std::unique_ptr<gantry::networks::NetworkService> networks;
  boost::asio::io_context io;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{io.get_executor()};
  Pool pool{2}; ///< joined before `io` goes: a pool thread drops the last reference to a coroutine's executor
  std::unique_ptr<volumes::VolumeService> volumes;
  std::unique_ptr<ContainerService> service;
  std::thread thread;

 private:
  template <class T>
  static Task<void> fulfil(Task<T> task, std::shared_ptr<std::promise<T>> promise) {
    try {
      if constexpr (std::is_void_v<T>) {
        co_await std::move(task);
        promise->set_value();
      } else {
        T value = co_await std::move(task);
        promise->set_value(std::move(value));
      }
    } catch (...) {
      promise->set_exception(std::current_exception());
    }
  }
  /// Not a template, so that not every test compiles the machinery behind it.
  void spawn(Task<void> task);
};

class ServiceTest : public ::testing::Test {
 protected:
  ServiceTest();

  /// A new daemon on the same roots; what the fake runtime runs goes on running.
  void restart_daemon(std::chrono::milliseconds hold = std::chrono::milliseconds(1));

  ContainerService& service() { return *daemon->service; }

  TempDir root;
  std::unique_ptr<Daemon> daemon;
};

/// Waits for what comes by itself; false when it does not come.
template <class F>
bool eventually(F holds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

/// The error that `f` throws; a failure when it throws none.
template <class F>
Error error_of(F f) {
  try {
    f();
  } catch (const Error& e) {
    return e;
  }
  ADD_FAILURE() << "nothing was thrown";
  return {Code::unknown, "nothing was thrown"};
}

} // namespace gantry::test
