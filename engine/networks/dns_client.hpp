#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include <gantry/sdk/companion.hpp>

#include "base/json.hpp"

namespace gantry::networks {

/// Keeps this instance's gantry-dns informed; starts it when it is first needed and again when it has died, with everything that
/// it has to know. It goes on answering while no daemon runs, and ends by itself when it has nobody to answer. The messages are
/// told in dns/server.hpp. Thread-safe; calls block.
class DnsClient {
 public:
  /// `program`: of gantry-dns; empty: there is none, and nothing is done.
  DnsClient(std::string program, std::string socket);
  ~DnsClient();
  DnsClient(const DnsClient&) = delete;
  DnsClient& operator=(const DnsClient&) = delete;

  /// `endpoint`: the message's member, with its id and container.
  void add(const Json& endpoint);
  /// Also stops answering its container when that has no other endpoint.
  void remove(const std::string& endpoint_id);
  /// Answers the container whose first process is `pid`. `settings`: the message "attach".
  void attach(const std::string& container, std::int32_t pid, const Json& settings);
  /// Forgets every endpoint that was not added by this daemon.
  void keep_known();

 private:
  struct Attached {
    std::int32_t pid = 0;
    Json settings;
  };
  Json ask(const Json& message, const std::vector<int>& fds = {});
  Json exchange(const Json& message, const std::vector<int>& fds);
  void connect();
  void tell_everything();
  void send_attach(const Attached&);
  /// Where it has ended.
  void start_again();

  const std::string program_;
  std::mutex guard_;
  std::map<std::string, Json> endpoints_;
  std::map<std::string, Attached> containers_;
  Companion companion_; ///< last: its watcher calls the others
};

} // namespace gantry::networks
