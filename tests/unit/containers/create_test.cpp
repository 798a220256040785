#include <filesystem>

#include "service_fixture.hpp"

namespace gantry::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ContainerCreate : public ServiceTest {
 protected:
  Error refusal(CreateRequest request) {
    return error_of([&] { daemon->create(std::move(request)); });
  }
  void expect_nothing_left() {
    EXPECT_THAT(service().list(), IsEmpty());
    EXPECT_THAT(daemon->storage.active(), IsEmpty());
    EXPECT_TRUE(std::filesystem::is_empty(daemon->paths.containers()));
  }
};

TEST_F(ContainerCreate, makes_a_container_that_can_be_found_and_announces_it) {
  const std::string id = daemon->create("web");
  const ContainerPtr container = service().find("web");
  EXPECT_EQ(container->id, id);
  EXPECT_EQ(container->phase, Phase::created);
  EXPECT_EQ(container->path, "serve");
  EXPECT_EQ(container->config.labels.at("from"), "image");
  EXPECT_EQ(container->config.hostname, id.substr(0, 12));
  EXPECT_EQ(container->host_config.log_config.type, "json-file");
  EXPECT_THAT(daemon->actions(), ElementsAre("create"));
  EXPECT_EQ(daemon->attribute("create", "image"), "app");
  EXPECT_EQ(daemon->attribute("create", "name"), "web");
  EXPECT_EQ(daemon->attribute("create", "from"), "image");
  EXPECT_TRUE(daemon->storage.active().contains(id));
  for (const char* file : {"/hosts", "/hostname", "/resolv.conf"}) {
    EXPECT_TRUE(std::filesystem::exists(daemon->paths.container(id) + file)) << file;
  }
}

TEST_F(ContainerCreate, gives_a_name_when_none_is_asked_for) {
  const std::string id = daemon->create();
  EXPECT_THAT(service().find(id)->name, ::testing::MatchesRegex("[a-z]+_[a-z]+[0-9]*"));
}

TEST_F(ContainerCreate, lists_the_newest_first) {
  daemon->create("one");
  daemon->create("two");
  ASSERT_EQ(service().list().size(), 2U);
  EXPECT_EQ(service().list()[0]->name, "two");
}

TEST_F(ContainerCreate, refuses_a_name_in_use_and_names_its_owner) {
  const std::string id = daemon->create("web");
  const Error error = refusal(daemon->request("web"));
  EXPECT_EQ(error.code(), Code::already_exists);
  EXPECT_THAT(error.what(), HasSubstr("The container name \"/web\" is already in use by container \"" + id + "\""));
}

TEST_F(ContainerCreate, a_missing_image_is_not_found_and_leaves_nothing) {
  CreateRequest request = daemon->request("web");
  request.config.image = "nope";
  const Error error = refusal(std::move(request));
  EXPECT_EQ(error.code(), Code::not_found);
  EXPECT_STREQ(error.what(), "No such image: nope:latest");
  expect_nothing_left();
}

TEST_F(ContainerCreate, needs_a_command) {
  CreateRequest request = daemon->request();
  request.config.entrypoint = StringList{};
  request.config.cmd = StringList{};
  daemon->images->tag("app", "app", "other");
  request.config.entrypoint = StringList{""};
  const Error error = refusal(std::move(request));
  EXPECT_EQ(error.code(), Code::invalid);
  EXPECT_STREQ(error.what(), "no command specified");
}

TEST_F(ContainerCreate, without_a_default_network_there_is_none) {
  CreateRequest request = daemon->request("web");
  request.host_config.network_mode = "";
  daemon->create(std::move(request));
  const ContainerPtr web = service().find("web");
  EXPECT_EQ(web->host_config.network_mode, "none");
  EXPECT_EQ(web->host_config.restart_policy.name, "no");
  ASSERT_EQ(web->networks.size(), 1U);
  EXPECT_EQ(web->networks[0].network, "none");
}

TEST_F(ContainerCreate, an_unknown_network_is_not_found_at_start) {
  CreateRequest request = daemon->request("web");
  request.host_config.network_mode = "lan";
  daemon->create(std::move(request));
  const Error error = error_of([&] { daemon->run(service().start("web")); });
  EXPECT_EQ(error.code(), Code::not_found);
  EXPECT_STREQ(error.what(), "failed to set up container networking: network lan not found");
  EXPECT_EQ(daemon->phase("web"), Phase::created);
  EXPECT_EQ(service().find("web")->error, error.what());
}

TEST_F(ContainerCreate, a_refused_request_frees_the_name) {
  CreateRequest request = daemon->request("web");
  request.host_config.storage_opt["color"] = "red";
  EXPECT_STREQ(refusal(std::move(request)).what(), "Unknown option color");
  expect_nothing_left();
  daemon->create("web");
}

TEST_F(ContainerCreate, renames_and_frees_the_old_name) {
  const std::string id = daemon->create("web");
  daemon->run(service().rename("web", "/shop"));
  EXPECT_EQ(service().find("shop")->id, id);
  EXPECT_EQ(error_of([&] { (void)service().find("web"); }).code(), Code::not_found);
  EXPECT_EQ(daemon->attribute("rename", "oldName"), "/web");
  daemon->create("web");
  EXPECT_EQ(error_of([&] { daemon->run(service().rename("web", "shop")); }).code(), Code::already_exists);
  EXPECT_STREQ(error_of([&] { daemon->run(service().rename("web", "")); }).what(), "Neither old nor new names may be empty");
}

} // namespace
} // namespace gantry::test
