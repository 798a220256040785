#pragma once

#include <exception>
#include <optional>
#include <string>
#include <vector>

#include <gantry/abi/v1/core.h>

#include "base/error.hpp"
#include "plugins/instance.hpp"

namespace gantry::plugins {

/// Gathers what an operation puts: each `Item` of the C ABI becomes an R through `convert`. What is malformed is reported
/// after the operation has returned, for nothing may be thrown through the plugin.
template <class Item, class R>
class Results {
 public:
  explicit Results(R (*convert)(const Item*)) : convert_(convert) {
    c_.size = sizeof c_;
    c_.ctx = this;
    c_.put = &Results::put;
  }
  Results(const Results&) = delete;
  Results& operator=(const Results&) = delete;

  const gantry_sink* get() const { return &c_; }

  std::vector<R> all() && {
    if (malformed_) std::rethrow_exception(malformed_);
    return std::move(items_);
  }
  std::optional<R> optional() && {
    auto items = std::move(*this).all();
    if (items.empty()) return std::nullopt;
    return std::move(items.front());
  }
  /// internal when there is none.
  R one(const DriverInstance& driver, const char* operation) && {
    auto result = std::move(*this).optional();
    if (!result) throw internal(driver.who() + " returned nothing from " + operation);
    return std::move(*result);
  }

 private:
  static constexpr std::size_t max_items = 1 << 20;

  static void put(void* ctx, const void* item) noexcept {
    auto& self = *static_cast<Results*>(ctx);
    try {
      if (item == nullptr || self.items_.size() >= max_items) throw internal("a driver returned a missing item, or too many");
      self.items_.push_back(self.convert_(static_cast<const Item*>(item)));
    } catch (...) {
      self.malformed_ = std::current_exception();
    }
  }

  R (*convert_)(const Item*);
  gantry_sink c_{};
  std::vector<R> items_;
  std::exception_ptr malformed_;
};

} // namespace gantry::plugins
