#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gantry/testing/fake_host.hpp>
#include <gantry/testing/subject.hpp>

#include "conformance/expect.hpp"

namespace gantry::driver_test {

/// A network namespace without a name, as a container's: it lives as long as this.
class Namespace {
 public:
  Namespace();
  int fd() const { return fd_.get(); }
  /// Runs f on a thread that is in the namespace.
  void in(const std::function<void()>& f) const;

 private:
  UniqueFd fd_;
};

/// What of the network a thread's namespace has, from the kernel.
struct Seen {
  std::vector<std::string> links;     ///< names, without the loopback
  std::vector<std::string> addresses; ///< "eth0 172.18.0.2", IPv4
  bool default_route = false;         ///< IPv4
  bool up(const std::string& link) const;
};
Seen look();

class NetworkSuite : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;
  NetworkDriver& driver() { return *driver_; }
  void restart();

  NetworkCreate network(const std::string& id, const std::string& subnet = "10.77.0.0/24",
                        const std::string& gateway = "10.77.0.1");
  EndpointCreate endpoint(const std::string& id, const std::string& address = "10.77.0.2/24");
  NetworkJoin into(const Namespace&, const std::string& endpoint_id, const std::string& interface = "eth0");
  static std::string id(char digit) { return std::string(64, digit); }

  FakeCall call;
  std::vector<std::string> links_before;

 private:
  std::shared_ptr<NetworkDriver> driver_;
};

} // namespace gantry::driver_test
