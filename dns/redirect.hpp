#pragma once

#include <cstdint>

namespace gantry::dns {

/// In the namespace of the calling thread: questions to 127.0.0.11, port 53, go to these ports of that address. The port itself
/// stays free for a server of the container's own. Throws what nftables says.
void redirect_questions(std::uint16_t udp_port, std::uint16_t tcp_port);

} // namespace gantry::dns
