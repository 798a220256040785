#include "containers/image_defaults.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gantry::containers {
namespace {

using ::testing::ElementsAre;

Json image(const char* config) { return {{"config", Json::parse(config)}}; }

TEST(ImageDefaults, command_and_entrypoint_come_from_the_image) {
  Config config;
  apply_image_defaults(config, image(R"({"Cmd":["-l"],"Entrypoint":["ls"]})"));
  EXPECT_EQ(*config.entrypoint, StringList{"ls"});
  EXPECT_EQ(*config.cmd, StringList{"-l"});
}

TEST(ImageDefaults, a_given_command_keeps_the_images_entrypoint) {
  Config config;
  config.cmd = StringList{"-a"};
  apply_image_defaults(config, image(R"({"Cmd":["-l"],"Entrypoint":["ls"]})"));
  EXPECT_EQ(*config.entrypoint, StringList{"ls"});
  EXPECT_EQ(*config.cmd, StringList{"-a"});
}

TEST(ImageDefaults, a_given_entrypoint_drops_the_images_command) {
  Config config;
  config.entrypoint = StringList{"cat"};
  apply_image_defaults(config, image(R"({"Cmd":["-l"],"Entrypoint":["ls"]})"));
  EXPECT_EQ(*config.entrypoint, StringList{"cat"});
  EXPECT_FALSE(config.cmd);
}

TEST(ImageDefaults, an_entrypoint_of_one_empty_word_resets_the_images) {
  Config config;
  config.entrypoint = StringList{""};
  config.cmd = StringList{"sh"};
  apply_image_defaults(config, image(R"({"Cmd":["-l"],"Entrypoint":["ls"]})"));
  EXPECT_FALSE(config.entrypoint);
  EXPECT_EQ(*config.cmd, StringList{"sh"});
}

TEST(ImageDefaults, environment_of_the_user_wins_by_key) {
  Config config;
  config.env = {"A=mine", "GONE"};
  apply_image_defaults(config, image(R"({"Env":["A=image","B=image","GONE=image"]})"));
  EXPECT_THAT(config.env, ElementsAre("A=mine", "GONE", "B=image"));
}

TEST(ImageDefaults, labels_ports_and_volumes_are_united) {
  Config config;
  config.labels = {{"a", "mine"}};
  config.exposed_ports = {"80/tcp"};
  apply_image_defaults(
      config, image(R"({"Labels":{"a":"image","b":"image"},"ExposedPorts":{"80/tcp":{},"53/udp":{}},"Volumes":{"/v":{}}})"));
  EXPECT_EQ(config.labels, (Labels{{"a", "mine"}, {"b", "image"}}));
  EXPECT_THAT(config.exposed_ports, ElementsAre("53/udp", "80/tcp"));
  EXPECT_THAT(config.volumes, ElementsAre("/v"));
}

TEST(ImageDefaults, a_healthcheck_is_completed_member_by_member) {
  Config config;
  config.healthcheck.emplace();
  config.healthcheck->retries = 7;
  apply_image_defaults(config, image(R"({"Healthcheck":{"Test":["CMD","true"],"Retries":2,"Interval":1000000000}})"));
  EXPECT_THAT(config.healthcheck->test, ElementsAre("CMD", "true"));
  EXPECT_EQ(config.healthcheck->retries, 7);
  EXPECT_EQ(config.healthcheck->interval_ns, 1000000000);
}

TEST(ImageDefaults, an_image_without_a_config_changes_nothing) {
  Config config;
  apply_image_defaults(config, Json::object());
  apply_image_defaults(config, Json{{"config", nullptr}});
  EXPECT_FALSE(config.cmd);
}

} // namespace
} // namespace gantry::containers
