// wait, events, logs and hijacked connections.
#include <sys/socket.h>

#include "api_fixture.hpp"

namespace gantry::test {
namespace {

using StreamApi = ApiTest;

TEST_F(StreamApi, wait_sends_its_head_before_the_container_ends) {
  const auto id = start_over_api("web");
  auto waiter = connect();
  waiter.send_request("POST", "/containers/web/wait");
  const auto head = waiter.read_head();
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("Transfer-Encoding"), "chunked");
  daemon->runtime.finish(id, 7);
  EXPECT_EQ(waiter.read_chunk(), "{\"StatusCode\":7}\n");
  EXPECT_EQ(waiter.read_chunk(), "");
  EXPECT_EQ(waiter.get("/_ping").body, "OK") << "the connection is still good";
}

TEST_F(StreamApi, wait_refuses_an_unknown_condition) {
  create_over_api("web");
  EXPECT_EQ(client.post("/containers/web/wait?condition=foo").status, 400);
  EXPECT_EQ(client.post("/v1.29/containers/web/wait?condition=foo").status, 200) << "older versions have no conditions";
}

TEST_F(StreamApi, a_waiter_that_hangs_up_is_forgotten) {
  start_over_api("web");
  {
    auto waiter = connect();
    waiter.send_request("POST", "/containers/web/wait");
    waiter.read_head();
    waiter.shutdown_write();
    EXPECT_TRUE(waiter.closed());
  }
  EXPECT_EQ(client.post("/containers/web/kill").status, 204);
}

TEST_F(StreamApi, events_are_sent_as_they_happen_with_the_old_fields) {
  auto watcher = connect();
  watcher.send_request("GET", "/v1.51/events?filters={%22type%22:[%22container%22]}");
  EXPECT_EQ(watcher.read_head().status, 200);
  const auto id = create_over_api("web");
  const auto event = Json::parse(watcher.read_chunk());
  EXPECT_EQ(event["Type"], "container");
  EXPECT_EQ(event["Action"], "create");
  EXPECT_EQ(event["status"], "create");
  EXPECT_EQ(event["id"], id);
  EXPECT_EQ(event["from"], "app");
  EXPECT_EQ(event["scope"], "local");
  EXPECT_EQ(event["Actor"]["Attributes"]["name"], "web");
  EXPECT_EQ(event["timeNano"].get<std::int64_t>() / 1'000'000'000, event["time"].get<std::int64_t>());
}

TEST_F(StreamApi, past_events_are_replayed_and_the_stream_ends) {
  create_over_api("web");
  const auto reply =
      client.get("/events?since=1&until=" + std::to_string(::time(nullptr) + 1) + "&filters={%22event%22:[%22create%22]}");
  EXPECT_NE(reply.body.find("\"Action\":\"create\""), std::string::npos) << reply.body;
}

TEST_F(StreamApi, events_refuse_times_that_are_none) {
  EXPECT_EQ(client.get("/events?since=xyz").status, 400);
  EXPECT_EQ(client.get("/events?since=20&until=10").status, 400);
}

TEST_F(StreamApi, logs_need_a_stream) {
  create_over_api("web");
  EXPECT_EQ(client.get("/containers/web/logs").body, "{\"message\":\"Bad parameters: you must choose at least one stream\"}\n");
  const auto reply = client.get("/containers/web/logs?stdout=1");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "");
}

TEST_F(StreamApi, an_upgraded_attach_gets_exactly_101) {
  create_over_api("web");
  auto attached = connect();
  attached.send(
      "POST /v1.44/containers/web/attach?stream=1&stdout=1 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
  const std::string expected =
      "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.multiplexed-stream\r\n"
      "Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n";
  EXPECT_EQ(attached.read_bytes(expected.size()), expected);
}

TEST_F(StreamApi, a_plain_attach_gets_200_and_the_raw_stream) {
  create_over_api("web");
  auto attached = connect();
  attached.send("POST /v1.41/containers/web/attach?stream=1&stdout=1 HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string expected = "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n";
  EXPECT_EQ(attached.read_bytes(expected.size()), expected);
}

TEST_F(StreamApi, attach_answers_errors_before_it_upgrades) {
  create_over_api("web");
  EXPECT_EQ(client.post("/containers/nope/attach?stream=1").status, 404);
  EXPECT_EQ(client.post("/containers/web/attach?stream=1&detachKeys=ctrl-zz").status, 400);
}

TEST_F(StreamApi, exec_start_of_an_unknown_exec_is_not_found) {
  EXPECT_EQ(client.post_json("/exec/nope/start", "{}").status, 404);
}

TEST_F(StreamApi, a_detached_exec_answers_at_once) {
  start_over_api("web");
  const auto created = client.post_json("/containers/web/exec", R"({"Cmd":["true"]})");
  const auto id = Json::parse(created.body)["Id"].get<std::string>();
  EXPECT_EQ(client.post_json("/exec/" + id + "/start", R"({"Detach":true})").status, 200);
  EXPECT_EQ(client.post_json("/exec/" + id + "/start", R"({"Detach":true})").status, 409);
}

TEST_F(StreamApi, stats_of_a_stopped_container_are_empty_and_no_error) {
  create_over_api("web");
  const auto stats = get_json("/containers/web/stats?stream=0");
  EXPECT_EQ(stats["read"], "0001-01-01T00:00:00Z");
  EXPECT_EQ(stats["name"], "/web");
  EXPECT_TRUE(stats["memory_stats"].empty());
}

TEST_F(StreamApi, one_shot_stats_have_one_sample) {
  start_over_api("web");
  const auto stats = get_json("/containers/web/stats?stream=0&one-shot=1");
  EXPECT_NE(stats["read"], "0001-01-01T00:00:00Z");
  EXPECT_EQ(stats["preread"], "0001-01-01T00:00:00Z");
  EXPECT_GT(stats["cpu_stats"]["system_cpu_usage"].get<std::uint64_t>(), 0U);
}

TEST_F(StreamApi, streamed_stats_come_at_once_and_end_with_the_container) {
  create_over_api("web");
  auto watcher = connect();
  watcher.send_request("GET", "/containers/web/stats");
  EXPECT_EQ(watcher.read_head().status, 200);
  const auto first = Json::parse(watcher.read_chunk());
  EXPECT_EQ(first["read"], "0001-01-01T00:00:00Z");
  EXPECT_EQ(Json::parse(watcher.read_chunk())["name"], "/web") << "every second again";
  EXPECT_EQ(client.del("/containers/web").status, 204);
  std::string chunk = "?";
  while (!chunk.empty()) chunk = watcher.read_chunk();
}

TEST_F(StreamApi, the_second_sample_knows_the_first) {
  start_over_api("web");
  const auto stats = get_json("/containers/web/stats?stream=0");
  EXPECT_NE(stats["preread"], "0001-01-01T00:00:00Z");
  EXPECT_LE(stats["precpu_stats"]["system_cpu_usage"].get<std::uint64_t>(),
            stats["cpu_stats"]["system_cpu_usage"].get<std::uint64_t>());
}

TEST_F(StreamApi, explain_tells_what_is_known_of_a_container) {
  start_over_api("web");
  EXPECT_EQ(client.post("/containers/web/kill").status, 204);
  const auto explained = get_json("/gantry/containers/web/explain");
  EXPECT_EQ(explained["Status"], "exited");
  EXPECT_EQ(explained["Explanation"][1], "It was killed by a user with SIGKILL");
  EXPECT_EQ(explained["Runs"][0]["ExitCode"], 137);
  EXPECT_EQ(explained["Runs"][0]["DelayNs"], nullptr);
  EXPECT_EQ(explained["EndRequest"]["By"], "kill");
  EXPECT_EQ(explained["Start"]["Steps"].size(), 7U);
  EXPECT_EQ(explained["Load"], nullptr);
  EXPECT_EQ(get_json("/v1.41/gantry/containers/web/explain")["Id"], explained["Id"]);
  EXPECT_EQ(client.get("/gantry/containers/nope/explain").status, 404);
}

} // namespace
} // namespace gantry::test
