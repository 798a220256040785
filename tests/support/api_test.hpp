#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "support/daemon.hpp"
#include "support/http_client.hpp"
#include "support/need.hpp"

namespace gantry::test {

/// A real daemon and a client of its API.
class ApiTest : public testing::Test {
 protected:
  void SetUp() override {
    if (auto why = need_root(); !why.empty()) GTEST_SKIP() << why;
    daemon_ = std::make_unique<Daemon>();
    daemon_->start();
    client_ = std::make_unique<HttpClient>(daemon_->socket());
  }

  Daemon& daemon() { return *daemon_; }
  HttpClient& client() { return *client_; }
  HttpClient connect() { return HttpClient(daemon_->socket()); }

  /// A container of gantry/hello; `more` are further members of the create request.
  void create(const std::string& name, const std::string& command_json, const std::string& more = "") {
    const auto reply =
        client().post_json("/containers/create?name=" + name, R"({"Image":"gantry/hello","Cmd":)" + command_json + more +
                                                                  R"(,"HostConfig":{"NetworkMode":"none"}})");
    ASSERT_EQ(reply.status, 201) << reply.body;
  }
  void start(const std::string& name) {
    const auto reply = client().post("/containers/" + name + "/start");
    ASSERT_EQ(reply.status, 204) << reply.body;
  }
  /// Asks for an upgrade and reads its head.
  HttpReply upgrade(HttpClient& stream, const std::string& target, const std::string& body = "") {
    HttpClient::Headers headers{{"Connection", "Upgrade"}, {"Upgrade", "tcp"}};
    if (!body.empty()) headers.emplace_back("Content-Type", "application/json");
    stream.send_request("POST", target, headers, body);
    return stream.read_head();
  }

 private:
  std::unique_ptr<Daemon> daemon_;
  std::unique_ptr<HttpClient> client_;
};

} // namespace gantry::test
