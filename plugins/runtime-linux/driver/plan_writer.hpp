#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "plan/launch_plan.hpp"

namespace gantry::runtime_linux {

/// Builds a launch plan: arrays and strings are appended, the head is written at last.
class PlanWriter {
 public:
  PlanWriter() : bytes_(sizeof(Plan)) {}

  Plan& head() { return head_; }

  Slice string(std::string_view text) {
    if (text.empty()) return {};
    const Slice slice{static_cast<std::uint32_t>(bytes_.size()), static_cast<std::uint32_t>(text.size())};
    bytes_.insert(bytes_.end(), text.begin(), text.end());
    bytes_.push_back('\0');
    return slice;
  }

  template <typename T>
  Slice array(const std::vector<T>& items) {
    if (items.empty()) return {};
    bytes_.resize((bytes_.size() + 7) & ~std::size_t{7});
    const Slice slice{static_cast<std::uint32_t>(bytes_.size()), static_cast<std::uint32_t>(items.size())};
    const auto* raw = reinterpret_cast<const char*>(items.data());
    bytes_.insert(bytes_.end(), raw, raw + items.size() * sizeof(T));
    return slice;
  }

  Slice strings(const std::vector<std::string>& texts) {
    std::vector<Slice> slices;
    slices.reserve(texts.size());
    for (const std::string& text : texts) slices.push_back(string(text));
    return array(slices);
  }

  const std::vector<char>& finish() {
    head_.size = static_cast<std::uint32_t>(bytes_.size());
    head_.head_size = sizeof(Plan);
    std::memcpy(bytes_.data(), &head_, sizeof head_);
    return bytes_;
  }

 private:
  Plan head_;
  std::vector<char> bytes_;
};

} // namespace gantry::runtime_linux
