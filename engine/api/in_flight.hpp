#pragma once

#include <atomic>
#include <memory>
#include <utility>

namespace gantry::api {

/// Counts the requests that a clean shutdown waits for: those whose reply has not begun. Thread-safe.
class InFlight {
 public:
  class Token {
   public:
    Token() = default;
    explicit Token(std::shared_ptr<std::atomic<int>> count) : count_(std::move(count)) { ++*count_; }
    Token(Token&&) noexcept = default;
    Token& operator=(Token&& other) noexcept {
      release();
      count_ = std::move(other.count_);
      return *this;
    }
    ~Token() { release(); }
    void release() {
      if (auto count = std::exchange(count_, nullptr)) --*count;
    }

   private:
    std::shared_ptr<std::atomic<int>> count_;
  };

  Token enter() const { return Token(count_); }
  int count() const { return *count_; }

 private:
  std::shared_ptr<std::atomic<int>> count_ = std::make_shared<std::atomic<int>>(0);
};

} // namespace gantry::api
