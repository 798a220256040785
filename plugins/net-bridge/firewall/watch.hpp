#pragma once

#include <functional>
#include <string>
#include <thread>

#include <gantry/sdk/fd.hpp>

namespace gantry::net_bridge {

/// Calls back, on a thread of its own, when the table is deleted.
class TableWatch {
 public:
  TableWatch(std::string table, std::function<void()> deleted);
  ~TableWatch();
  TableWatch(const TableWatch&) = delete;
  TableWatch& operator=(const TableWatch&) = delete;

 private:
  void run();
  /// False when what there is to read is not about the table's end.
  bool read_events();

  std::string table_;
  std::function<void()> deleted_;
  UniqueFd events_, stop_;
  std::thread thread_;
};

} // namespace gantry::net_bridge
