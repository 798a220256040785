#include "api/images/import_url.hpp"

#include "images/digest.hpp"
#include "support/http_server.hpp"
#include "unit/images/service_fixture.hpp"

namespace gantry::test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class ImportUrl : public ImagesTest {
 protected:
  std::vector<Json> import(const std::string& url) {
    std::vector<Json> told;
    images::ImportOptions options;
    options.repo = "imported";
    api::import_from_url(
        *service, paths, transport, url, options, [&](const Json& message) { told.push_back(message); }, cancel);
    return told;
  }
  std::string failure(const std::string& url) {
    const std::string text = error_of([&] { import(url); }).what();
    expect_nothing_left();
    return text;
  }
  registry::Cancel cancel;
  registry::Transport transport;
};

TEST_F(ImportUrl, brings_an_image_and_tells_as_docker_does) {
  const auto tar = layer_tar("one");
  HttpServer server([&](const ServedRequest&, const Peer& peer) { peer.reply(200, {}, tar); });
  const auto url = server.host() + "/root.tar";
  const auto told = import(url);
  ASSERT_GE(told.size(), 3u);
  EXPECT_EQ(told[0], Json({{"status", "Downloading from http://" + url}}));
  EXPECT_EQ(told[1]["status"], "Importing");
  EXPECT_EQ(told[1]["progressDetail"]["total"], tar.size());
  const auto image = service->resolve("imported");
  EXPECT_EQ(told.back()["status"], image->id);
  EXPECT_EQ(image->diff_ids.at(0), images::sha256_of(tar));
  EXPECT_EQ(image->config["comment"], "Imported from " + url);
  EXPECT_EQ(ingests(), 0u);
}

TEST_F(ImportUrl, follows_redirects_but_not_for_ever_and_not_into_files) {
  HttpServer server([&](const ServedRequest& request, const Peer& peer) {
    if (request.target == "/loop") return peer.reply(302, {"Location: /loop"}, "");
    if (request.target == "/file") return peer.reply(302, {"Location: file:///etc/passwd"}, "");
    if (request.target == "/once") return peer.reply(302, {"Location: /tar"}, "");
    peer.reply(200, {}, layer_tar("one"));
  });
  const auto at = "http://" + server.host();
  EXPECT_THAT(failure(at + "/loop"), HasSubstr("too many redirects"));
  EXPECT_NE(failure(at + "/file"), "");
  EXPECT_EQ(failure("file:///etc/passwd"), "Get \"file:///etc/passwd\": unsupported protocol scheme \"file\"");
  import(at + "/once");
  EXPECT_TRUE(service->resolve("imported"));
}

TEST_F(ImportUrl, goes_through_the_proxy_unless_the_host_is_excepted) {
  std::vector<std::string> asked;
  HttpServer proxy([&](const ServedRequest& request, const Peer& peer) {
    asked.push_back(request.target);
    peer.reply(200, {"Content-Type: application/gzip"}, compress(layer_tar("one"), Compression::gzip));
  });
  transport.http_proxy = "http://" + proxy.host();
  import("http://files.example.com/root.tar.gz");
  EXPECT_EQ(asked, std::vector<std::string>{"http://files.example.com/root.tar.gz"});
  EXPECT_EQ(service->resolve("imported")->diff_ids.at(0), images::sha256_of(layer_tar("one")));
  service->remove("imported", false, true);
  transport.no_proxy = ".invalid";
  EXPECT_NE(failure("http://files.invalid/root.tar"), "");
  transport.http_proxy = "http://127.0.0.1:" + std::to_string(free_port());
  EXPECT_THAT(failure("http://files.example.com/root.tar"),
              HasSubstr("proxyconnect tcp: dial tcp " + transport.http_proxy.substr(7) + ": connect: connection refused"));
  EXPECT_EQ(asked.size(), 1u);
}

TEST_F(ImportUrl, of_a_hostile_server_leaves_nothing) {
  const auto tar = layer_tar(std::string(100000, 'x'));
  HttpServer server([&](const ServedRequest& request, const Peer& peer) {
    if (request.target == "/404") return peer.reply(404, {}, "nothing here");
    if (request.target == "/short")
      return peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(tar.size()) + "\r\n\r\n" + tar.substr(0, 50000));
    if (request.target == "/huge") return peer.send("HTTP/1.1 200 OK\r\nContent-Length: 9000000000000000\r\n\r\n" + tar);
    peer.send("garbage\r\n\r\n");
  });
  const auto at = "http://" + server.host();
  EXPECT_THAT(failure(at + "/404"), StartsWith("failed to GET " + at + "/404 with status 404"));
  EXPECT_NE(failure(at + "/short"), "");
  EXPECT_THAT(failure(at + "/huge"), HasSubstr("the download has 9000000000000000 bytes, and the disk has room for"));
  EXPECT_NE(failure(at + "/garbage"), "");
  EXPECT_NE(failure("http://127.0.0.1:" + std::to_string(free_port())), "");
  cancel.set();
  EXPECT_EQ(error_of([&] { import(at + "/404"); }).code(), Code::cancelled);
}

} // namespace
} // namespace gantry::test
