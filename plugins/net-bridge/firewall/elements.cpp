#include "firewall/elements.hpp"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <sys/socket.h>

#include "net-common/error.hpp"
#include "net-common/socket.hpp"
#include "ports/runs.hpp"

namespace gantry::net_bridge {

namespace {

/// A message's elements are one attribute, which has 16 bits for its length.
constexpr std::size_t max_list = 60'000;
constexpr std::size_t room = max_list + 4096;

/// A change of a map with intervals costs the kernel a copy of the map, so that few neighbours are rather elements of their own.
constexpr unsigned shortest_interval = 32;

void append(std::string& bytes, const void* data, std::size_t size) {
  bytes.append(static_cast<const char*>(data), size);
  bytes.append((4 - size % 4) % 4, '\0');
}

void append_port(std::string& bytes, std::uint16_t port) {
  const std::uint16_t network_order = htons(port);
  append(bytes, &network_order, sizeof network_order);
}

void append_protocol(std::string& bytes, const std::string& protocol) {
  const unsigned char number = protocol == "udp" ? IPPROTO_UDP : protocol == "sctp" ? IPPROTO_SCTP : IPPROTO_TCP;
  append(bytes, &number, 1);
}

/// Where in the table: a map or set, and what its keys are made of.
struct Spot {
  std::string name;
  std::string address; ///< the first part of the key; empty: there is none
  std::uint16_t port = 0;
  bool has_ranges = true; ///< there is one of intervals beside it
};

void add_run(Elements& elements, const PortRun& run, const Spot& spot, const std::string& data, bool with_port) {
  const auto key = [&](unsigned offset) {
    std::string bytes = spot.address;
    append_protocol(bytes, run.first.protocol);
    append_port(bytes, static_cast<std::uint16_t>(spot.port + offset));
    return bytes;
  };
  if (spot.has_ranges && run.count >= shortest_interval) {
    // The kernel keeps the port where the data has none.
    elements[{spot.name + "_ranges", key(0)}] = {data, key(run.count - 1)};
    return;
  }
  for (unsigned i = 0; i < run.count; ++i) {
    std::string value = data;
    if (with_port) append_port(value, static_cast<std::uint16_t>(run.first.container_port + i));
    elements[{spot.name, key(i)}] = {value, ""};
  }
}

std::string bytes_of(const net::IpAddress& address) {
  std::string bytes;
  append(bytes, address.bytes, address.size());
  return bytes;
}

/// To the container itself.
void add_direct(Elements& elements, const PortRun& run, const net::IpAddress& host, const net::IpAddress& container,
                bool routed) {
  const std::string version = host.family == AF_INET6 ? "6" : "4";
  if (routed) return add_run(elements, run, {"open" + version, bytes_of(container), run.first.container_port, false}, "", false);
  const Spot spot =
      is_any(host) ? Spot{"any" + version, "", run.first.host_port} : Spot{"host" + version, bytes_of(host), run.first.host_port};
  add_run(elements, run, spot, bytes_of(container), true);
}

net::Message nft_message(std::uint16_t type, std::uint16_t flags, std::size_t size) {
  net::Message message(static_cast<std::uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | type), flags, size);
  message.header<nfgenmsg>().nfgen_family = NFPROTO_INET;
  return message;
}

net::Message batch_message(std::uint16_t type) {
  net::Message message(type, 0);
  message.header<nfgenmsg>().res_id = htons(NFNL_SUBSYS_NFTABLES);
  return message;
}

void put_data(net::Message& message, std::uint16_t attribute, const std::string& bytes) {
  nlattr* data = message.begin(attribute);
  message.put(NFTA_DATA_VALUE, bytes.data(), bytes.size());
  message.end(data);
}

/// Several messages where one would be too long.
void add_messages(std::vector<net::Message>& batch, const std::string& table, std::uint16_t type, const Elements& elements) {
  for (auto at = elements.begin(); at != elements.end();) {
    const std::string& map = at->first.first;
    net::Message message = nft_message(type, type == NFT_MSG_NEWSETELEM ? NLM_F_CREATE : 0, room);
    message.put_text(NFTA_SET_ELEM_LIST_TABLE, table).put_text(NFTA_SET_ELEM_LIST_SET, map);
    nlattr* list = message.begin(NFTA_SET_ELEM_LIST_ELEMENTS);
    for (; at != elements.end() && at->first.first == map && message.size() < max_list - 256; ++at) {
      nlattr* element = message.begin(NFTA_LIST_ELEM);
      put_data(message, NFTA_SET_ELEM_KEY, at->first.second);
      if (!at->second.last.empty()) put_data(message, NFTA_SET_ELEM_KEY_END, at->second.last);
      if (!at->second.data.empty() && type == NFT_MSG_NEWSETELEM) put_data(message, NFTA_SET_ELEM_DATA, at->second.data);
      message.end(element);
    }
    message.end(list);
    batch.push_back(std::move(message));
  }
}

int run_batch(std::vector<net::Message> changes) {
  std::vector<net::Message> batch;
  batch.reserve(changes.size() + 2);
  batch.push_back(batch_message(NFNL_MSG_BATCH_BEGIN));
  for (auto& change : changes) batch.push_back(std::move(change));
  batch.push_back(batch_message(NFNL_MSG_BATCH_END));
  net::Socket socket(NETLINK_NETFILTER);
  return socket.run_batch(batch);
}

} // namespace

Elements elements_of(const PublishedTarget& target, const std::vector<Port>& ports) {
  Elements elements;
  for (const PortRun& run : runs_of(ports)) {
    const Way way = way_to(target, run.first);
    const net::IpAddress host = net::parse_ip(run.first.host_ip);
    if (way.direct != nullptr)
      add_direct(elements, run, host, *way.direct, host.family == AF_INET6 ? target.routed6 : target.routed4);
    if (!way.relayed) continue;
    const net::IpAddress& at = way.relayed->host;
    const std::uint16_t port = run.first.host_port;
    add_run(elements, run, is_any(at) ? Spot{"relay_any", "", port} : Spot{"relay_host", bytes_of(at), port}, "", false);
  }
  return elements;
}

int change_elements(const std::string& table, const Elements& remove, const Elements& add) {
  std::vector<net::Message> batch;
  add_messages(batch, table, NFT_MSG_DELSETELEM, remove);
  add_messages(batch, table, NFT_MSG_NEWSETELEM, add);
  return batch.empty() ? 0 : run_batch(std::move(batch));
}

int replace_elements(const std::string& table, const Elements& all) {
  std::vector<net::Message> batch;
  for (const char* map : {"any4", "host4", "open4", "any6", "host6", "open6", "any4_ranges", "host4_ranges", "any6_ranges",
                          "host6_ranges", "relay_any", "relay_any_ranges", "relay_host", "relay_host_ranges"}) {
    // Without a list of elements: all of them.
    net::Message flush = nft_message(NFT_MSG_DELSETELEM, 0, 256);
    flush.put_text(NFTA_SET_ELEM_LIST_TABLE, table).put_text(NFTA_SET_ELEM_LIST_SET, map);
    batch.push_back(std::move(flush));
  }
  add_messages(batch, table, NFT_MSG_NEWSETELEM, all);
  return run_batch(std::move(batch));
}

} // namespace gantry::net_bridge
