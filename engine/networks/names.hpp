#pragma once

#include "networks/dns_client.hpp"
#include "networks/network_service.hpp"

// What containers are called in user-defined networks, as gantry-dns is told.
namespace gantry::networks {

void announce_names(DnsClient&, const Network&, const Owner&, const Attachment&, const Sandbox&);
void rename_in_dns(DnsClient&, const Network&, const Owner&, const Attachment&);
/// What cannot be told is logged: the container's end is no matter of names.
void forget_names(DnsClient&, const Attachment&);

} // namespace gantry::networks
