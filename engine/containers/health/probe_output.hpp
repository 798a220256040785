#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

namespace gantry::containers {

/// What is kept of a probe's output: the first 4096 bytes, and "..." when there was more.
class ProbeOutput {
 public:
  static constexpr std::size_t limit = 4096;

  void append(std::string_view text) {
    const std::size_t fits = text_.size() < limit ? limit - text_.size() : 0;
    text_ += text.substr(0, fits);
    if (text.size() > fits) cut_ = true;
  }
  bool is_full() const { return text_.size() >= limit; }
  bool empty() const { return text_.empty(); }
  std::string text() const { return cut_ ? text_ + "..." : text_; }

 private:
  std::string text_;
  bool cut_ = false;
};

/// The moment at which a probe has taken too long.
class ProbeDeadline {
 public:
  explicit ProbeDeadline(std::chrono::nanoseconds timeout) : at_(std::chrono::steady_clock::now() + timeout) {}
  std::chrono::nanoseconds left() const {
    return std::max(at_ - std::chrono::steady_clock::now(), std::chrono::steady_clock::duration::zero());
  }

 private:
  std::chrono::steady_clock::time_point at_;
};

/// Docker's sentence.
std::string timeout_text(std::chrono::nanoseconds timeout, const ProbeOutput& output);

} // namespace gantry::containers
