#include "dns/answer.hpp"

#include <gtest/gtest.h>

namespace gantry::dns {
namespace {

constexpr unsigned type_a = 1, type_ptr = 12, type_mx = 15, type_aaaa = 28;

/// A question as resolvers send it.
std::string question(const std::string& name, unsigned type, unsigned id = 0x1234) {
  std::string wire{static_cast<char>(id >> 8), static_cast<char>(id), 1, 0, 0, 1, 0, 0, 0, 0, 0, 0};
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t dot = std::min(name.find('.', at), name.size());
    wire += static_cast<char>(dot - at);
    wire += name.substr(at, dot - at);
    at = dot + 1;
  }
  wire += '\0';
  wire += static_cast<char>(type >> 8);
  wire += static_cast<char>(type);
  wire += '\0';
  wire += '\1';
  return wire;
}

unsigned u8(const std::string& wire, std::size_t at) { return static_cast<unsigned char>(wire.at(at)); }
unsigned rcode(const std::string& wire) { return u8(wire, 3) & 15U; }
unsigned answers(const std::string& wire) { return u8(wire, 6) * 256 + u8(wire, 7); }
bool truncated(const std::string& wire) { return (u8(wire, 2) & 2U) != 0; }

class Answers : public testing::Test {
 protected:
  Answers() {
    Endpoint web;
    web.id = "e1";
    web.container = "c1";
    web.network = web.network_name = "lan";
    web.ipv4 = "172.18.0.2";
    web.names = {"web"};
    records.add(web);
  }
  Answer ask(const std::string& name, unsigned type, bool ndots = false) {
    return answer_locally(question(name, type), records, "c1", ndots, false);
  }
  Records records;
};

TEST_F(Answers, give_the_address_with_the_questions_id) {
  const Answer answer = ask("WEB", type_a);
  ASSERT_EQ(answer.verdict, Verdict::answer);
  EXPECT_EQ(u8(answer.wire, 0), 0x12U);
  EXPECT_EQ(u8(answer.wire, 1), 0x34U);
  EXPECT_EQ(answers(answer.wire), 1U);
  EXPECT_EQ(answer.wire.substr(answer.wire.size() - 4), std::string("\xac\x12\x00\x02", 4));
}

TEST_F(Answers, are_empty_for_another_family_or_type_of_a_known_name) {
  for (const unsigned type : {type_aaaa, type_mx}) {
    const Answer answer = ask("web.lan", type);
    ASSERT_EQ(answer.verdict, Verdict::answer);
    EXPECT_EQ(rcode(answer.wire), 0U);
    EXPECT_EQ(answers(answer.wire), 0U);
  }
}

TEST_F(Answers, give_the_name_of_an_address) {
  const Answer answer = ask("2.0.18.172.in-addr.arpa", type_ptr);
  ASSERT_EQ(answer.verdict, Verdict::answer);
  EXPECT_NE(answer.wire.find("\3web\3lan"), std::string::npos);
  EXPECT_EQ(ask("9.0.18.172.in-addr.arpa", type_ptr).verdict, Verdict::forward);
}

TEST_F(Answers, are_left_to_others_for_other_names) {
  EXPECT_EQ(ask("example.com", type_a).verdict, Verdict::forward);
  EXPECT_EQ(ask("printer", type_a).verdict, Verdict::forward);
  EXPECT_EQ(ask("printer", type_a, true).verdict, Verdict::answer) << "with ndots the resolver adds its search list";
}

TEST_F(Answers, that_are_too_long_for_a_datagram_say_so) {
  for (int i = 0; i < 100; ++i) {
    Endpoint one;
    one.id = "many" + std::to_string(i);
    one.container = "m" + std::to_string(i);
    one.network = one.network_name = "lan";
    one.ipv4 = "172.18.1." + std::to_string(i);
    one.names = {"many"};
    records.add(one);
  }
  const Answer short_one = ask("many", type_a);
  EXPECT_LE(short_one.wire.size(), 512U);
  EXPECT_TRUE(truncated(short_one.wire));
  const Answer whole = answer_locally(question("many", type_a), records, "c1", false, true);
  EXPECT_FALSE(truncated(whole.wire));
  EXPECT_EQ(answers(whole.wire), 100U);
}

TEST_F(Answers, to_nonsense_are_none) {
  for (const std::string& wire : {std::string(), std::string("x"), std::string(11, '\0'), std::string(600, '\xff')})
    EXPECT_NE(answer_locally(wire, records, "c1", false, false).verdict, Verdict::forward);
  std::string reply = question("web", type_a);
  reply[2] = '\x81';
  EXPECT_EQ(answer_locally(reply, records, "c1", false, false).verdict, Verdict::drop);
}

TEST_F(Answers, of_others_must_fit_the_question) {
  const std::string asked = question("example.com", type_a);
  std::string answer = asked;
  answer[2] = '\x81';
  answer[3] = '\x83';
  EXPECT_EQ(rcode_of(answer, asked), 3U);
  std::string other_id = answer;
  other_id[0] = 0;
  EXPECT_FALSE(rcode_of(other_id, asked));
  std::string other_name = question("example.org", type_a);
  other_name[2] = '\x81';
  EXPECT_FALSE(rcode_of(other_name, asked));
  EXPECT_EQ(rcode(failure(asked, 2)), 2U);
}

} // namespace
} // namespace gantry::dns
