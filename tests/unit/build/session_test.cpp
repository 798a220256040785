#include "build/session/session.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <optional>
#include <thread>

#include "base/error.hpp"

namespace gantry::build {
namespace {

TEST(Session, an_answer_that_comes_late_is_not_that_to_the_next_question) {
  int pair[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
  const UniqueFd client(pair[1]);
  Session session({{}, {"default"}}, UniqueFd(pair[0]));
  registry::Cancel gone, open;
  gone.set();
  EXPECT_FALSE(session.ask("default", 0, "first", gone));
  const std::string answers = "{\"Message\":\"b25l\"}\n{\"Message\":\"dHdv\"}\n"; // one, two
  ASSERT_EQ(::send(client.get(), answers.data(), answers.size(), MSG_NOSIGNAL), static_cast<ssize_t>(answers.size()));
  EXPECT_EQ(session.ask("default", 0, "second", open), "two");
}

class OnDemand : public testing::Test {
 protected:
  OnDemand() {
    int pair[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    client.reset(pair[1]);
    session.emplace(Lent{{}, {}, true}, UniqueFd(pair[0]));
  }
  /// Before the question: the connection keeps it.
  void answer(const std::string& line) {
    ASSERT_EQ(::send(client.get(), (line + "\n").data(), line.size() + 1, MSG_NOSIGNAL), static_cast<ssize_t>(line.size() + 1));
  }
  std::string asked() {
    char bytes[4096];
    const ssize_t n = ::recv(client.get(), bytes, sizeof bytes, MSG_DONTWAIT);
    return n > 0 ? std::string(bytes, static_cast<std::size_t>(n)) : "";
  }

  UniqueFd client;
  std::optional<Session> session;
  registry::Cancel open;
};

TEST_F(OnDemand, a_secret_is_asked_for_when_a_step_needs_it) {
  answer(R"({"Value":"b25l"})");
  const SecretPtr secret = session->secret("npm", open);
  ASSERT_TRUE(secret);
  EXPECT_EQ(secret->view(), "one");
  EXPECT_EQ(asked(), "{\"Secret\":\"npm\"}\n");
}

TEST_F(OnDemand, a_secret_that_the_client_has_not_is_none) {
  answer(R"({"Missing":true})");
  EXPECT_FALSE(session->secret("npm", open));
  answer(R"([1])");
  EXPECT_THROW((void)session->secret("npm", open), Error);
  answer(R"({"Value":"!"})");
  EXPECT_THROW((void)session->secret("npm", open), Error);
  answer(R"({"Error":"permission denied"})");
  EXPECT_THROW((void)session->secret("npm", open), Error);
}

TEST_F(OnDemand, a_secret_has_a_largest_size) {
  // More than a socket holds.
  std::thread sender([this] { answer("{\"Value\":\"" + std::string(4 * (Session::secret_max / 3 + 1), 'A') + "\"}"); });
  EXPECT_THROW((void)session->secret("npm", open), Error);
  sender.join();
}

TEST_F(OnDemand, agents_and_credentials) {
  answer(R"({"Ok":true})");
  EXPECT_TRUE(session->has_agent("default", open));
  answer(R"({"Error":"no such key"})");
  EXPECT_FALSE(session->has_agent("other", open));
  answer(R"({"Username":"u","Password":"p"})");
  const auto known = session->credentials("registry.example", open);
  ASSERT_TRUE(known);
  EXPECT_EQ(known->username, "u");
  EXPECT_EQ(known->password, "p");
  answer("{}");
  EXPECT_FALSE(session->credentials("registry.example", open));
}

TEST_F(OnDemand, a_client_that_has_gone_is_not_one_that_has_nothing) {
  client.reset();
  EXPECT_THROW((void)session->secret("npm", open), Error);
  EXPECT_THROW((void)session->has_agent("default", open), Error);
  EXPECT_THROW((void)session->credentials("registry.example", open), Error);
}

} // namespace
} // namespace gantry::build
