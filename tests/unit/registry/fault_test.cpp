#include <thread>

#include "base/id.hpp"
#include "images/media_types.hpp"
#include "registry/manifest.hpp"
#include "registry_fixture.hpp"

namespace gantry::test {
namespace {

using images::sha256_of;
using ::testing::HasSubstr;

/// One image with a layer of half a MiB, behind a proxy that breaks things.
class RegistryFault : public RegistryTest {
 protected:
  RegistryFault() {
    server.put_archive(docker_archive({tar}, {"x:1"}), "x:1");
    manifest = Json::parse(server.get("x/manifests/1", std::string(images::media::docker_manifest)));
    layer = manifest["layers"][0]["digest"];
    size = manifest["layers"][0]["size"];
    name = proxy.host() + "/x";
  }

  /// Answers requests for the layer with `answer`.
  void for_layer(std::function<void(const ServedRequest&, const Peer&, ForwardedReply)> answer) {
    proxy.set([this, answer](const ServedRequest& request, const Peer& peer, FaultProxy& self) {
      if (!request.is("GET", layer)) return false;
      answer(request, peer, self.forward(request));
      return true;
    });
  }
  /// Answers requests for the manifest with `body`.
  void for_manifest(const std::string& body, const std::string& type = std::string(images::media::docker_manifest)) {
    proxy.set([=](const ServedRequest& request, const Peer& peer, FaultProxy&) {
      if (request.target.find("/manifests/") == std::string::npos) return false;
      peer.reply(request.method == "HEAD" ? 405 : 200, {"Content-Type: " + type}, request.method == "HEAD" ? "" : body);
      return true;
    });
  }
  void expect_recovers() {
    expect_nothing_visible();
    proxy.set(nullptr);
    EXPECT_EQ(pull(name).error, "");
    EXPECT_EQ(storage.active(), 0u);
    EXPECT_EQ(files_in(paths.partials()), 0u);
  }

  const std::string tar = big_layer(500000);
  RegistryProcess server;
  FaultProxy proxy{server.port()};
  Json manifest;
  std::string layer, name;
  std::size_t size = 0;
};

TEST_F(RegistryFault, a_blob_with_a_wrong_digest_is_refused) {
  for_layer([](const ServedRequest&, const Peer& peer, ForwardedReply reply) {
    reply.body[1000] = static_cast<char>(reply.body[1000] ^ 1);
    peer.send(reply.head + reply.body);
  });
  EXPECT_EQ(pull(name).error, "filesystem layer verification failed for digest " + layer);
  expect_recovers();
}

TEST_F(RegistryFault, a_connection_that_dies_again_and_again_gets_the_blob_in_the_end) {
  std::atomic<std::size_t> length = 1;
  for_layer([&](const ServedRequest&, const Peer& peer, ForwardedReply reply) {
    peer.send(reply.head + reply.body.substr(0, length)); // 1, 8, 64, … bytes, then the connection ends
    length = length * 8;
  });
  EXPECT_EQ(pull(name).error, "");
  std::uint64_t last = 0;
  for (const auto& request : proxy.server().requests()) {
    if (!request.is("GET", layer) || request.header("range").empty()) continue;
    const auto from = std::stoull(request.header("range").substr(6));
    EXPECT_GT(from, last);
    last = from;
  }
  EXPECT_GT(last, 0u);
}

TEST_F(RegistryFault, one_that_dies_in_every_head_is_given_up) {
  settings.max_attempts = 2;
  for (const std::size_t length : {0UL, 1UL, 9UL, 15UL, 40UL}) {
    for_layer(
        [&](const ServedRequest&, const Peer& peer, const ForwardedReply& reply) { peer.send(reply.head.substr(0, length)); });
    EXPECT_NE(pull(name).error, "") << length;
    EXPECT_EQ(proxy.server().count("GET", layer), 2) << length;
    proxy.server().clear_requests();
  }
  expect_recovers();
}

TEST_F(RegistryFault, a_registry_without_ranges_sends_everything_again) {
  std::atomic<int> times = 0;
  for_layer([&](const ServedRequest& request, const Peer& peer, ForwardedReply) {
    auto whole = request;
    whole.headers.erase("range");
    const auto reply = proxy.forward(whole);
    peer.send(reply.head + reply.body.substr(0, times++ == 0 ? 100000 : reply.body.size()));
  });
  EXPECT_EQ(pull(name).error, "");
  EXPECT_EQ(times, 2);
}

TEST_F(RegistryFault, a_blob_that_is_too_long_is_refused) {
  for_layer(
      [](const ServedRequest&, const Peer& peer, const ForwardedReply& reply) { peer.reply(200, {}, reply.body + "more"); });
  EXPECT_THAT(pull(name).error, HasSubstr("is longer than the " + std::to_string(size) + " bytes that its manifest says"));
  expect_recovers();
}

TEST_F(RegistryFault, a_blob_that_stays_too_short_is_refused) {
  settings.max_attempts = 2;
  for_layer([](const ServedRequest& request, const Peer& peer, const ForwardedReply& reply) {
    peer.reply(200, {}, request.header("range").empty() ? reply.body.substr(0, 1000) : "");
  });
  EXPECT_THAT(pull(name).error, HasSubstr("unexpected EOF after 1000 of"));
  expect_recovers();
}

TEST_F(RegistryFault, a_registry_that_says_nothing_is_given_up) {
  settings.max_attempts = 1;
  settings.stall_s = 1;
  for_layer([](const ServedRequest&, const Peer& peer, const ForwardedReply& reply) {
    peer.send(reply.head + reply.body.substr(0, 1000));
    peer.hang();
  });
  EXPECT_THAT(pull(name).error, HasSubstr("no data for 1 seconds"));
  expect_recovers();
}

TEST_F(RegistryFault, a_busy_registry_is_asked_again) {
  std::atomic<int> times = 0;
  proxy.set([&](const ServedRequest& request, const Peer& peer, FaultProxy&) {
    if (request.target == "/v2/" || times++ % 2 == 1) return false;
    peer.reply(times % 4 == 1 ? 429 : 503, {}, "");
    return true;
  });
  EXPECT_EQ(pull(name).error, "");
}

TEST_F(RegistryFault, garbage_instead_of_a_manifest_is_named) {
  struct Row {
    std::string body, says;
  };
  const std::string type(images::media::docker_manifest);
  for (const auto& row :
       std::initializer_list<Row>{{"<html>no</html>", "invalid manifest is not valid JSON"},
                                  {"", "invalid manifest is not valid JSON"},
                                  {"[]", "invalid manifest: an object is needed"},
                                  {R"({"schemaVersion":1})", "schema 1 is not supported"},
                                  {R"({"layers":[]})", "invalid manifest: there is no config"},
                                  {std::string(100, '[') + std::string(100, ']'), "nested too deeply"},
                                  {R"({"config":{"digest":"sha256:x","size":1},"layers":[]})", "is not a sha256 digest"}}) {
    for_manifest(row.body);
    EXPECT_THAT(pull(name).error, HasSubstr(row.says)) << row.body;
  }
  expect_recovers();
}

TEST_F(RegistryFault, a_manifest_of_any_size_is_not_read) {
  for_manifest(std::string(registry::manifest_max + 1, ' '));
  EXPECT_THAT(pull(name).error, HasSubstr("is larger than 4194304 bytes"));
  Json huge = manifest;
  huge["config"]["size"] = 1LL << 40;
  for_manifest(huge.dump());
  EXPECT_THAT(pull(name).error, HasSubstr("bytes, at most 8388608 are allowed"));
  expect_recovers();
}

TEST_F(RegistryFault, a_manifest_that_does_not_fit_its_digest_or_config_is_refused) {
  proxy.set([&](const ServedRequest& request, const Peer& peer, FaultProxy&) {
    if (request.target.find("/manifests/") == std::string::npos) return false;
    peer.reply(200, {"Docker-Content-Digest: sha256:" + std::string(64, '0')}, request.method == "HEAD" ? "" : manifest.dump());
    return true;
  });
  EXPECT_EQ(pull(name).error, "manifest verification failed for digest sha256:" + std::string(64, '0'));
  Json short_one = manifest;
  short_one["layers"] = Json::array();
  for_manifest(short_one.dump());
  EXPECT_EQ(pull(name).error, "invalid manifest, layers length mismatch: expected 1, got 0");
  Json many = manifest;
  for (int i = 0; i < 9999; ++i) many["layers"].push_back(manifest["layers"][0]);
  for_manifest(many.dump());
  EXPECT_EQ(pull(name).error, "invalid manifest, layers length mismatch: expected 1, got 10000");
  expect_recovers();
}

TEST_F(RegistryFault, a_layer_that_is_not_what_the_config_promises_is_refused) {
  const auto other = compress(layer_tar("something else"), Compression::gzip);
  Json wrong = manifest;
  wrong["layers"][0]["digest"] = sha256_of(other);
  wrong["layers"][0]["size"] = other.size();
  proxy.set([&](const ServedRequest& request, const Peer& peer, FaultProxy&) {
    if (request.is("GET", sha256_of(other))) return peer.reply(200, {}, other), true;
    if (request.target.find("/manifests/") == std::string::npos) return false;
    peer.reply(request.method == "HEAD" ? 405 : 200, {"Content-Type: " + std::string(images::media::docker_manifest)},
               request.method == "HEAD" ? "" : wrong.dump());
    return true;
  });
  EXPECT_THAT(pull(name).error, HasSubstr("invalid diffID of a layer: expected \"" + sha256_of(tar) + "\""));
  expect_nothing_visible();
}

TEST_F(RegistryFault, endless_redirects_end) {
  proxy.set([&](const ServedRequest& request, const Peer& peer, FaultProxy&) {
    if (!request.is("GET", "/blobs/")) return false;
    peer.reply(307, {"Location: " + request.target + "0"}, "");
    return true;
  });
  EXPECT_THAT(pull(name).error, HasSubstr("stopped after 10 redirects"));
  proxy.set([&](const ServedRequest& request, const Peer& peer, FaultProxy&) {
    if (!request.is("GET", "/blobs/")) return false;
    peer.reply(307, {"Location: file:///etc/passwd"}, "");
    return true;
  });
  EXPECT_THAT(pull(name).error, HasSubstr("an http or https URL is needed"));
  expect_recovers();
}

TEST_F(RegistryFault, a_full_disk_is_told_and_the_next_pull_goes_on) {
  storage.fail_commit(1);
  EXPECT_THAT(pull(name).error, HasSubstr("no space left on device"));
  expect_nothing_visible();
  EXPECT_EQ(files_in(paths.partials()), 1u);
  proxy.server().clear_requests();
  EXPECT_EQ(pull(name).error, "");
  EXPECT_EQ(proxy.server().count("GET", layer), 0); // it was there
}

TEST_F(RegistryFault, pulls_removals_and_prunes_at_once_leave_a_whole_store) {
  server.put_archive(docker_archive({tar, layer_tar("more")}, {"y:1"}), "y:1");
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (const std::string repository : {"/x", "/y", "/x"})
    threads.emplace_back([&, repository] {
      for (int i = 0; i < 8; ++i) wrong += pull(proxy.host() + repository).error.empty() ? 0 : 1;
    });
  std::thread remover([&] {
    while (!stop) {
      for (const auto& image : images->list()) {
        try {
          images->remove(image->id, true, true);
        } catch (const Error&) { // somebody else was faster
        }
      }
      std::this_thread::yield();
    }
  });
  for (auto& thread : threads) thread.join();
  stop = true;
  remover.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(storage.active(), 0u);
  for (const auto& image : images->list()) images->remove(image->id, true, true);
  expect_nothing_visible();
}

} // namespace
} // namespace gantry::test
