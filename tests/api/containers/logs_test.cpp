#include "support/api_test.hpp"

namespace gantry::test {
namespace {

using Logs = ApiTest;

TEST_F(Logs, are_framed_timed_and_cut_to_their_tail) {
  create("env", R"(["env"])", R"(,"Env":["A=1","B=2"])");
  start("env");
  client().post("/containers/env/wait");
  const auto all = frames_of(client().get("/containers/env/logs?stdout=1&stderr=1").body, 1);
  EXPECT_NE(all.find("A=1\n"), std::string::npos);
  const auto last = frames_of(client().get("/containers/env/logs?stdout=1&tail=1&timestamps=1").body, 1);
  EXPECT_EQ(std::count(last.begin(), last.end(), '\n'), 1) << last;
  EXPECT_EQ(last[30], ' ') << "the time has a fixed width: " << last;
  EXPECT_EQ(frames_of(client().get("/containers/env/logs?stderr=1").body, 2), "");
}

TEST_F(Logs, followed_come_live_and_end_with_the_container) {
  create("cat", R"(["cat"])", R"(,"OpenStdin":true)");
  start("cat");
  auto follower = connect();
  follower.send_request("GET", "/containers/cat/logs?stdout=1&follow=1");
  EXPECT_EQ(follower.read_head().status, 200) << "the head does not wait for a line";
  auto stdin_stream = connect();
  upgrade(stdin_stream, "/containers/cat/attach?stream=1&stdin=1");
  stdin_stream.send("one\n");
  EXPECT_EQ(frames_of(follower.read_chunk(), 1), "one\n");
  EXPECT_EQ(client().post("/containers/cat/kill").status, 204);
  EXPECT_EQ(follower.read_chunk(), "");
}

TEST_F(Logs, a_follower_that_hangs_up_is_let_go) {
  create("sleep", R"(["sleep","60"])");
  start("sleep");
  auto follower = connect();
  follower.send_request("GET", "/containers/sleep/logs?stdout=1&follow=1");
  follower.read_head();
  follower.shutdown_write();
  EXPECT_TRUE(follower.closed());
}

TEST_F(Logs, of_the_driver_none_cannot_be_read) {
  const auto created =
      client().post_json("/containers/create?name=mute",
                         R"({"Image":"gantry/hello","HostConfig":{"NetworkMode":"none","LogConfig":{"Type":"none"}}})");
  ASSERT_EQ(created.status, 201) << created.body;
  const auto reply = client().get("/containers/mute/logs?stdout=1");
  EXPECT_EQ(reply.status, 501);
  EXPECT_EQ(reply.body, "{\"message\":\"configured logging driver does not support reading\"}\n");
}

} // namespace
} // namespace gantry::test
