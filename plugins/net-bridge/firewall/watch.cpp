#include "firewall/watch.hpp"

#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net-common/attributes.hpp"
#include "net-common/error.hpp"

namespace gantry::net_bridge {

namespace {

UniqueFd subscribe() {
  UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_NETFILTER));
  if (!fd) throw net::os_error("open a netlink socket");
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  const int group = NFNLGRP_NFTABLES;
  if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::setsockopt(fd.get(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) != 0)
    throw net::os_error("watch nftables");
  return fd;
}

/// Whether the message says that the table of that name is gone.
bool is_end_of(const nlmsghdr* head, const std::string& table) {
  if (head->nlmsg_type != (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_DELTABLE)) return false;
  bool found = false;
  net::each_attribute(*head, sizeof(nfgenmsg), [&](const nlattr& attribute) {
    if (mnl_attr_get_type(&attribute) == NFTA_TABLE_NAME) found = table == mnl_attr_get_str(&attribute);
  });
  return found;
}

} // namespace

TableWatch::TableWatch(std::string table, std::function<void()> deleted)
    : table_(std::move(table)), deleted_(std::move(deleted)), events_(subscribe()), stop_(::eventfd(0, EFD_CLOEXEC)) {
  // The daemon's signals are for its own threads.
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { run(); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TableWatch::~TableWatch() {
  const std::uint64_t one = 1;
  (void)!::write(stop_.get(), &one, sizeof one);
  thread_.join();
}

bool TableWatch::read_events() {
  alignas(nlmsghdr) char buffer[32 << 10];
  bool gone = false;
  for (;;) {
    const ssize_t n = ::recv(events_.get(), buffer, sizeof buffer, 0);
    // What was missed may have been about us.
    if (n < 0 && errno == ENOBUFS) gone = true;
    if (n < 0 && (errno == ENOBUFS || errno == EINTR)) continue;
    if (n <= 0) return gone;
    int size = static_cast<int>(n);
    for (const auto* head = reinterpret_cast<const nlmsghdr*>(buffer); mnl_nlmsg_ok(head, size);
         head = mnl_nlmsg_next(head, &size))
      gone = gone || is_end_of(head, table_);
  }
}

void TableWatch::run() {
  for (;;) {
    pollfd wait[2] = {{events_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
    if (::poll(wait, 2, -1) < 0 && errno != EINTR) return;
    if (wait[1].revents != 0) return;
    if (wait[0].revents != 0 && read_events()) deleted_();
  }
}

} // namespace gantry::net_bridge
