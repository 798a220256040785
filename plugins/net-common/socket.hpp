#pragma once

#include <functional>
#include <string>
#include <vector>

#include <gantry/sdk/fd.hpp>

#include "net-common/message.hpp"

namespace gantry::net {

/// A netlink socket of the network namespace that its maker's thread was in. One thread at a time.
class Socket {
 public:
  explicit Socket(int protocol);

  /// Sends every message in one go, each acknowledged. Returns an errno per message, 0 for success: the kernel goes on after
  /// one that failed.
  std::vector<int> run(std::vector<Message>& messages);
  /// Messages between NFNL_MSG_BATCH_BEGIN and _END: all or none. Returns the first errno, 0 for success.
  int run_batch(std::vector<Message>& messages);
  /// The same for one; returns its errno.
  int run(Message message);
  /// Sends a request and hands over every message of the answer.
  void dump(Message message, const std::function<void(const nlmsghdr&)>& each);

  int fd() const { return fd_.get(); }

 private:
  void send(const std::vector<Message*>& messages);
  ssize_t receive();

  UniqueFd fd_;
  std::uint32_t sequence_ = 0;
  std::vector<char> buffer_;
};

} // namespace gantry::net
