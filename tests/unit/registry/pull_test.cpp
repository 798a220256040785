#include <thread>

#include "base/file.hpp"
#include "base/id.hpp"
#include "images/image_config.hpp"
#include "images/media_types.hpp"
#include "registry_fixture.hpp"

namespace gantry::test {
namespace {

using images::sha256_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Pull : public RegistryTest {
 protected:
  std::string layer_id(const std::string& repository, std::size_t i, const std::string& tag = "1") {
    const auto manifest = Json::parse(server.get(repository + "/manifests/" + tag, accepted));
    return short_id(manifest["layers"][i]["digest"].get<std::string>());
  }
  const std::string accepted = std::string(images::media::docker_manifest) + ", " + std::string(images::media::oci_manifest);
  RegistryProcess server;
};

TEST_F(Pull, brings_an_image_and_tells_as_docker_does) {
  const auto base = layer_tar("one"), top = layer_tar("two");
  server.put_archive(docker_archive({base, top}, {"x:1"}), "x:1");
  const auto name = server.host() + "/x";
  const auto digest = sha256_of(server.get("x/manifests/1", accepted));
  const auto told = pull(name);
  EXPECT_EQ(told.error, "");
  ASSERT_GT(told.lines.size(), 4u);
  EXPECT_EQ(told.lines[0], "1: Pulling from x");
  EXPECT_EQ(told.lines[1], layer_id("x", 0) + ": Pulling fs layer");
  EXPECT_EQ(told.lines[2], layer_id("x", 1) + ": Pulling fs layer");
  for (const char* step : {"Verifying Checksum", "Download complete", "Pull complete"})
    EXPECT_TRUE(told.says(layer_id("x", 1) + ": " + step)) << step;
  EXPECT_EQ(told.lines[told.lines.size() - 2], "Digest: " + digest);
  EXPECT_EQ(told.lines.back(), "Status: Downloaded newer image for " + name + ":1");

  const auto image = images->resolve(name + ":1");
  EXPECT_EQ(image->id, sha256_of(config_for({base, top})));
  EXPECT_THAT(image->repo_tags, ElementsAre(name + ":1"));
  EXPECT_THAT(image->repo_digests, ElementsAre(name + "@" + digest));
  EXPECT_EQ(image->size, base.size() + top.size());
  EXPECT_EQ(files_in(paths.partials()), 0u);
  EXPECT_EQ(files_in(paths.ingest()), 0u);
  EXPECT_EQ(files_in(paths.blobs()), 2u);
}

TEST_F(Pull, a_second_one_finds_everything_there) {
  server.put_archive(docker_archive({layer_tar("one")}, {"x:1"}), "x:1");
  const auto name = server.host() + "/x";
  pull(name);
  const auto told = pull(name);
  EXPECT_EQ(told.lines.front(), "1: Pulling from x");
  EXPECT_EQ(told.lines.back(), "Status: Image is up to date for " + name + ":1");
  EXPECT_EQ(told.lines.size(), 3u);
}

TEST_F(Pull, of_an_image_that_is_here_only_names_it) {
  server.put_archive(docker_archive({layer_tar("one")}, {"x:1"}), "x:1");
  server.put_archive(docker_archive({layer_tar("one")}, {"x:2"}), "x:2");
  const auto name = server.host() + "/x";
  pull(name);
  const auto told = pull(name, "2");
  EXPECT_EQ(told.lines.size(), 3u) << "nothing of its layers";
  EXPECT_EQ(told.lines.back(), "Status: Downloaded newer image for " + name + ":2");
  EXPECT_EQ(images->resolve(name + ":2")->id, images->resolve(name + ":1")->id);
}

TEST_F(Pull, by_digest_names_the_image_by_it) {
  server.put_archive(docker_archive({layer_tar("one")}, {"x:1"}), "x:1");
  const auto digest = sha256_of(server.get("x/manifests/1", accepted));
  const auto name = server.host() + "/x";
  const auto told = pull(name, digest);
  EXPECT_EQ(told.lines.front(), name + "@" + digest + ": Pulling from x");
  EXPECT_EQ(told.lines.back(), "Status: Downloaded newer image for " + name + "@" + digest);
  EXPECT_TRUE(images->resolve(name + "@" + digest)->repo_tags.empty());
}

TEST_F(Pull, without_a_tag_brings_all_of_them) {
  server.put_archive(docker_archive({layer_tar("one")}, {"x:1"}), "x:1");
  server.put_archive(docker_archive({layer_tar("one"), layer_tar("two")}, {"x:2"}), "x:2");
  const auto name = server.host() + "/x";
  const auto told = pull(name, "");
  EXPECT_EQ(told.error, "");
  EXPECT_EQ(told.lines.back(), "Status: Downloaded newer image for " + name);
  EXPECT_TRUE(told.says(layer_id("x", 0, "2") + ": Already exists"));
  EXPECT_NE(images->resolve(name + ":1")->id, images->resolve(name + ":2")->id);
}

TEST_F(Pull, of_what_is_not_there_says_so_with_dockers_texts) {
  server.put_archive(docker_archive({layer_tar("one")}, {"x:1"}), "x:1");
  auto told = pull(server.host() + "/x", "nope");
  EXPECT_EQ(told.error, "manifest for " + server.host() + "/x:nope not found: manifest unknown: manifest unknown");
  EXPECT_EQ(told.code, Code::not_found);
  EXPECT_TRUE(told.lines.empty());
  told = pull(server.host() + "/missing", "latest");
  EXPECT_EQ(told.error, "manifest for " + server.host() + "/missing:latest not found: manifest unknown: manifest unknown");
  told = pull("scratch", "latest");
  EXPECT_EQ(told.error, "'scratch' is a reserved name");
  const auto nobody = "127.0.0.1:" + std::to_string(free_port());
  told = pull(nobody + "/x");
  EXPECT_EQ(told.error, "Get \"http://" + nobody + "/v2/\": dial tcp " + nobody + ": connect: connection refused");
  expect_nothing_visible();
}

TEST_F(Pull, of_an_index_takes_the_image_for_the_platform) {
  auto arm_config = Json::parse(config_for({layer_tar("arm")}));
  arm_config["architecture"] = "arm64";
  TarBuilder arm;
  arm.file("config.json", arm_config.dump()).file("layer.tar", layer_tar("arm"));
  arm.file("manifest.json", R"([{"Config":"config.json","RepoTags":["x:arm"],"Layers":["layer.tar"]}])");
  server.put_archive(docker_archive({layer_tar("amd")}, {"x:amd"}), "x:amd");
  server.put_archive(arm.finish(), "x:arm");
  Json index{{"schemaVersion", 2}, {"mediaType", images::media::oci_index}, {"manifests", Json::array()}};
  for (const auto& [tag, architecture] : {std::pair{"amd", "amd64"}, std::pair{"arm", "arm64"}}) {
    const auto body = server.get("x/manifests/" + std::string(tag), accepted);
    index["manifests"].push_back({{"mediaType", images::media::docker_manifest},
                                  {"digest", sha256_of(body)},
                                  {"size", body.size()},
                                  {"platform", {{"os", "linux"}, {"architecture", architecture}}}});
  }
  server.put_manifest("x/manifests/both", std::string(images::media::oci_index), index.dump());
  const auto name = server.host() + "/x";

  EXPECT_EQ(pull(name, "both", {}, "linux/arm64").error, "");
  EXPECT_EQ(images->resolve(name + ":both")->config["architecture"], "arm64");
  EXPECT_EQ(pull(name, "both", {}, "linux/amd64").error, "");
  EXPECT_EQ(images->resolve(name + ":both", "linux/arm64")->config["architecture"], "arm64") << "the first one stays";
  EXPECT_EQ(images->resolve(name + ":both", "linux/amd64")->config["architecture"], "amd64");
  EXPECT_EQ(images->resolve(name + ":both")->config["architecture"], images::host_architecture()) << "this machine's";
  EXPECT_EQ(pull(name, "both", {}, "linux/arm64").lines.back(), "Status: Image is up to date for " + name + ":both");
  EXPECT_THAT(images->resolve(name + ":both")->repo_digests, ElementsAre(name + "@" + sha256_of(index.dump())));
  EXPECT_EQ(pull(name, "both", {}, "linux/s390x").error, "no matching manifest for linux/s390x in the manifest list entries");
}

TEST_F(Pull, unpacks_zstd_and_plain_layers) {
  const auto tar = layer_tar("packed");
  for (const auto compression : {Compression::none, Compression::gzip, Compression::zstd}) {
    const auto blob = compress(tar, compression);
    const auto config = config_for({tar});
    Json manifest{{"schemaVersion", 2}, {"mediaType", images::media::oci_manifest}};
    HttpServer by_hand([&](const ServedRequest& request, const Peer& peer) {
      const auto body = manifest.dump();
      if (request.target.find("/manifests/") != std::string::npos)
        return peer.reply(
            200, {"Content-Type: " + std::string(images::media::oci_manifest), "Docker-Content-Digest: " + sha256_of(body)},
            request.method == "HEAD" ? "" : body);
      if (request.target.find(sha256_of(config)) != std::string::npos) return peer.reply(200, {}, config);
      if (request.target.find(sha256_of(blob)) != std::string::npos) return peer.reply(200, {}, blob);
      peer.reply(request.target == "/v2/" ? 200 : 404, {}, "");
    });
    manifest["config"] = {{"mediaType", images::media::oci_config}, {"digest", sha256_of(config)}, {"size", config.size()}};
    manifest["layers"] =
        Json::array({{{"mediaType", images::media::oci_layer}, {"digest", sha256_of(blob)}, {"size", blob.size()}}});
    EXPECT_EQ(pull(by_hand.host() + "/x").error, "");
    EXPECT_TRUE(storage.committed().contains(images::digest_hex(sha256_of(tar))));
    images->remove(by_hand.host() + "/x:1", true, true);
  }
}

TEST_F(Pull, of_ten_thousand_layers_is_refused_before_one_of_them_is_fetched) {
  const auto tar = layer_tar("one");
  struct Row {
    std::size_t in_config, in_manifest;
    const char* error;
  };
  for (const auto& [in_config, in_manifest, error] :
       {Row{10000, 10000, "invalid image config: 10000 layers, at most 128 are allowed"},
        Row{1, 10000, "invalid manifest, layers length mismatch: expected 1, got 10000"},
        Row{1, 10001, "invalid manifest: 10001 layers are too many"}}) {
    const auto config = config_for(std::vector<std::string>(in_config, tar));
    const Json layer = {{"mediaType", images::media::oci_layer}, {"digest", sha256_of(tar)}, {"size", tar.size()}};
    const Json manifest = {
        {"schemaVersion", 2},
        {"mediaType", images::media::oci_manifest},
        {"config", {{"mediaType", images::media::oci_config}, {"digest", sha256_of(config)}, {"size", config.size()}}},
        {"layers", std::vector<Json>(in_manifest, layer)}};
    const auto body = manifest.dump();
    HttpServer by_hand([&](const ServedRequest& request, const Peer& peer) {
      if (request.target.find("/manifests/") != std::string::npos)
        return peer.reply(
            200, {"Content-Type: " + std::string(images::media::oci_manifest), "Docker-Content-Digest: " + sha256_of(body)},
            request.method == "HEAD" ? "" : body);
      if (request.target.find(sha256_of(config)) != std::string::npos) return peer.reply(200, {}, config);
      peer.reply(request.target == "/v2/" ? 200 : 404, {}, "");
    });
    EXPECT_EQ(pull(by_hand.host() + "/x").error, error);
    EXPECT_EQ(by_hand.count("GET", "/blobs/" + sha256_of(tar)), 0);
    EXPECT_EQ(files_in(paths.partials()), 0u);
    expect_nothing_visible();
  }
}

TEST_F(Pull, two_of_one_image_share_every_download) {
  FaultProxy proxy(server.port());
  server.put_archive(docker_archive({big_layer(300000), big_layer(200000, 2)}, {"x:1"}), "x:1");
  std::vector<std::thread> threads;
  std::atomic<int> failed = 0;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { failed += pull(proxy.host() + "/x").error.empty() ? 0 : 1; });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(failed, 0);
  const auto manifest = Json::parse(server.get("x/manifests/1", accepted));
  for (const auto& layer : manifest["layers"])
    EXPECT_EQ(proxy.server().count("GET", "/blobs/" + layer["digest"].get<std::string>()), 1);
  EXPECT_EQ(storage.active(), 0u);
  EXPECT_EQ(files_in(paths.partials()), 0u);
}

TEST_F(Pull, a_cancelled_one_leaves_what_the_next_one_goes_on_with) {
  const auto tar = big_layer(1 << 20);
  server.put_archive(docker_archive({tar}, {"x:1"}), "x:1");
  FaultProxy proxy(server.port());
  const auto cancel = std::make_shared<registry::Cancel>();
  const auto manifest = Json::parse(server.get("x/manifests/1", accepted));
  const auto digest = manifest["layers"][0]["digest"].get<std::string>();
  proxy.set([&](const ServedRequest& request, const Peer& peer, FaultProxy& self) {
    if (!request.is("GET", digest)) return false;
    const auto reply = self.forward(request);
    peer.send(reply.head + reply.body.substr(0, 500000));
    peer.hang();
    return true;
  });
  std::thread canceller([&] {
    EXPECT_TRUE(eventually([&] {
      std::error_code missing;
      return std::filesystem::file_size(paths.partial(digest), missing) == 500000 && !missing;
    }));
    cancel->set();
  });
  const auto told = pull(proxy.host() + "/x", "1", {}, "", cancel);
  canceller.join();
  EXPECT_EQ(told.code, Code::cancelled);
  expect_nothing_visible();
  EXPECT_EQ(files_in(paths.partials()), 1u);

  open(); // a restart of the daemon changes nothing
  proxy.set(nullptr);
  proxy.server().clear_requests();
  EXPECT_EQ(pull(proxy.host() + "/x").error, "");
  for (const auto& request : proxy.server().requests())
    if (request.is("GET", digest)) {
      EXPECT_EQ(request.header("range"), "bytes=500000-");
    }
  EXPECT_EQ(files_in(paths.partials()), 0u);
}

TEST_F(Pull, a_changed_number_of_downloads_counts_without_a_restart) {
  server.put_archive(docker_archive({layer_tar("one"), layer_tar("two"), layer_tar("three")}, {"x:1"}), "x:1");
  FaultProxy proxy(server.port());
  const auto manifest = Json::parse(server.get("x/manifests/1", accepted));
  const auto config = manifest["config"]["digest"].get<std::string>();
  const auto asked = [&] { return proxy.server().count("GET", "/blobs/") - proxy.server().count("GET", config); };
  proxy.set([&](const ServedRequest& request, const Peer& peer, FaultProxy&) {
    if (!request.is("GET", "/blobs/") || request.is("GET", config)) return false;
    peer.hang();
    return true;
  });
  settings.max_downloads = 1;
  open();
  settings.max_downloads = 3;
  const auto cancel = std::make_shared<registry::Cancel>();
  std::thread canceller([&] {
    EXPECT_TRUE(eventually([&] { return asked() == 3; }));
    cancel->set();
  });
  EXPECT_EQ(pull(proxy.host() + "/x", "1", {}, "", cancel).code, Code::cancelled);
  canceller.join();
}

TEST_F(Pull, a_damaged_partial_file_is_fetched_again) {
  server.put_archive(docker_archive({big_layer(300000)}, {"x:1"}), "x:1");
  const auto manifest = Json::parse(server.get("x/manifests/1", accepted));
  const auto digest = manifest["layers"][0]["digest"].get<std::string>();
  write_file_atomic(paths.partial(digest), std::string(100000, 'x'), 0600);
  EXPECT_EQ(pull(server.host() + "/x").error, "");
  EXPECT_EQ(storage.active(), 0u);
}

TEST_F(Pull, publishes_dockers_event) {
  std::vector<std::string> seen;
  auto subscription = bus.subscribe(
      0, [&](const events::EventPtr& e) { seen.push_back(e->action + " " + e->actor_id + " " + e->attributes.at("name")); });
  server.put_archive(docker_archive({layer_tar("one")}, {"x:1"}), "x:1");
  const auto name = server.host() + "/x";
  pull(name);
  EXPECT_THAT(seen, ElementsAre("pull " + name + ":1 " + name));
  seen.clear();
  pull(name, ""); // all tags
  EXPECT_THAT(seen, ElementsAre("pull " + name + " " + name));
}

TEST_F(Pull, an_image_is_removed_with_everything_that_came) {
  server.put_archive(docker_archive({layer_tar("one")}, {"x:1"}), "x:1");
  pull(server.host() + "/x");
  const auto records = images->remove(server.host() + "/x:1", false, true);
  EXPECT_EQ(records.front().untagged, server.host() + "/x:1");
  expect_nothing_visible();
}

} // namespace
} // namespace gantry::test
