#pragma once

#include <libmnl/libmnl.h>

// libmnl's loops over attributes, which its macros are only for C.
namespace gantry::net {

/// `from`: size of the family's own header.
template <class F>
void each_attribute(const nlmsghdr& head, std::size_t from, F f) {
  const auto* end = static_cast<const char*>(mnl_nlmsg_get_payload_tail(&head));
  for (const auto* at = static_cast<const nlattr*>(mnl_nlmsg_get_payload_offset(&head, from));
       mnl_attr_ok(at, static_cast<int>(end - reinterpret_cast<const char*>(at))); at = mnl_attr_next(at))
    f(*at);
}

template <class F>
void each_nested(const nlattr& nest, F f) {
  const auto* begin = static_cast<const char*>(mnl_attr_get_payload(&nest));
  const char* end = begin + mnl_attr_get_payload_len(&nest);
  for (const auto* at = reinterpret_cast<const nlattr*>(begin);
       mnl_attr_ok(at, static_cast<int>(end - reinterpret_cast<const char*>(at))); at = mnl_attr_next(at))
    f(*at);
}

} // namespace gantry::net
