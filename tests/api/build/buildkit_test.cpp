#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/build/fixture.hpp"

namespace gantry::test {
namespace {

using testing::HasSubstr;

class BuildkitApi : public BuildTest {
 protected:
  HttpReply upgrade(const std::string& path, const std::string& protocol) {
    return client().request("POST", path, {{"Connection", "Upgrade"}, {"Upgrade", protocol}}, "");
  }
  static std::string message(const HttpReply& reply) { return Json::parse(reply.body).value("message", ""); }
};

TEST_F(BuildkitApi, connections_are_upgraded_to_http2_or_refused) {
  EXPECT_EQ(client().post("/grpc").status, 500); // dockerd's, as the next one
  EXPECT_EQ(message(client().post("/grpc")), "no upgrade proto in request");
  const HttpReply session = client().post("/session");
  EXPECT_EQ(session.status, 400);
  EXPECT_EQ(message(session), "no upgrade proto in request");
  EXPECT_EQ(message(upgrade("/grpc", "tcp")), "protocol tcp not supported");
  EXPECT_EQ(message(upgrade("/session", "websocket")), "protocol websocket not supported");
}

TEST_F(BuildkitApi, a_context_may_come_with_the_build) {
  const std::string told = build("FROM busybox\nCOPY a /a\nRUN test \"$(cat /a)\" = x\n", "&version=2&t=own");
  EXPECT_THAT(told, HasSubstr("moby.buildkit.trace"));
  EXPECT_THAT(told, HasSubstr("\"moby.image.id\",\"aux\":{\"ID\":\"sha256:"));
  EXPECT_EQ(client().get("/images/own/json").status, 200);
  EXPECT_THAT(build("FROM busybox\nRUN exit 7\n", "&version=2"), HasSubstr("did not complete successfully: exit code: 7"));
}

TEST_F(BuildkitApi, builds_that_are_not_there_are_cancelled) {
  EXPECT_EQ(client().post("/build/cancel?id=nobody").status, 200);
  const HttpReply nothing = client().post("/build/cancel");
  EXPECT_EQ(nothing.status, 400);
  EXPECT_EQ(message(nothing), "build ID not provided");
}

TEST_F(BuildkitApi, is_what_ping_says) { EXPECT_EQ(client().get("/_ping").header("Builder-Version"), "2"); }

} // namespace
} // namespace gantry::test
