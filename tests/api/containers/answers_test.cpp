#include <nlohmann/json.hpp>

#include "support/api_test.hpp"

// What dockerd 28.5.2 answers, request by request, where documentation does not say it.
namespace gantry::test {
namespace {

using Json = nlohmann::json;

class Answers : public ApiTest {
 protected:
  Json get(const std::string& target) { return Json::parse(client().get(target).body); }
  /// "STATUS message"
  std::string refusal(const HttpReply& reply) {
    const Json body = Json::parse(reply.body, nullptr, false);
    return std::to_string(reply.status) + ' ' + (body.is_object() ? body.value("message", "") : "");
  }
  std::string create_with(const std::string& body, const std::string& version = "1.51") {
    const auto reply = client().post_json("/v" + version + "/containers/create?name=tried", body);
    if (reply.status == 201) client().del("/containers/tried?force=1");
    return refusal(reply);
  }
};

TEST_F(Answers, a_body_that_says_nothing_is_told_apart) {
  EXPECT_EQ(create_with("null"), "400 invalid JSON: got EOF while reading request body");
  EXPECT_EQ(create_with("{}"), "400 config cannot be empty in order to create a container");
  EXPECT_EQ(create_with(R"({"HostConfig":{}})"), "400 config cannot be empty in order to create a container");
  EXPECT_EQ(create_with(R"({"Image":""})"), "400 no command specified");
}

TEST_F(Answers, options_of_another_mount_are_refused_from_1_42_on) {
  const std::string body =
      R"({"Image":"gantry/hello","HostConfig":{"NetworkMode":"none","Mounts":[{"Type":"bind","Source":"/","Target":"/x","TmpfsOptions":{}}]}})";
  EXPECT_EQ(create_with(body), "400 TmpfsOptions must not be specified on mount type \"bind\"");
  EXPECT_EQ(create_with(body, "1.42"), "400 TmpfsOptions must not be specified on mount type \"bind\"");
  EXPECT_EQ(create_with(body, "1.41"), "201 ");
}

TEST_F(Answers, an_address_that_can_never_be_is_told_by_create) {
  const std::string body = R"({"Image":"gantry/hello","HostConfig":{"NetworkMode":"none"},
    "NetworkingConfig":{"EndpointsConfig":{"none":{"MacAddress":"q"}}}})";
  EXPECT_EQ(create_with(body), "400 invalid config for network none: invalid MAC address q");
}

TEST_F(Answers, lists_that_nobody_gave_are_null) {
  create("box", R"(["sleep","60"])");
  const Json host = get("/containers/box/json")["HostConfig"];
  for (const char* list : {"Dns", "DnsOptions", "DnsSearch", "Devices", "Ulimits", "BlkioWeightDevice", "PortBindings"})
    EXPECT_TRUE(host.at(list).is_null()) << list;
  EXPECT_EQ(host["RestartPolicy"]["Name"], "no");
  const auto reply =
      client().post_json("/containers/create?name=given",
                         R"({"Image":"gantry/hello","HostConfig":{"NetworkMode":"none","Dns":[],"PortBindings":{}}})");
  ASSERT_EQ(reply.status, 201) << reply.body;
  const Json given = get("/containers/given/json")["HostConfig"];
  EXPECT_EQ(given["Dns"], Json::array());
  EXPECT_EQ(given["PortBindings"], Json::object());
}

TEST_F(Answers, endpoints_are_whole_in_inspect_and_short_in_lists) {
  create("box", R"(["sleep","60"])");
  const Json old = get("/v1.24/containers/box/json");
  EXPECT_TRUE(old["NetworkSettings"]["Networks"]["none"].contains("DNSNames"));
  EXPECT_EQ(old["NetworkSettings"]["Networks"]["none"]["GwPriority"], 0);
  EXPECT_TRUE(old["HostConfig"].contains("CgroupnsMode"));
  const Json listed = get("/containers/json?all=1")[0]["NetworkSettings"]["Networks"]["none"];
  for (const char* member : {"Links", "Aliases", "DriverOpts", "DNSNames"}) EXPECT_TRUE(listed.at(member).is_null()) << member;
}

TEST_F(Answers, commit_adds_to_the_containers_variables_and_labels) {
  create("box", R"(["sleep","60"])", R"(,"Env":["A=1","B=2"],"Labels":{"a":"1","b":"2"})");
  const auto reply = client().post_json("/commit?container=box&repo=made", R"({"Env":["B=3","C=4"],"Labels":{"b":"3"}})");
  ASSERT_EQ(reply.status, 201) << reply.body;
  const Json config = get("/images/made/json")["Config"];
  EXPECT_EQ(config["Env"][0], "B=3");
  EXPECT_EQ(config["Env"][1], "C=4");
  EXPECT_EQ(config["Env"][2], "A=1");
  EXPECT_EQ(config["Labels"]["a"], "1");
  EXPECT_EQ(config["Labels"]["b"], "3");
  EXPECT_EQ(config["Cmd"], Json::array({"sleep", "60"}));
  EXPECT_TRUE(config.at("OnBuild").is_null()) << "28 leaves no zero value of an image's configuration out";
}

TEST_F(Answers, commit_with_an_entrypoint_drops_the_containers_command) {
  create("box", R"(["sleep","60"])");
  ASSERT_EQ(client().post_json("/commit?container=box&repo=made", R"({"Entrypoint":["x"]})").status, 201);
  const Json config = get("/images/made/json")["Config"];
  EXPECT_EQ(config["Entrypoint"], Json::array({"x"}));
  EXPECT_TRUE(config["Cmd"].is_null()) << config["Cmd"];
}

TEST_F(Answers, errors_have_the_words_of_28) {
  create("box", R"(["sleep","60"])");
  const auto box = get("/containers/box/json")["Id"].get<std::string>();
  const std::string not_running = "container " + box + " is not running";
  EXPECT_EQ(refusal(client().post("/containers/box/kill")), "409 cannot kill container: box: " + not_running);
  EXPECT_EQ(refusal(client().post("/containers/box/kill?signal=FOO")), "400 cannot kill container: box: invalid signal: FOO");
  EXPECT_EQ(refusal(client().post("/containers/box/pause")), "409 " + not_running);
  EXPECT_EQ(refusal(client().post("/containers/box/resize?h=x&w=1")), "400 invalid resize height \"x\": invalid syntax");
  EXPECT_EQ(refusal(client().post("/containers/box/resize?h=1&w=70000")),
            "400 invalid resize width \"70000\": value out of range");
  EXPECT_EQ(refusal(client().post_json("/networks/none/connect", "{}")), "400 invalid name or ID supplied: \"\"");
  EXPECT_EQ(refusal(client().request("PUT", "/volumes/v?version=1")),
            "503 volume update only valid for cluster volumes, but swarm is unavailable");
  EXPECT_EQ(refusal(client().get("/networks/none?verbose=q")),
            "400 invalid value for verbose: q: strconv.ParseBool: parsing \"q\": invalid syntax");
  EXPECT_EQ(refusal(client().get("/networks?filters={\"dangling\":[\"q\"]}")),
            "400 invalid value for filter 'dangling', must be \"true\" (or \"1\"), or \"false\" (or \"0\")");
  EXPECT_EQ(refusal(client().get("/containers/json?filters={\"status\":[\"q\"]}")),
            "400 invalid filter 'status=q': invalid value for state (q): must be one of created, running, paused, restarting, "
            "removing, exited, dead");
  EXPECT_EQ(refusal(client().post("/images/create?fromImage=127.0.0.1:1/x&tag=a:b")), "400 invalid tag format");
  EXPECT_EQ(refusal(client().get("/images/search?term=x&limit=101")), "400 limit 101 is outside the range of [1, 100]");
  start("box");
  EXPECT_EQ(refusal(client().del("/containers/box")),
            "409 cannot remove container \"box\": container is running: stop the container before removing or force remove");
}

TEST_F(Answers, what_needs_no_words_needs_none) {
  EXPECT_EQ(client().get("/events?since=1&until=2&filters={\"nonsense\":[\"x\"]}").status, 200);
  const auto volume = client().post("/volumes/create");
  EXPECT_EQ(volume.status, 201) << volume.body;
  const auto pruned = client().post("/volumes/prune?filters={\"all\":[\"true\"]}");
  EXPECT_EQ(Json::parse(pruned.body)["VolumesDeleted"].size(), 1U);
  EXPECT_EQ(Json::parse(client().post("/volumes/prune").body)["VolumesDeleted"], Json::array());
  EXPECT_EQ(get("/v1.24/images/json?filter=nosuch"), Json::array());
  EXPECT_NE(get("/v1.41/images/json?filter=nosuch"), Json::array());
}

TEST_F(Answers, info_and_version_say_no_more_than_28) {
  EXPECT_FALSE(get("/version").contains("Experimental"));
  const Json info = get("/info");
  EXPECT_EQ(info["FirewallBackend"]["Driver"], "nftables");
  EXPECT_EQ(info["RuncCommit"], Json({{"ID", ""}}));
  EXPECT_TRUE(info["RegistryConfig"]["Mirrors"].is_null());
  EXPECT_FALSE(info["RegistryConfig"].contains("AllowNondistributableArtifactsCIDRs"));
  const Json old = get("/v1.24/info");
  for (const auto& option : old["SecurityOptions"])
    EXPECT_EQ(option.get<std::string>().find("name="), std::string::npos) << option;
}

} // namespace
} // namespace gantry::test
