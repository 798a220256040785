#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "registry/cancel.hpp"

namespace gantry::registry {

/// Which layers are being unpacked, so that concurrent pulls do not do the same work twice. Thread-safe.
class Flights {
 public:
  /// The right to unpack one layer, until destroyed.
  class Guard {
   public:
    Guard(Flights& flights, std::string chain) : flights_(flights), chain_(std::move(chain)) {}
    ~Guard() { flights_.end(chain_); }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

   private:
    Flights& flights_;
    std::string chain_;
  };

  /// Null when somebody else has it: wait, then look whether the layer is there.
  std::unique_ptr<Guard> begin(const std::string& chain);
  /// Until nobody unpacks the layer; throws cancelled.
  void wait(const std::string& chain, Cancel&);

 private:
  void end(const std::string& chain);

  std::mutex guard_;
  std::condition_variable ended_;
  std::set<std::string> chains_;
};

} // namespace gantry::registry
