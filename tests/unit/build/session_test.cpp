#include "build/session/session.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

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

} // namespace
} // namespace gantry::build
