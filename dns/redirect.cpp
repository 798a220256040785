#include "dns/redirect.hpp"

#include <nftables/libnftables.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace gantry::dns {

void redirect_questions(std::uint16_t udp_port, std::uint16_t tcp_port) {
  const std::unique_ptr<nft_ctx, void (*)(nft_ctx*)> nft(nft_ctx_new(NFT_CTX_DEFAULT), nft_ctx_free);
  if (!nft) throw std::runtime_error("nftables: out of memory");
  nft_ctx_buffer_output(nft.get());
  nft_ctx_buffer_error(nft.get());
  const std::string rule = "add rule ip gantry_dns output ip daddr 127.0.0.11 ";
  const std::string script =
      "add table ip gantry_dns\n"
      "add chain ip gantry_dns output { type nat hook output priority -100; policy accept; }\n"
      "flush chain ip gantry_dns output\n" +
      rule + "udp dport 53 dnat to 127.0.0.11:" + std::to_string(udp_port) + "\n" + rule +
      "tcp dport 53 dnat to 127.0.0.11:" + std::to_string(tcp_port) + "\n";
  if (nft_run_cmd_from_buffer(nft.get(), script.c_str()) != 0)
    throw std::runtime_error(std::string("nftables: ") + nft_ctx_get_error_buffer(nft.get()));
}

} // namespace gantry::dns
