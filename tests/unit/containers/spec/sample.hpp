#pragma once

#include <gtest/gtest.h>

#include <string>

#include "base/error.hpp"
#include "containers/spec.hpp"

namespace gantry::containers::test {

inline Container sample_container() {
  Container container;
  container.id = "3ba64eeca0ff96216f91547d00e497b675aaa2d72de2bb545ca95d0dcac50472";
  container.path = "sleep";
  container.args = {"100"};
  container.host_config.network_mode = "none";
  return container;
}

inline SpecContext sample_context() {
  SpecContext context;
  context.hosts_path = "/state/hosts";
  context.hostname_path = "/state/hostname";
  context.resolv_conf_path = "/state/resolv.conf";
  context.cgroup_path = "/gantry/3ba64eeca0ff";
  context.init_path = "/usr/libexec/gantry/gantry-init";
  context.available_capabilities = {"CAP_CHOWN",   "CAP_DAC_OVERRIDE", "CAP_FSETID",           "CAP_FOWNER",     "CAP_MKNOD",
                                    "CAP_NET_RAW", "CAP_SETGID",       "CAP_SETUID",           "CAP_SETFCAP",    "CAP_SETPCAP",
                                    "CAP_KILL",    "CAP_AUDIT_WRITE",  "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_SYS_ADMIN"};
  return context;
}

/// The sentence of the error that `f` throws; it must be Code::invalid.
template <class F>
std::string refusal(F f, Code code = Code::invalid) {
  try {
    f();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code);
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

inline Json mount_at(const Json& spec, const std::string& destination) {
  for (const auto& mount : spec.at("mounts")) {
    if (mount.at("destination") == destination) return mount;
  }
  return nullptr;
}

} // namespace gantry::containers::test
