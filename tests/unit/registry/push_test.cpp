#include <unistd.h>

#include <csignal>

#include "base/file.hpp"
#include "base/id.hpp"
#include "images/image_config.hpp"
#include "images/image_store.hpp"
#include "images/layer_recipe.hpp"
#include "images/media_types.hpp"
#include "registry_fixture.hpp"

namespace gantry::test {
namespace {

using images::sha256_of;
using ::testing::Contains;
using ::testing::HasSubstr;

class Push : public RegistryTest {
 protected:
  std::string manifest(const std::string& path) { return server.get(path, accepted); }
  const std::string accepted = std::string(images::media::docker_manifest) + ", " + std::string(images::media::oci_manifest);
  RegistryProcess server;
};

TEST_F(Push, sends_a_loaded_image_that_comes_back_the_same) {
  const auto base = layer_tar("one"), top = layer_tar("two");
  const auto name = server.host() + "/x";
  load(docker_archive({base, top}, {name + ":1"}));
  const auto told = push(name);
  EXPECT_EQ(told.error, "");
  const auto body = manifest("x/manifests/1");
  ASSERT_EQ(told.lines.size(), 6u);
  EXPECT_EQ(told.lines[0], "The push refers to repository [" + name + "]");
  EXPECT_EQ(told.lines[1], short_id(sha256_of(top)) + ": Preparing");
  EXPECT_EQ(told.lines[2], short_id(sha256_of(base)) + ": Preparing");
  EXPECT_TRUE(told.says(short_id(sha256_of(base)) + ": Pushed"));
  EXPECT_EQ(told.lines.back(), "1: digest: " + sha256_of(body) + " size: " + std::to_string(body.size()));
  EXPECT_THAT(images->resolve(name + ":1")->repo_digests, Contains(name + "@" + sha256_of(body)));

  const auto id = images->resolve(name + ":1")->id;
  images->remove(name + ":1", true, true);
  EXPECT_EQ(pull(name).error, "");
  EXPECT_EQ(images->resolve(name + ":1")->id, id);
}

TEST_F(Push, can_be_cancelled_while_the_tar_of_a_committed_layer_is_made) {
  std::signal(SIGPIPE, SIG_IGN); // as the daemon does
  const auto name = server.host() + "/x";
  load(docker_archive({layer_tar("one")}, {"base:1"}));
  images::CommitOptions options;
  options.parent = images->resolve("base:1")->id;
  options.repo = name;
  options.tag = "1";
  options.config = Json::object();
  images->commit(options, [](int out) {
    const auto tar = big_layer(1 << 20);
    for (std::size_t done = 0; done < tar.size();) done += static_cast<std::size_t>(::write(out, &tar[done], tar.size() - done));
    return AppliedLayer{};
  });
  const auto layer = images->store().catalogue()->layers.at(images->resolve(name + ":1")->top_layer);
  const auto cancel = std::make_shared<registry::Cancel>();
  const auto told = collect([&](const images::Progress& progress) {
    const auto until_it_is_told = [&](const Json& message) {
      progress(message);
      if (message.value("status", "") == "Preparing") cancel->set();
    };
    registries->push({name, "1", ""}, {}, until_it_is_told, cancel);
  });
  EXPECT_EQ(told.code, Code::cancelled);
  EXPECT_TRUE(told.says(short_id(layer.diff_id) + ": Preparing"));
  EXPECT_TRUE(images::is_recipe_only(paths, layer));
  EXPECT_EQ(push(name).error, "");
  EXPECT_FALSE(images::is_recipe_only(paths, layer));
}

TEST_F(Push, again_sends_nothing) {
  const auto name = server.host() + "/x";
  load(docker_archive({layer_tar("one")}, {name + ":1", name + ":2"}));
  const auto first = push(name);
  FaultProxy proxy(server.port());
  const auto told = push(name);
  EXPECT_TRUE(told.says(short_id(sha256_of(layer_tar("one"))) + ": Layer already exists"));
  EXPECT_EQ(told.lines.back(), first.lines.back());
  EXPECT_EQ(push(name, "").lines.size(), 1 + 2 * 3u); // all tags
}

TEST_F(Push, of_a_pulled_image_sends_the_same_bytes) {
  server.put_archive(docker_archive({layer_tar("one"), layer_tar("two")}, {"x:1"}), "x:1");
  RegistryProcess other;
  const auto from = server.host() + "/x", to = other.host() + "/a/b";
  ASSERT_EQ(pull(from).error, "");
  images->tag(from + ":1", to, "2");
  EXPECT_EQ(push(to, "2").error, "");
  EXPECT_EQ(other.get("a/b/manifests/2", accepted), manifest("x/manifests/1"));
  const auto sent = Json::parse(manifest("x/manifests/1"));
  for (const auto& layer : sent["layers"]) {
    const auto path = "/blobs/" + layer["digest"].get<std::string>();
    EXPECT_EQ(other.get("a/b" + path), server.get("x" + path));
  }
}

TEST_F(Push, mounts_what_another_repository_has) {
  const auto name = server.host() + "/x", other = server.host() + "/y";
  load(docker_archive({layer_tar("one")}, {name + ":1", other + ":1"}));
  ASSERT_EQ(push(name).error, "");
  const auto told = push(other);
  EXPECT_EQ(told.error, "");
  EXPECT_TRUE(told.says(short_id(sha256_of(layer_tar("one"))) + ": Mounted from x"));
  EXPECT_EQ(manifest("y/manifests/1"), manifest("x/manifests/1"));
}

/// Images of three platforms that came as one index.
class PushPlatforms : public Push {
 protected:
  static constexpr const char* s390x = "linux/s390x";
  const std::string own = "linux/" + images::host_architecture();
  std::string index(const std::string& path) { return server.get(path, std::string(images::media::oci_index)); }
  void load_platforms(const std::vector<std::string>& platforms) {
    images->load(reading(platforms_layout({own, "linux/arm/v7", s390x}, server.host() + "/x:1")), [](const Json&) {},
                 {platforms});
  }
  /// The aux messages of a push.
  std::vector<Json> push_for_aux(const std::string& image, const std::string& platform = "") {
    std::vector<Json> all;
    registries->push(
        {image, "1", platform}, {},
        [&](const Json& message) {
          if (message.contains("aux")) all.push_back(message["aux"]);
        },
        std::make_shared<registry::Cancel>());
    return all;
  }
};

TEST_F(PushPlatforms, that_are_all_here_sends_their_index) {
  const auto name = server.host() + "/x";
  load_platforms({});
  const auto told = push(name);
  EXPECT_EQ(told.error, "");
  const auto sent = index("x/manifests/1");
  ASSERT_EQ(Json::parse(sent)["manifests"].size(), 3u);
  EXPECT_EQ(told.lines.back(), "1: digest: " + sha256_of(sent) + " size: " + std::to_string(sent.size()));
  for (const auto& image : images->list()) EXPECT_THAT(image->repo_digests, Contains(name + "@" + sha256_of(sent)));
  EXPECT_EQ(images->resolve(name + ":1")->id, sha256_of(platform_config(own))) << "the name means what it did";

  images->remove(name + ":1", true, true);
  for (const auto& image : images->list()) images->remove(image->id, true, true);
  for (const auto* platform : {"linux/arm/v7", s390x}) EXPECT_EQ(pull(name, "1", {}, platform).error, "");
  EXPECT_EQ(images->resolve(name + ":1", s390x)->id, sha256_of(platform_config(s390x)));
}

TEST_F(PushPlatforms, of_which_some_are_missing_sends_this_machine_s_and_says_so) {
  load_platforms({own, s390x});
  const auto aux = push_for_aux(server.host() + "/x");
  ASSERT_EQ(aux.size(), 2u);
  EXPECT_EQ(aux[0]["Digest"], sha256_of(manifest("x/manifests/1")));
  EXPECT_EQ(aux[1]["manifestPushedInsteadOfIndex"], true);
  EXPECT_EQ(aux[1]["selectedManifest"]["digest"], aux[0]["Digest"]);
  EXPECT_EQ(aux[1]["originalIndex"]["mediaType"], images::media::oci_index);
  EXPECT_EQ(Json::parse(manifest("x/manifests/1"))["config"]["digest"], sha256_of(platform_config(own)));
}

TEST_F(PushPlatforms, without_this_machine_s_needs_a_platform) {
  load_platforms({"linux/arm/v7", s390x});
  const auto name = server.host() + "/x";
  const auto told = push(name);
  EXPECT_EQ(told.error, "multiple matching manifests found but no specific platform requested");
  EXPECT_EQ(told.code, Code::already_exists);
  EXPECT_EQ(push_for_aux(name, s390x).size(), 1u);
  EXPECT_EQ(Json::parse(manifest("x/manifests/1"))["config"]["digest"], sha256_of(platform_config(s390x)));
}

TEST_F(PushPlatforms, that_the_registry_has_need_not_be_here) {
  load_platforms({});
  const auto name = server.host() + "/x";
  ASSERT_EQ(push(name).error, "");
  const auto sent = index("x/manifests/1");
  for (const auto* platform : {"linux/arm/v7", s390x}) images->remove(sha256_of(platform_config(platform)), true, true);
  images->tag(name + ":1", name, "2");
  EXPECT_EQ(push(name, "2").error, "");
  EXPECT_EQ(index("x/manifests/2"), sent);
}

TEST_F(Push, of_what_is_not_there_says_so_with_dockers_texts) {
  const auto name = server.host() + "/x";
  auto told = push(name);
  EXPECT_EQ(told.error, "An image does not exist locally with the tag: " + name);
  load(docker_archive({layer_tar("one")}, {name + ":1"}));
  told = push(name, "nope");
  EXPECT_EQ(told.error, "tag does not exist: " + name + ":nope");
}

/// Passes on half of the first PATCH, tells the client nothing, and knows afterwards how far it is.
class HalfUpload {
 public:
  explicit HalfUpload(int upstream) : proxy(upstream) {
    proxy.set([this](const ServedRequest& request, const Peer& peer, FaultProxy& self) {
      if (request.method == "PATCH" && location.empty()) {
        auto half = request;
        half.body.resize(request.body.size() / 2);
        const auto head = self.forward(half).head;
        const auto at = head.find("Location: ") + 10;
        location = head.substr(at, head.find("\r\n", at) - at);
        sent = half.body.size();
        return true;
      }
      if (!knows || !request.is("GET", "/blobs/uploads/")) return false;
      peer.reply(204, {"Location: " + location, "Range: 0-" + std::to_string(sent - 1)}, "");
      return true;
    });
  }
  std::vector<ServedRequest> patches() const {
    std::vector<ServedRequest> all;
    for (const auto& request : proxy.server().requests())
      if (request.method == "PATCH") all.push_back(request);
    return all;
  }

  std::string location;
  std::size_t sent = 0;
  bool knows = true;
  mutable FaultProxy proxy;
};

TEST_F(Push, goes_on_after_a_broken_connection) {
  for (const bool knows : {true, false}) {
    HalfUpload half(server.port());
    half.knows = knows;
    const std::string path = knows ? "x" : "y";
    const auto name = half.proxy.host() + "/" + path;
    load(docker_archive({big_layer(3 << 20, knows ? 1 : 2)}, {name + ":1"}));
    EXPECT_EQ(push(name).error, "");
    const auto layer = Json::parse(manifest(path + "/manifests/1"))["layers"][0];
    EXPECT_EQ(sha256_of(server.get(path + "/blobs/" + layer["digest"].get<std::string>())), layer["digest"]);
    const auto patches = half.patches(); // two of the layer, one of the config
    ASSERT_EQ(patches.size(), 3u);
    EXPECT_EQ(patches[1].body.size(), knows ? layer["size"].get<std::size_t>() - half.sent : layer["size"].get<std::size_t>());
  }
}

TEST_F(Push, compresses_with_zstd_where_that_is_wanted) {
  settings.layer_packing = "zstd";
  const auto name = server.host() + "/x";
  load(docker_archive({layer_tar("one")}, {name + ":1"}));
  EXPECT_EQ(push(name).error, "");
  const auto body = Json::parse(manifest("x/manifests/1"));
  EXPECT_EQ(body["mediaType"], images::media::oci_manifest);
  EXPECT_EQ(body["layers"][0]["mediaType"], images::media::oci_layer_zstd);
  images->remove(name + ":1", true, true);
  EXPECT_EQ(pull(name).error, "");
}

TEST_F(Push, skopeo_reads_what_was_sent) {
  const auto name = server.host() + "/x";
  load(docker_archive({layer_tar("one"), layer_tar("two")}, {name + ":1"}));
  ASSERT_EQ(push(name).error, "");
  const auto dir = root.string() + "/copy";
  const auto copied =
      run({"skopeo", "--insecure-policy", "copy", "--src-tls-verify=false", "docker://" + name + ":1", "dir:" + dir});
  EXPECT_EQ(copied.code, 0) << copied.err;
  EXPECT_EQ(read_file(dir + "/manifest.json"), manifest("x/manifests/1"));
}

} // namespace
} // namespace gantry::test
