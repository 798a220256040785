#include "dns/answer.hpp"

#include <arpa/inet.h>
#include <ldns/ldns.h>

#include <algorithm>
#include <memory>
#include <random>

namespace gantry::dns {

namespace {

constexpr std::uint32_t ttl = 600;

using Packet = std::unique_ptr<ldns_pkt, void (*)(ldns_pkt*)>;

Packet parse(const std::string& message) {
  ldns_pkt* packet = nullptr;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(message.data());
  if (ldns_wire2pkt(&packet, bytes, message.size()) != LDNS_STATUS_OK) packet = nullptr;
  return {packet, ldns_pkt_free};
}

std::string text_of(const ldns_rdf* name) {
  const std::unique_ptr<char, void (*)(void*)> text(ldns_rdf2str(name), std::free);
  return text ? plain_name(text.get()) : "";
}

/// An answer without records yet.
Packet reply_to(const ldns_pkt& query, ldns_pkt_rcode rcode) {
  Packet reply(ldns_pkt_new(), ldns_pkt_free);
  ldns_pkt_set_id(reply.get(), ldns_pkt_id(&query));
  ldns_pkt_set_qr(reply.get(), true);
  ldns_pkt_set_rd(reply.get(), ldns_pkt_rd(&query));
  ldns_pkt_set_ra(reply.get(), true);
  ldns_pkt_set_rcode(reply.get(), rcode);
  ldns_rr_list* questions = ldns_rr_list_clone(ldns_pkt_question(&query));
  ldns_pkt_push_rr_list(reply.get(), LDNS_SECTION_QUESTION, questions);
  ldns_rr_list_free(questions); // the list; its records are the packet's now
  return reply;
}

std::string wire_of(const ldns_pkt& packet) {
  std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
  std::string wire;
  if (ldns_pkt2wire(&bytes, &packet, &size) == LDNS_STATUS_OK) wire.assign(reinterpret_cast<const char*>(bytes), size);
  std::free(bytes);
  return wire;
}

void push(ldns_pkt& reply, const ldns_rr& question, ldns_rr_type type, ldns_rdf* data) {
  ldns_rr* record = ldns_rr_new();
  ldns_rr_set_owner(record, ldns_rdf_clone(ldns_rr_owner(&question)));
  ldns_rr_set_type(record, type);
  ldns_rr_set_class(record, LDNS_RR_CLASS_IN);
  ldns_rr_set_ttl(record, ttl);
  ldns_rr_push_rdf(record, data);
  ldns_pkt_push_rr(&reply, LDNS_SECTION_ANSWER, record);
}

/// In another order each time: clients take the first, so all get their share.
std::vector<std::string> shuffled(std::vector<std::string> addresses) {
  static std::minstd_rand random(std::random_device{}());
  std::shuffle(addresses.begin(), addresses.end(), random);
  return addresses;
}

void push_addresses(ldns_pkt& reply, const ldns_rr& question, const Addresses& found) {
  const ldns_rr_type type = ldns_rr_get_type(&question);
  unsigned char bytes[16];
  if (type == LDNS_RR_TYPE_A || type == LDNS_RR_TYPE_ANY) {
    for (const auto& address : shuffled(found.ipv4))
      if (::inet_pton(AF_INET, address.c_str(), bytes) == 1)
        push(reply, question, LDNS_RR_TYPE_A, ldns_rdf_new_frm_data(LDNS_RDF_TYPE_A, 4, bytes));
  }
  if (type == LDNS_RR_TYPE_AAAA || type == LDNS_RR_TYPE_ANY) {
    for (const auto& address : shuffled(found.ipv6))
      if (::inet_pton(AF_INET6, address.c_str(), bytes) == 1)
        push(reply, question, LDNS_RR_TYPE_AAAA, ldns_rdf_new_frm_data(LDNS_RDF_TYPE_AAAA, 16, bytes));
  }
}

/// "2.0.18.172.in-addr.arpa" as "172.18.0.2", the IPv6 form likewise; empty for other names.
std::string address_of(const std::string& name) {
  constexpr std::string_view v4 = ".in-addr.arpa", v6 = ".ip6.arpa";
  if (name.ends_with(v4)) {
    unsigned a = 0, b = 0, c = 0, d = 0;
    char rest = 0;
    const std::string front = name.substr(0, name.size() - v4.size());
    if (std::sscanf(front.c_str(), "%3u.%3u.%3u.%3u%c", &d, &c, &b, &a, &rest) != 4) return "";
    return std::to_string(a) + "." + std::to_string(b) + "." + std::to_string(c) + "." + std::to_string(d);
  }
  if (!name.ends_with(v6) || name.size() - v6.size() != 63) return "";
  std::string text;
  for (int at = 62; at >= 0; at -= 2) {
    text += name[static_cast<std::size_t>(at)];
    if (at % 8 == 0 && at != 0) text += ':';
  }
  unsigned char bytes[16];
  char plain[INET6_ADDRSTRLEN] = {};
  if (::inet_pton(AF_INET6, text.c_str(), bytes) != 1) return "";
  return ::inet_ntop(AF_INET6, bytes, plain, sizeof plain);
}

std::string fitted(Packet reply, std::size_t limit) {
  std::string wire = wire_of(*reply);
  if (wire.size() <= limit) return wire;
  // All or nothing: the asker comes again by TCP.
  ldns_pkt_set_tc(reply.get(), true);
  ldns_rr_list_deep_free(ldns_pkt_answer(reply.get()));
  ldns_pkt_set_answer(reply.get(), ldns_rr_list_new());
  ldns_pkt_set_ancount(reply.get(), 0);
  return wire_of(*reply);
}

} // namespace

Answer answer_locally(const std::string& message, const Records& records, const std::string& container, bool ndots, bool tcp) {
  const Packet query = parse(message);
  if (!query || ldns_pkt_qr(query.get())) return {};
  if (ldns_pkt_get_opcode(query.get()) != LDNS_PACKET_QUERY || ldns_rr_list_rr_count(ldns_pkt_question(query.get())) != 1)
    return {Verdict::answer, wire_of(*reply_to(*query, LDNS_RCODE_NOTIMPL))};
  const ldns_rr& question = *ldns_rr_list_rr(ldns_pkt_question(query.get()), 0);
  if (ldns_rr_get_class(&question) != LDNS_RR_CLASS_IN) return {Verdict::forward, ""};
  const std::string name = text_of(ldns_rr_owner(&question));
  const ldns_rr_type type = ldns_rr_get_type(&question);
  const std::size_t limit = tcp ? 65535 : std::max<std::size_t>(512, ldns_pkt_edns_udp_size(query.get()));
  if (type == LDNS_RR_TYPE_PTR) {
    const std::string address = address_of(name);
    const std::string found = address.empty() ? "" : records.name_of(container, address);
    if (found.empty()) return {Verdict::forward, ""};
    Packet reply = reply_to(*query, LDNS_RCODE_NOERROR);
    if (ldns_rdf* target = ldns_dname_new_frm_str((found + ".").c_str())) push(*reply, question, LDNS_RR_TYPE_PTR, target);
    return {Verdict::answer, fitted(std::move(reply), limit)};
  }
  const Addresses found = records.find(container, name);
  const bool address = type == LDNS_RR_TYPE_A || type == LDNS_RR_TYPE_AAAA;
  // A name of ours is nobody else's business, whatever is asked about it.
  const bool stays = found.known || (address && ndots && name.find('.') == std::string::npos);
  if (!stays) return {Verdict::forward, ""};
  Packet reply = reply_to(*query, LDNS_RCODE_NOERROR);
  push_addresses(*reply, question, found);
  return {Verdict::answer, fitted(std::move(reply), limit)};
}

std::string failure(const std::string& message, unsigned rcode) {
  const Packet query = parse(message);
  return query ? wire_of(*reply_to(*query, static_cast<ldns_pkt_rcode>(rcode))) : "";
}

std::optional<unsigned> rcode_of(const std::string& answer, const std::string& question) {
  const Packet a = parse(answer), q = parse(question);
  if (!a || !q || !ldns_pkt_qr(a.get()) || ldns_pkt_id(a.get()) != ldns_pkt_id(q.get())) return std::nullopt;
  const ldns_rr_list *theirs = ldns_pkt_question(a.get()), *ours = ldns_pkt_question(q.get());
  // Some servers leave the question out of a refusal.
  if (ldns_rr_list_rr_count(theirs) != 0 && ldns_rr_list_rr_count(ours) != 0 &&
      ldns_rr_compare(ldns_rr_list_rr(theirs, 0), ldns_rr_list_rr(ours, 0)) != 0)
    return std::nullopt;
  return ldns_pkt_get_rcode(a.get());
}

} // namespace gantry::dns
