#include "api_fixture.hpp"

namespace gantry::test {
namespace {

using SystemApi = ApiTest;

TEST_F(SystemApi, version_tells_the_window) {
  const auto version = get_json("/version");
  EXPECT_EQ(version["ApiVersion"], "1.51");
  EXPECT_EQ(version["MinAPIVersion"], "1.24");
  EXPECT_EQ(version["Os"], "linux");
  EXPECT_EQ(version["Components"][0]["Name"], "Engine");
}

TEST_F(SystemApi, info_counts_containers_and_names_what_tools_ask_for) {
  create_over_api("web");
  const auto info = get_json("/info");
  EXPECT_EQ(info["Containers"], 1);
  EXPECT_EQ(info["ContainersStopped"], 1);
  EXPECT_EQ(info["Images"], 1);
  EXPECT_EQ(info["OSType"], "linux");
  EXPECT_EQ(info["Swarm"]["LocalNodeState"], "inactive");
}

TEST_F(SystemApi, swarm_says_that_there_is_none) {
  for (const auto* target : {"/swarm", "/services", "/nodes/x", "/tasks", "/secrets", "/configs/a"}) {
    const auto reply = client.get(target);
    EXPECT_EQ(reply.status, 503) << target;
    EXPECT_NE(reply.body.find("This node is not a swarm manager. Use \\\"docker swarm init\\\""), std::string::npos)
        << reply.body;
  }
  EXPECT_EQ(client.post("/swarm/leave").body, "{\"message\":\"This node is not part of a swarm\"}\n");
}

TEST_F(SystemApi, docker_sees_no_plugins) {
  EXPECT_EQ(client.get("/plugins").body, "[]\n");
  EXPECT_EQ(client.get("/plugins?filters={\"bad\":[\"x\"]}").status, 400);
  EXPECT_EQ(client.get("/plugins/a/b:1/json").body, "{\"message\":\"plugin \\\"a/b:1\\\" not found\"}\n");
  EXPECT_EQ(client.post("/plugins/x/enable").status, 404);
  EXPECT_EQ(client.del("/plugins/x").status, 404);
  EXPECT_EQ(client.get("/plugins/privileges?remote=x").status, 501);
}

TEST_F(SystemApi, checkpoints_are_experimental) {
  create_over_api("web");
  for (const auto& reply : {client.get("/containers/web/checkpoints"), client.del("/containers/web/checkpoints/a")}) {
    EXPECT_EQ(reply.status, 501);
    EXPECT_NE(reply.body.find("This experimental feature is disabled by default."), std::string::npos) << reply.body;
  }
  EXPECT_EQ(client.post("/containers/web/start?checkpoint=a").body,
            "{\"message\":\"checkpoint is only supported in experimental mode\"}\n");
}

TEST_F(SystemApi, networks_are_none_and_host) {
  const auto networks = get_json("/networks");
  ASSERT_EQ(networks.size(), 2U);
  const auto id = networks[0]["Id"].get<std::string>();
  EXPECT_EQ(get_json("/networks/" + id.substr(0, 10))["Name"], networks[0]["Name"]);
  EXPECT_EQ(client.del("/networks/host").status, 403);
  EXPECT_EQ(client.get("/networks/nope").body, "{\"message\":\"network nope not found\"}\n");
}

TEST_F(SystemApi, there_are_no_volumes) {
  EXPECT_EQ(client.get("/volumes").body, "{\"Volumes\":[],\"Warnings\":null}\n");
  EXPECT_EQ(client.get("/volumes/x").status, 404);
}

} // namespace
} // namespace gantry::test
