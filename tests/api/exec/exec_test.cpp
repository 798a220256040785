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

} // namespace
} // namespace gantry::test
