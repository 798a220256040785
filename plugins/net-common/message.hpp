#pragma once

#include <libmnl/libmnl.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace gantry::net {

/// One netlink request being written. Its size is fixed when it is made; what does not fit is a bug and throws.
class Message {
 public:
  explicit Message(std::uint16_t type, std::uint16_t flags, std::size_t room = 1024);

  /// The family's own header ("struct ifinfomsg"), zeroed. First, before any attribute.
  template <class Header>
  Header& header() {
    return *static_cast<Header*>(mnl_nlmsg_put_extra_header(head_, sizeof(Header)));
  }

  Message& put(std::uint16_t attribute, const void* data, std::size_t size);
  Message& put_u8(std::uint16_t attribute, std::uint8_t value) { return put(attribute, &value, sizeof value); }
  Message& put_u32(std::uint16_t attribute, std::uint32_t value) { return put(attribute, &value, sizeof value); }
  /// With its final zero.
  Message& put_text(std::uint16_t attribute, const std::string& value) { return put(attribute, value.c_str(), value.size() + 1); }

  /// An attribute that holds others, until `end`.
  nlattr* begin(std::uint16_t attribute);
  void end(nlattr* nest) { mnl_attr_nest_end(head_, nest); }
  /// Room for a struct in front of nested attributes (a veth's peer).
  template <class Header>
  Header& nested_header() {
    return *static_cast<Header*>(extend(sizeof(Header)));
  }

  nlmsghdr* get() { return head_; }
  std::size_t size() const { return head_->nlmsg_len; }

 private:
  void* extend(std::size_t size);

  std::vector<char> buffer_;
  nlmsghdr* head_;
};

} // namespace gantry::net
