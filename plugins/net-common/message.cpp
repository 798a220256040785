#include "net-common/message.hpp"

#include <cstring>

#include "net-common/error.hpp"

namespace gantry::net {

Message::Message(std::uint16_t type, std::uint16_t flags, std::size_t room) : buffer_(room) {
  head_ = mnl_nlmsg_put_header(buffer_.data());
  head_->nlmsg_type = type;
  head_->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
}

Message& Message::put(std::uint16_t attribute, const void* data, std::size_t size) {
  if (!mnl_attr_put_check(head_, buffer_.size(), attribute, size, data))
    throw Error(Code::internal, "a netlink message has no room for an attribute of " + std::to_string(size) + " bytes");
  return *this;
}

nlattr* Message::begin(std::uint16_t attribute) {
  nlattr* nest = mnl_attr_nest_start_check(head_, buffer_.size(), attribute);
  if (nest == nullptr) throw Error(Code::internal, "a netlink message has no room for a nested attribute");
  return nest;
}

void* Message::extend(std::size_t size) {
  const std::size_t aligned = MNL_ALIGN(size);
  if (head_->nlmsg_len + aligned > buffer_.size()) throw Error(Code::internal, "a netlink message has no room for a header");
  void* at = mnl_nlmsg_get_payload_tail(head_);
  std::memset(at, 0, aligned);
  head_->nlmsg_len += static_cast<std::uint32_t>(aligned);
  return at;
}

} // namespace gantry::net
