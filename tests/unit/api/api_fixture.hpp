#pragma once

#include <chrono>

#include "api/server.hpp"
#include "config/current.hpp"
#include "plugins/registry.hpp"
#include "support/http_client.hpp"
#include "system/system_service.hpp"
#include "unit/containers/service_fixture.hpp"

namespace gantry::test {

/// The API on a unix socket, over the container service with its fake drivers.
class ApiTest : public ServiceTest {
 protected:
  ApiTest() : current_(config::Config{}), registry_(plugins::PluginOptions{}), client(socket()) {
    system_ = std::make_unique<system::SystemService>("test", current_, *daemon->service, *daemon->images, system::DriverFacts{});
    registries_ = std::make_unique<registry::RegistryService>(daemon->paths, *daemon->database, *daemon->images, daemon->bus,
                                                              [] { return registry::Settings(); });
    api::Services services{*daemon->service, *daemon->images, *registries_,  *daemon->networks, *daemon->volumes, daemon->bus,
                           *system_,         registry_,       daemon->paths, daemon->storage,   daemon->pool};
    server_ = std::make_unique<api::Server>(daemon->io.get_executor(), services, api::ServerOptions{{"unix://" + socket()}, ""});
    server_->open();
    server_->start();
  }

  ~ApiTest() override {
    client.disconnect();
    daemon->run(server_->stop(std::chrono::milliseconds(100)));
    server_.reset(); // its listeners belong to the daemon's io_context
    registries_.reset();
    daemon.reset();
  }

  std::string socket() const { return root / "s"; }
  HttpClient connect() const { return HttpClient(socket()); }

  Json get_json(const std::string& target) { return Json::parse(client.get(target).body); }
  std::string create_over_api(const std::string& name) {
    const auto reply =
        client.post_json("/containers/create?name=" + name, R"({"Image":"app","HostConfig":{"NetworkMode":"none"}})");
    EXPECT_EQ(reply.status, 201) << reply.body;
    return reply.status == 201 ? Json::parse(reply.body)["Id"].get<std::string>() : "";
  }
  std::string start_over_api(const std::string& name) {
    const auto id = create_over_api(name);
    EXPECT_EQ(client.post("/containers/" + id + "/start").status, 204);
    return id;
  }

 private:
  config::Current current_;
  plugins::Registry registry_;
  std::unique_ptr<system::SystemService> system_;
  std::unique_ptr<registry::RegistryService> registries_;
  std::unique_ptr<api::Server> server_;

 protected:
  HttpClient client;
};

} // namespace gantry::test
