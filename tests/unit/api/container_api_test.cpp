#include "api_fixture.hpp"

namespace gantry::test {
namespace {

using ContainerApi = ApiTest;

TEST_F(ContainerApi, create_answers_id_and_warnings) {
  const auto reply = client.post_json("/containers/create?name=web", R"({"Image":"app","HostConfig":{"NetworkMode":"none"}})");
  ASSERT_EQ(reply.status, 201) << reply.body;
  const auto body = Json::parse(reply.body);
  EXPECT_EQ(body["Id"].get<std::string>().size(), 64U);
  EXPECT_TRUE(body["Warnings"].is_array());
}

TEST_F(ContainerApi, create_refuses_extensions_that_it_does_not_know) {
  const auto refusal = [&](const std::string& extensions) {
    const auto reply = client.post_json("/containers/create",
                                        R"({"Image":"app","HostConfig":{"NetworkMode":"none"},"Gantry":)" + extensions + "}");
    EXPECT_EQ(reply.status, 400) << extensions;
    return Json::parse(reply.body)["message"].get<std::string>();
  };
  EXPECT_EQ(refusal(R"({"OnUnhealty":"stop"})"), "Gantry.OnUnhealty: unknown member; allowed are Probe, OnUnhealthy, Egress");
  EXPECT_EQ(refusal(R"({"Probe":{"URL":"tcp://:80","Port":1}})"), "Gantry.Probe.Port: unknown member; allowed are URL");
  EXPECT_EQ(refusal("[]"), "Gantry: expected an object, got a list");
}

TEST_F(ContainerApi, create_of_a_missing_image_is_the_cue_to_pull) {
  const auto reply = client.post_json("/containers/create", R"({"Image":"nosuch"})");
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.body, "{\"message\":\"No such image: nosuch:latest\"}\n");
}

TEST_F(ContainerApi, a_name_in_use_is_a_conflict) {
  create_over_api("web");
  EXPECT_EQ(client.post_json("/containers/create?name=web", R"({"Image":"app"})").status, 409);
}

TEST_F(ContainerApi, start_and_stop_tell_whether_they_changed_something) {
  const auto id = create_over_api("web");
  EXPECT_EQ(client.post("/containers/web/start").status, 204);
  EXPECT_EQ(client.post("/containers/" + id.substr(0, 12) + "/start").status, 304);
  EXPECT_EQ(client.post("/containers/web/stop?t=1").status, 204);
  EXPECT_EQ(client.post("/containers/web/stop").status, 304);
  EXPECT_EQ(client.post("/containers/web/stop?t=x").status, 400);
}

TEST_F(ContainerApi, start_refuses_a_body) {
  create_over_api("web");
  EXPECT_EQ(client.post_json("/containers/web/start", R"({"Binds":[]})").status, 400);
  EXPECT_EQ(client.post_json("/containers/web/start", "{}").status, 204);
}

TEST_F(ContainerApi, inspect_shows_name_state_and_what_the_user_sent) {
  const auto id = start_over_api("web");
  const auto container = get_json("/containers/web/json");
  EXPECT_EQ(container["Id"], id);
  EXPECT_EQ(container["Name"], "/web");
  EXPECT_EQ(container["State"]["Status"], "running");
  EXPECT_EQ(container["State"]["Running"], true);
  EXPECT_EQ(container["State"]["FinishedAt"], "0001-01-01T00:00:00Z");
  EXPECT_EQ(container["Config"]["Image"], "app");
  EXPECT_EQ(container["HostConfig"]["NetworkMode"], "none");
  EXPECT_TRUE(container["NetworkSettings"]["Networks"].contains("none"));
  EXPECT_FALSE(container.contains("SizeRw"));
  EXPECT_TRUE(get_json("/containers/web/json?size=1").contains("SizeRw"));
}

TEST_F(ContainerApi, create_follows_the_requested_version) {
  ASSERT_EQ(client.post_json("/v1.40/containers/create?name=old", R"({"Image":"app"})").status, 201);
  EXPECT_EQ(get_json("/v1.40/containers/old/json")["HostConfig"]["CgroupnsMode"], "host") << "there was no other before 1.41";
  ASSERT_EQ(
      client.post_json("/v1.40/containers/create?name=own", R"({"Image":"app","HostConfig":{"CgroupnsMode":"private"}})").status,
      201);
  EXPECT_EQ(get_json("/containers/own/json")["HostConfig"]["CgroupnsMode"], "private");
}

TEST_F(ContainerApi, the_list_shows_running_ones_unless_all_are_asked_for) {
  create_over_api("first");
  start_over_api("second");
  const auto running = get_json("/containers/json");
  ASSERT_EQ(running.size(), 1U);
  EXPECT_EQ(running[0]["Names"][0], "/second");
  EXPECT_EQ(running[0]["State"], "running");
  EXPECT_EQ(running[0]["Image"], "app");
  EXPECT_EQ(running[0]["Command"], "serve");
  const auto all = get_json("/containers/json?all=1");
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0]["Names"][0], "/second") << "newest first";
  EXPECT_EQ(get_json("/containers/json?limit=1").size(), 1U);
}

struct FilterRow {
  const char* filters;
  std::size_t matches;
};

TEST_F(ContainerApi, the_list_is_filtered) {
  const std::string create =
      R"({"Image":"app","Labels":{"tier":"web"},"ExposedPorts":{"80/tcp":{}},"HostConfig":{"NetworkMode":"none"}})";
  ASSERT_EQ(client.post_json("/containers/create?name=labelled", create).status, 201);
  start_over_api("running");
  const FilterRow rows[] = {{"{\"label\":[\"tier\"]}", 1},
                            {"{\"label\":{\"tier=web\":true}}", 1},
                            {"{\"label\":[\"tier=db\"]}", 0},
                            {"{\"name\":[\"^/run\"]}", 1},
                            {"{\"name\":[\"lab\",\"run\"]}", 2},
                            {"{\"status\":[\"created\"]}", 1},
                            {"{\"status\":[\"created\",\"running\"]}", 2},
                            {"{\"expose\":[\"80\"]}", 1},
                            {"{\"expose\":[\"70-79/tcp\"]}", 0},
                            {"{\"network\":[\"none\"]}", 2},
                            {"{\"network\":[\"host\"]}", 0},
                            {"{\"ancestor\":[\"app\"]}", 2},
                            {"{\"ancestor\":[\"other\"]}", 0},
                            {"{\"before\":[\"running\"]}", 1},
                            {"{\"since\":[\"labelled\"]}", 1},
                            {"{\"health\":[\"none\"]}", 2},
                            {"{\"health\":[\"healthy\"]}", 0},
                            {"{\"is-task\":[\"true\"]}", 0}};
  for (const auto& row : rows) {
    std::string escaped;
    for (const char* c = row.filters; *c != 0; ++c) escaped += *c == '"' ? "%22" : *c == ' ' ? "%20" : std::string(1, *c);
    EXPECT_EQ(get_json("/containers/json?all=1&filters=" + escaped).size(), row.matches) << row.filters;
  }
}

TEST_F(ContainerApi, bad_list_parameters_are_named) {
  EXPECT_EQ(client.get("/containers/json?limit=x").status, 400);
  for (const auto* filters : {"x", "{%22foo%22:[%22x%22]}", "{%22status%22:[%22x%22]}", "{%22exited%22:[%22x%22]}",
                              "{%22health%22:[%22x%22]}", "{%22is-task%22:[%22x%22]}"})
    EXPECT_EQ(client.get(std::string("/containers/json?filters=") + filters).status, 400) << filters;
  EXPECT_EQ(client.get("/containers/json?filters={%22before%22:[%22nosuch%22]}").status, 404);
}

TEST_F(ContainerApi, kill_names_an_unknown_signal) {
  start_over_api("web");
  EXPECT_EQ(client.post("/containers/web/kill?signal=FOO").status, 400);
  EXPECT_EQ(client.post("/containers/web/kill?signal=HUP").status, 204);
  EXPECT_EQ(client.post("/containers/web/kill").status, 204);
  EXPECT_EQ(client.post("/containers/web/kill").status, 409);
}

TEST_F(ContainerApi, resize_needs_both_sides) {
  start_over_api("web");
  EXPECT_EQ(client.post("/containers/web/resize?h=10&w=20").status, 200);
  for (const auto* query : {"", "?h=1", "?h=a&w=1", "?h=-1&w=1", "?h=70000&w=1"})
    EXPECT_EQ(client.post(std::string("/containers/web/resize") + query).status, 400) << query;
}

TEST_F(ContainerApi, a_running_container_is_removed_by_force_only) {
  start_over_api("web");
  EXPECT_EQ(client.del("/containers/web").status, 409);
  EXPECT_EQ(client.del("/containers/web?force=1").status, 204);
  EXPECT_EQ(client.del("/containers/web").status, 404);
}

TEST_F(ContainerApi, rename_and_pause) {
  start_over_api("web");
  EXPECT_EQ(client.post("/containers/web/rename?name=shop").status, 204);
  EXPECT_EQ(client.post("/containers/shop/pause").status, 204);
  const auto state = get_json("/containers/shop/json")["State"];
  EXPECT_EQ(state["Running"], true);
  EXPECT_EQ(state["Paused"], true);
  EXPECT_EQ(client.post("/containers/shop/pause").status, 409);
  EXPECT_EQ(client.post("/containers/shop/unpause").status, 204);
}

TEST_F(ContainerApi, exec_is_created_and_inspected) {
  const auto id = start_over_api("web");
  const auto created = client.post_json("/containers/web/exec", R"({"Cmd":["true","x"],"AttachStdout":true})");
  ASSERT_EQ(created.status, 201) << created.body;
  const auto exec = get_json("/exec/" + Json::parse(created.body)["Id"].get<std::string>() + "/json");
  EXPECT_EQ(exec["ContainerID"], id);
  EXPECT_EQ(exec["ProcessConfig"]["entrypoint"], "true");
  EXPECT_EQ(exec["ProcessConfig"]["arguments"], Json::array({"x"}));
  EXPECT_TRUE(exec["ExitCode"].is_null());
  EXPECT_EQ(exec["Running"], false);
}

TEST_F(ContainerApi, exec_refuses_what_cannot_be) {
  EXPECT_EQ(client.get("/exec/nope/json").body, "{\"message\":\"No such exec instance: nope\"}\n");
  create_over_api("idle");
  EXPECT_EQ(client.post_json("/containers/idle/exec", R"({"Cmd":["x"]})").status, 409);
  start_over_api("web");
  EXPECT_EQ(client.post_json("/containers/web/exec", "{}").body, "{\"message\":\"No exec command specified\"}\n");
  EXPECT_EQ(client.post_json("/containers/web/exec", R"({"Cmd":["x"],"DetachKeys":"ctrl-zz"})").status, 400);
}

TEST_F(ContainerApi, a_refused_new_name_says_where) {
  create_over_api("web");
  create_over_api("db");
  const auto bad = client.post("/containers/web/rename?name=-x");
  EXPECT_EQ(bad.status, 400);
  EXPECT_NE(bad.body.find("Error when allocating new name: Invalid container name (/-x)"), std::string::npos) << bad.body;
  const auto taken = client.post("/containers/web/rename?name=db");
  EXPECT_EQ(taken.status, 409);
  EXPECT_NE(taken.body.find("Error when allocating new name: Conflict."), std::string::npos) << taken.body;
}

TEST_F(ContainerApi, prune_removes_what_is_stopped_and_matches) {
  start_over_api("running");
  const auto stopped = create_over_api("stopped");
  EXPECT_EQ(client.post("/containers/prune?filters={\"foo\":[\"x\"]}").status, 400);
  const auto none = Json::parse(client.post("/containers/prune?filters={\"label\":[\"nosuch\"]}").body);
  EXPECT_TRUE(none["ContainersDeleted"].is_null());
  const auto pruned = Json::parse(client.post("/containers/prune").body);
  EXPECT_EQ(pruned["ContainersDeleted"], Json::array({stopped}));
  EXPECT_TRUE(pruned["SpaceReclaimed"].is_number());
  EXPECT_EQ(get_json("/containers/json?all=1").size(), 1U);
}

TEST_F(ContainerApi, changes_are_null_and_export_is_a_stream_when_nothing_differs) {
  create_over_api("web");
  EXPECT_EQ(client.get("/containers/web/changes").body, "null\n");
  EXPECT_EQ(client.get("/containers/web/export").status, 200);
  EXPECT_EQ(client.get("/containers/nosuch/export").status, 404);
}

TEST_F(ContainerApi, create_that_names_a_missing_container_is_a_bad_request) {
  const auto reply = client.post_json("/containers/create", R"({"Image":"app","HostConfig":{"PidMode":"container:nosuch"}})");
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.body, "{\"message\":\"No such container: nosuch\"}\n");
}

TEST_F(ContainerApi, inspect_shows_the_defaults_that_apply) {
  const auto created = client.post_json("/containers/create?name=web",
                                        R"({"Image":"app","HostConfig":{"NetworkMode":"none","Memory":104857600}})");
  ASSERT_EQ(created.status, 201) << created.body;
  const auto host = get_json("/containers/web/json")["HostConfig"];
  EXPECT_EQ(host["MemorySwap"], 209715200);
  EXPECT_TRUE(host["MaskedPaths"].is_array());
  EXPECT_TRUE(host["ReadonlyPaths"].is_array());
}

} // namespace
} // namespace gantry::test
