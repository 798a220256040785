#include <ctime>

#include <nlohmann/json.hpp>

#include "support/api_test.hpp"

namespace gantry::test {
namespace {

class Exec : public ApiTest {
 protected:
  void SetUp() override {
    ApiTest::SetUp();
    if (IsSkipped()) return;
    create("box", R"(["sleep","60"])");
    start("box");
  }

  std::string create_exec(const std::string& body) {
    const auto reply = client().post_json("/containers/box/exec", body);
    EXPECT_EQ(reply.status, 201) << reply.body;
    return nlohmann::json::parse(reply.body).value("Id", "");
  }
  nlohmann::json inspect(const std::string& id) { return nlohmann::json::parse(client().get("/exec/" + id + "/json").body); }
};

TEST_F(Exec, prints_into_the_hijacked_stream_and_keeps_its_exit_code) {
  const auto id = create_exec(R"({"Cmd":["/hello","exit","3"],"AttachStdout":true,"AttachStderr":true})");
  auto stream = connect();
  EXPECT_EQ(upgrade(stream, "/exec/" + id + "/start", R"({"Detach":false})").status, 101);
  stream.read_to_end();
  EXPECT_TRUE(eventually([&] { return inspect(id)["ExitCode"] == 3; }));
  EXPECT_EQ(inspect(id)["Running"], false);
}

TEST_F(Exec, bytes_behind_the_request_body_are_stdin) {
  const auto id = create_exec(R"({"Cmd":["/hello","cat"],"AttachStdin":true,"AttachStdout":true})");
  auto stream = connect();
  stream.send("POST /exec/" + id +
              "/start HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
              "Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n{}typed\n");
  EXPECT_EQ(stream.read_head().status, 101);
  stream.shutdown_write();
  EXPECT_EQ(frames_of(stream.read_to_end(), 1), "typed\n");
}

TEST_F(Exec, of_a_missing_program_is_told_in_the_stream_and_is_127) {
  const auto id = create_exec(R"({"Cmd":["nosuch"],"AttachStdout":true,"AttachStderr":true})");
  auto stream = connect();
  EXPECT_EQ(upgrade(stream, "/exec/" + id + "/start", "{}").status, 101);
  const auto bytes = stream.read_to_end();
  EXPECT_NE(bytes.find("executable file not found in $PATH"), std::string::npos) << bytes;
  EXPECT_TRUE(eventually([&] { return inspect(id)["ExitCode"] == 127; }));
}

TEST_F(Exec, a_user_that_is_not_there_is_refused_at_create) {
  const auto refused = client().post_json("/containers/box/exec", R"({"Cmd":["/hello","true"],"User":"nobody-here"})");
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("unable to find user nobody-here: no matching entries in passwd file"), std::string::npos)
      << refused.body;
  EXPECT_FALSE(create_exec(R"({"Cmd":["/hello","true"],"User":"4711:12"})").empty()) << "a number needs no entry";
}

TEST_F(Exec, of_a_directory_that_is_not_there_is_127) {
  const auto id = create_exec(R"({"Cmd":["/hello","true"],"WorkingDir":"/nosuch","AttachStdout":true})");
  auto stream = connect();
  EXPECT_EQ(upgrade(stream, "/exec/" + id + "/start", "{}").status, 101);
  stream.read_to_end();
  EXPECT_TRUE(eventually([&] { return inspect(id)["ExitCode"] == 127; }));
}

TEST_F(Exec, only_an_upgrade_knows_the_newer_media_type) {
  const auto plain = create_exec(R"({"Cmd":["/hello","true"],"AttachStdout":true})");
  auto stream = connect();
  stream.send_request("POST", "/exec/" + plain + "/start", {{"Content-Type", "application/json"}}, "{}");
  const auto head = stream.read_head();
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("content-type"), "application/vnd.docker.raw-stream");
  EXPECT_EQ(head.header("api-version"), "1.51");
  const auto upgraded = create_exec(R"({"Cmd":["/hello","true"],"AttachStdout":true})");
  auto other = connect();
  EXPECT_EQ(upgrade(other, "/exec/" + upgraded + "/start", "{}").header("content-type"),
            "application/vnd.docker.multiplexed-stream");
}

TEST_F(Exec, starts_once) {
  const auto id = create_exec(R"({"Cmd":["/hello","true"]})");
  EXPECT_EQ(client().post_json("/exec/" + id + "/start", R"({"Detach":true})").status, 200);
  EXPECT_EQ(client().post_json("/exec/" + id + "/start", R"({"Detach":true})").status, 409);
}

TEST_F(Exec, is_listed_by_its_container_while_it_runs) {
  const auto id = create_exec(R"({"Cmd":["/hello","sleep","60"]})");
  client().post_json("/exec/" + id + "/start", R"({"Detach":true})");
  const auto container = nlohmann::json::parse(client().get("/containers/box/json").body);
  EXPECT_EQ(container["ExecIDs"], nlohmann::json::array({id}));
}

TEST_F(Exec, events_come_in_dockers_order_and_with_its_attributes) {
  for (const char* command : {R"(["/hello","exit","3"])", R"(["nosuch"])"}) {
    const auto id = create_exec(std::string(R"({"Cmd":)") + command + "}");
    client().post_json("/exec/" + id + "/start", R"({"Detach":true})");
    ASSERT_TRUE(eventually([&] { return inspect(id)["ExitCode"].is_number(); }));
  }
  std::vector<std::string> seen;
  const auto reply = client().get("/events?since=0&until=" + std::to_string(std::time(nullptr) + 1) +
                                  "&filters=%7B%22container%22%3A%5B%22box%22%5D%7D");
  for (std::size_t begin = 0, end; (end = reply.body.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const auto event = nlohmann::json::parse(reply.body.substr(begin, end - begin));
    const std::string action = event["Action"];
    if (!action.starts_with("exec_")) continue;
    EXPECT_EQ(event["Actor"]["Attributes"].value("name", ""), "box");
    EXPECT_EQ(event["Actor"]["Attributes"].value("execID", "").size(), 64U);
    seen.push_back(action + (action == "exec_die" ? " " + event["Actor"]["Attributes"].value("exitCode", "") : ""));
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"exec_create: /hello exit 3", "exec_start: /hello exit 3", "exec_die 3",
                                            "exec_create: nosuch ", "exec_start: nosuch "}));
}

TEST_F(Exec, ends_with_its_container_and_stays_inspectable) {
  const auto id = create_exec(R"({"Cmd":["/hello","sleep","60"]})");
  client().post_json("/exec/" + id + "/start", R"({"Detach":true})");
  EXPECT_EQ(inspect(id)["Running"], true);
  EXPECT_EQ(client().post("/containers/box/kill").status, 204);
  ASSERT_TRUE(eventually([&] { return inspect(id)["Running"] == false; }));
  EXPECT_EQ(inspect(id)["ExitCode"], 137);
}

TEST_F(Exec, is_refused_by_name_while_the_container_is_paused) {
  client().post("/containers/box/pause");
  const auto reply = client().post_json("/containers/box/exec", R"({"Cmd":["/hello"]})");
  EXPECT_EQ(reply.status, 409);
  EXPECT_EQ(reply.body, "{\"message\":\"Container box is paused, unpause the container before exec\"}\n");
  client().post("/containers/box/unpause");
}

TEST_F(Exec, goes_on_when_its_client_dies_and_sees_the_end_of_stdin) {
  const auto id = create_exec(R"({"Cmd":["/hello","cat"],"AttachStdin":true,"AttachStdout":true})");
  {
    auto stream = connect();
    EXPECT_EQ(upgrade(stream, "/exec/" + id + "/start", "{}").status, 101);
  }
  EXPECT_TRUE(eventually([&] { return inspect(id)["ExitCode"] == 0; }));
  const auto sleeper = create_exec(R"({"Cmd":["/hello","sleep","60"],"AttachStdout":true})");
  {
    auto stream = connect();
    EXPECT_EQ(upgrade(stream, "/exec/" + sleeper + "/start", "{}").status, 101);
  }
  EXPECT_TRUE(eventually([&] { return inspect(sleeper)["Running"] == true; }));
}

TEST_F(Exec, three_hundred_at_once_are_told_apart) {
  constexpr int count = 300;
  std::vector<std::string> ids;
  std::vector<HttpClient> streams;
  for (int i = 0; i < count; ++i) {
    ids.push_back(create_exec(R"({"Cmd":["/hello","exit",")" + std::to_string(i % 200) + R"("],"Env":["N=)" + std::to_string(i) +
                              R"("],"AttachStdout":true,"AttachStderr":true})"));
    streams.push_back(connect());
  }
  for (int i = 0; i < count; ++i)
    streams[i].send_request("POST", "/exec/" + ids[i] + "/start",
                            {{"Connection", "Upgrade"}, {"Upgrade", "tcp"}, {"Content-Type", "application/json"}}, "{}");
  for (int i = 0; i < count; ++i) {
    EXPECT_EQ(streams[i].read_head().status, 101);
    EXPECT_EQ(streams[i].read_to_end(), "");
    EXPECT_TRUE(eventually([&] { return inspect(ids[i])["ExitCode"] == i % 200; })) << i;
  }
}

TEST_F(Exec, one_that_does_not_end_holds_nobody_up) {
  const auto stuck = create_exec(R"({"Cmd":["/hello","cat"],"AttachStdin":true,"AttachStdout":true})");
  auto stream = connect();
  EXPECT_EQ(upgrade(stream, "/exec/" + stuck + "/start", "{}").status, 101);
  const auto id = create_exec(R"({"Cmd":["/hello","true"]})");
  EXPECT_EQ(client().post_json("/exec/" + id + "/start", R"({"Detach":true})").status, 200);
  EXPECT_TRUE(eventually([&] { return inspect(id)["ExitCode"] == 0; }));
  EXPECT_EQ(client().post("/containers/box/kill").status, 204);
}

} // namespace
} // namespace gantry::test
