// The image endpoints over HTTP. Texts are those of dockerd.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/id.hpp"
#include "images/digest.hpp"
#include "images/image_config.hpp"
#include "support/daemon.hpp"
#include "support/http_client.hpp"
#include "support/need.hpp"
#include "unit/images/archive_builder.hpp"

namespace gantry::test {
namespace {

using ::testing::HasSubstr;

class ImagesApi : public ::testing::Test {
 protected:
  void SetUp() override {
    if (auto why = need_root(); !why.empty()) GTEST_SKIP() << why;
    daemon = std::make_unique<Daemon>();
    daemon->start();
    http = std::make_unique<HttpClient>(daemon->socket());
  }
  HttpReply load(const std::string& bytes, const std::string& query = "") {
    return http->request("POST", "/v1.51/images/load" + query, {{"Content-Type", "application/x-tar"}}, bytes);
  }
  Json get(const std::string& target) { return Json::parse(http->get(target).body); }
  /// The image "one:1".
  std::string load_one() {
    load(docker_archive({layer_tar("one")}, {"one:1"}));
    return images::sha256_of(config_for({layer_tar("one")}));
  }
  /// Images named "two": one was there from the start.
  Json list_two(const std::string& version = "/v1.51", const std::string& query = "") {
    return get(version + "/images/json?filters=%7B%22reference%22%3A%5B%22two%22%5D%7D" + query);
  }
  static std::string message(const HttpReply& reply) { return Json::parse(reply.body).value("message", ""); }
  std::size_t files_in(const std::string& path) {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(daemon->data_root() + path), {}));
  }

  std::unique_ptr<Daemon> daemon;
  std::unique_ptr<HttpClient> http;
};

TEST_F(ImagesApi, load_streams_what_was_loaded) {
  auto reply = load(docker_archive({layer_tar("one")}, {"one:1"}, Compression::gzip));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("content-type"), "application/json");
  EXPECT_EQ(reply.header("transfer-encoding"), "chunked");
  EXPECT_EQ(reply.body, "{\"stream\":\"Loaded image: one:1\\n\"}\r\n");
}

TEST_F(ImagesApi, list_and_inspect_show_a_loaded_image) {
  auto id = load_one();
  auto list = get("/v1.51/images/json?filters=%7B%22reference%22%3A%7B%22on*%22%3Atrue%7D%7D");
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0]["Id"], id);
  EXPECT_EQ(list[0]["RepoTags"], Json::array({"one:1"}));
  EXPECT_EQ(list[0]["Size"], 3);
  auto image = get("/v1.51/images/one:1/json");
  EXPECT_EQ(image["Id"], id);
  EXPECT_EQ(image["RootFS"]["Layers"], Json::array({images::sha256_of(layer_tar("one"))}));
  EXPECT_EQ(image["GraphDriver"]["Name"], "overlay2");
  EXPECT_TRUE(std::filesystem::is_directory(image["GraphDriver"]["Data"]["UpperDir"]));
  EXPECT_EQ(get("/images/" + id + "/json")["Id"], id);
}

TEST_F(ImagesApi, names_may_hold_slashes_and_ports) {
  load_one();
  EXPECT_EQ(http->post("/images/one:1/tag?repo=localhost:5000/a/b&tag=2").status, 201);
  EXPECT_EQ(http->get("/v1.44/images/localhost:5000/a/b:2/json").status, 200);
  EXPECT_EQ(http->get("/images/localhost%3A5000%2Fa%2Fb:2/history").status, 200);
  EXPECT_EQ(http->del("/images/localhost:5000/a/b:2").body, "[{\"Untagged\":\"localhost:5000/a/b:2\"}]\n");
}

TEST_F(ImagesApi, delete_refuses_what_a_container_uses) {
  auto id = load_one();
  auto created = http->post_json("/containers/create?name=user", R"({"Image":"one:1","Cmd":["x"]})");
  ASSERT_EQ(created.status, 201) << created.body;
  std::string container = Json::parse(created.body)["Id"];
  auto by_name = http->del("/images/one:1");
  EXPECT_EQ(by_name.status, 409);
  EXPECT_EQ(message(by_name), "conflict: unable to remove repository reference \"one:1\" (must force) - container " +
                                  short_id(container) + " is using its referenced image " + short_id(id));
  auto by_id = http->del("/images/" + id);
  EXPECT_EQ(message(by_id), "conflict: unable to delete " + short_id(id) +
                                " (must be forced) - image is being used by stopped container " + short_id(container));
  EXPECT_EQ(http->del("/containers/user").status, 204);
  EXPECT_EQ(http->del("/images/one:1").status, 200);
}

TEST_F(ImagesApi, import_makes_an_image_that_history_tells_about) {
  auto reply = http->request("POST", "/images/create?fromSrc=-&repo=two&tag=2&changes=CMD%20%5B%22x%22%5D&message=hello",
                             {{"Content-Type", "application/x-tar"}}, layer_tar("two"));
  ASSERT_EQ(reply.status, 200) << reply.body;
  auto id = Json::parse(reply.body)["status"].get<std::string>();
  auto history = get("/images/two:2/history");
  ASSERT_EQ(history.size(), 1u);
  EXPECT_EQ(history[0]["Id"], id);
  EXPECT_EQ(history[0]["Comment"], "hello");
  EXPECT_EQ(history[0]["Tags"], Json::array({"two:2"}));
  EXPECT_EQ(get("/images/two:2/json")["Config"]["Cmd"], Json::array({"x"}));
}

TEST_F(ImagesApi, save_gives_back_what_was_loaded) {
  auto id = load_one();
  auto saved = http->get("/images/get?names=one:1");
  EXPECT_EQ(saved.header("content-type"), "application/x-tar");
  EXPECT_EQ(http->del("/images/one:1?force=1").status, 200);
  EXPECT_THAT(load(saved.body).body, HasSubstr("Loaded image: one:1"));
  EXPECT_EQ(get("/images/one:1/json")["Id"], id);
}

TEST_F(ImagesApi, prune_deletes_only_dangling_images) {
  load_one();
  auto id = images::sha256_of(config_for({layer_tar("two")}));
  load(docker_archive({layer_tar("two")}, {}));
  auto pruned = Json::parse(http->post("/images/prune").body);
  EXPECT_EQ(pruned["ImagesDeleted"][0]["Deleted"], id);
  EXPECT_EQ(pruned["SpaceReclaimed"], 3);
  EXPECT_EQ(http->get("/images/one:1/json").status, 200);
}

TEST_F(ImagesApi, tells_what_is_wrong) {
  struct Case {
    const char *method, *target;
    int status;
    const char* message;
  };
  for (const auto& [method, target, status, text] :
       {Case{"GET", "/images/nope/json", 404, "No such image: nope:latest"},
        Case{"GET", "/images/Nope/json", 400, "invalid reference format: repository name (library/Nope) must be lowercase"},
        Case{"GET", "/images/nope/get", 404, "No such image: nope"},
        Case{"DELETE", "/images/nope:1", 404, "No such image: nope:1"},
        Case{"POST", "/images/nope/tag?repo=a", 404, "No such image: nope:latest"},
        Case{"POST", "/images/create?fromImage=nope&tag=1", 500,
             "Get \"https://registry-1.docker.io/v2/\": dial tcp: lookup registry-1.docker.io: no such host"},
        Case{"POST", "/images/create?fromImage=scratch&tag=1", 403, "'scratch' is a reserved name"},
        Case{"POST", "/images/create?fromImage=nope&tag=1&platform=a/b/c/d", 400,
             "\"a/b/c/d\": cannot parse platform specifier: invalid argument"},
        Case{"POST", "/images/x/push?tag=1&platform=a&platform=b", 400,
             "only one platform can be pushed at a time, or all of them"},
        Case{"POST", "/images/create", 400, "one of the parameters fromImage and fromSrc must be given"},
        Case{"GET", "/images/json?filters=%7B%22reference%22%3A%5B%22%5B%22%5D%7D", 400, "syntax error in pattern"},
        Case{"GET", "/images/json?filters=%7B%22reference%22%3A%5B%22a%5C%5C%22%5D%7D", 400, "syntax error in pattern"},
        Case{"GET", "/images/json?filters=%7B%22reference%22%3A%5B%22%5Ba-%5D%22%5D%7D", 400, "syntax error in pattern"},
        Case{"GET", "/images/json?filters=%7B%22dangling%22%3A%5B%22x%22%5D%7D", 400, "invalid filter 'dangling=[x]'"},
        Case{"POST", "/images/create?fromSrc=-&platform=windows", 400, "operating system is not supported"},
        Case{"GET", "/images/json?filters=%7B%22before%22%3A%5B%22nope%22%5D%7D", 404, "No such image: nope:latest"}}) {
    auto reply = http->request(method, target);
    EXPECT_EQ(reply.status, status) << target;
    EXPECT_EQ(message(reply), text) << target;
  }
}

TEST_F(ImagesApi, an_image_for_another_platform_is_not_what_was_asked_for) {
  load(docker_archive({layer_tar("one")}, {"one:1"}));
  const auto architecture = get("/images/one:1/json")["Architecture"].get<std::string>();
  for (const auto* what : {"json", "history", "get"}) {
    const auto target = "/v1.51/images/one:1/" + std::string(what) + "?platform=";
    EXPECT_EQ(http->get(target + "linux/" + architecture).status, 200) << what;
    EXPECT_EQ(http->get(target + "%7B%22os%22%3A%22linux%22%2C%22architecture%22%3A%22" + architecture + "%22%7D").status, 200)
        << what;
    const auto refused = http->get(target + "linux/s390x");
    EXPECT_EQ(refused.status, 404) << what;
    EXPECT_EQ(message(refused), "image with reference one:1 was found but its platform (linux/" + architecture +
                                    ") does not match the specified platform (linux/s390x)");
    EXPECT_EQ(http->get("/v1.44/images/one:1/" + std::string(what) + "?platform=linux/s390x").status, 200) << what;
  }
  EXPECT_EQ(message(http->get("/v1.51/images/one:1/json?manifests=1&platform=linux")),
            "conflicting options: manifests and platform options cannot both be set");
}

TEST_F(ImagesApi, several_platforms_are_chosen_among) {
  const std::string own = "linux/" + get("/images/gantry/hello/json")["Architecture"].get<std::string>(), other = "linux/s390x";
  const auto archive = platforms_layout({own, other}, "docker.io/library/multi:1");
  const auto own_id = images::sha256_of(platform_config(own)), other_id = images::sha256_of(platform_config(other));
  const std::string query = "?platform=%7B%22os%22%3A%22linux%22%2C%22architecture%22%3A%22s390x%22%7D";
  EXPECT_EQ(load(archive).status, 200);
  EXPECT_EQ(load(archive, query).status, 200);
  EXPECT_EQ(get("/images/multi:1/json")["Id"], own_id);
  EXPECT_EQ(get("/v1.51/images/multi:1/json" + query)["Id"], other_id);
  EXPECT_EQ(get("/images/json?filters=%7B%22reference%22%3A%5B%22multi%22%5D%7D").size(), 2U);

  const auto create = [&](const std::string& platform) {
    return http->request("POST", "/v1.51/containers/create?platform=" + platform, {{"Content-Type", "application/json"}},
                         R"({"Image":"multi:1","Cmd":["/x"]})");
  };
  const auto made = create("linux/s390x");
  ASSERT_EQ(made.status, 201) << made.body;
  const auto container = Json::parse(made.body)["Id"].get<std::string>();
  EXPECT_EQ(get("/containers/" + container + "/json")["Image"], other_id);
  EXPECT_EQ(get("/containers/json?all=1")[0]["Image"], "multi:1");
  EXPECT_EQ(create("linux/arm64").status, own == "linux/arm64" ? 201 : 404);

  const auto remove = "/v1.51/images/multi:1?platforms=%7B%22os%22%3A%22linux%22%2C%22architecture%22%3A%22s390x%22%7D";
  EXPECT_EQ(http->del(remove).status, 409) << "its container holds it";
  EXPECT_EQ(http->del("/containers/" + container).status, 204);
  const Json removed = Json::parse(http->del(remove).body);
  EXPECT_EQ(removed[0], Json({{"Untagged", "multi:1"}}));
  EXPECT_EQ(removed[1], Json({{"Deleted", other_id}}));
  EXPECT_EQ(get("/images/multi:1/json")["Id"], own_id);
}

TEST_F(ImagesApi, a_disk_budget_is_kept_and_told) {
  char directory[] = "/tmp/gantry-budget-XXXXXX";
  ASSERT_NE(::mkdtemp(directory), nullptr);
  const std::string file = std::string(directory) + "/gantryd.yaml";
  std::ofstream(file) << "debug: false\n";
  daemon = std::make_unique<Daemon>(std::vector<std::string>{"--config-file", file});
  daemon->start();
  http = std::make_unique<HttpClient>(daemon->socket());
  const auto id = load_one();
  const auto collect = [&](const std::string& query) { return Json::parse(http->post("/gantry/system/gc" + query).body); };
  const auto none = collect("");
  EXPECT_EQ(none["Images"]["Policy"]["KeepStorage"], 0);
  EXPECT_EQ(none["Images"]["Deleted"], Json::array());

  std::ofstream(file) << "image-gc: {keep-storage: 1, keep-used-since: 0s}\nbuilder: {gc: {defaultKeepStorage: 7GB}}\n";
  ASSERT_EQ(::kill(daemon->pid(), SIGHUP), 0);
  ASSERT_TRUE(eventually([&] { return collect("?dry-run=1")["Images"]["Policy"]["KeepStorage"] == 1; }));
  const auto plan = collect("?dry-run=1");
  EXPECT_EQ(plan["BuildCache"]["Policy"]["KeepStorage"], 7LL << 30);
  const auto names_it = [&](const Json& one) { return one["ID"] == id && one["Names"] == Json::array({"one:1"}); };
  const auto& deleted = plan["Images"]["Deleted"];
  EXPECT_TRUE(std::any_of(deleted.begin(), deleted.end(), names_it)) << plan;
  EXPECT_EQ(plan["Images"]["Freed"], plan["Images"]["Size"]);
  EXPECT_EQ(http->get("/images/one:1/json").status, 200) << "a dry run only tells";

  EXPECT_EQ(collect("")["Images"]["Freed"], plan["Images"]["Freed"]);
  EXPECT_EQ(http->get("/images/one:1/json").status, 404);
  EXPECT_EQ(files_in("/content/blobs/sha256"), 0U);
  load_one();
  EXPECT_TRUE(eventually([&] { return http->get("/images/one:1/json").status == 404; })) << "by itself after a load";
  std::filesystem::remove_all(directory);
}

TEST_F(ImagesApi, a_bad_archive_is_refused_and_leaves_nothing) {
  auto before = get("/images/json");
  auto blobs = files_in("/content/blobs/sha256");
  auto good = docker_archive({layer_tar("one")}, {"one:1"});
  for (const auto& bytes : {std::string("hello"), good.substr(0, 2500), TarBuilder().file("../x", "x").finish()}) {
    auto reply = load(bytes);
    EXPECT_EQ(reply.status, 400);
    EXPECT_THAT(message(reply), HasSubstr("invalid archive"));
  }
  // The rest of a large body is taken off the client's hands, so that it gets to read the answer.
  auto large = load(std::string(8 << 20, 'x'));
  EXPECT_EQ(large.status, 400);
  EXPECT_EQ(large.header("connection"), "close");
  auto escaping = TarBuilder().file("../../etc/passwd", "x").finish();
  EXPECT_EQ(load(docker_archive({escaping}, {"bad:1"})).status, 400);
  EXPECT_EQ(get("/images/json"), before);
  EXPECT_EQ(files_in("/content/blobs/sha256"), blobs);
  EXPECT_EQ(files_in("/content/ingest"), 0u);
}

/// An index of this machine's platform and s390x, whose layer only is missing in the archive unless `whole`.
std::string two_platforms(bool whole) {
  const std::string own = "linux/" + images::host_architecture(), other = "linux/s390x";
  return platforms_layout({own, other}, "docker.io/library/two:1", "1",
                          whole ? std::vector<std::string>() : std::vector<std::string>{other});
}

TEST_F(ImagesApi, manifests_show_the_platforms_of_a_name_together) {
  ASSERT_EQ(load(two_platforms(true)).status, 200);
  EXPECT_EQ(list_two().size(), 2u);
  EXPECT_EQ(list_two("/v1.46", "&manifests=1").size(), 2u) << "not known before 1.47";
  const auto list = list_two("/v1.47", "&manifests=1");
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0]["RepoTags"], Json::array({"two:1"}));
  const auto& manifests = list[0]["Manifests"];
  ASSERT_EQ(manifests.size(), 2u);
  EXPECT_EQ(list[0]["Size"],
            manifests[0]["Size"]["Total"].get<std::uint64_t>() + manifests[1]["Size"]["Total"].get<std::uint64_t>());
  for (const auto& manifest : manifests) {
    EXPECT_EQ(manifest["ID"], manifest["Descriptor"]["digest"]);
    EXPECT_EQ(manifest["Kind"], "image");
    EXPECT_EQ(manifest["Available"], true);
    EXPECT_EQ(manifest["ImageData"]["Platform"], manifest["Descriptor"]["platform"]);
    EXPECT_EQ(manifest["ImageData"]["Containers"], Json::array());
    const auto content = manifest["Size"]["Content"].get<std::uint64_t>();
    EXPECT_GT(content, manifest["Descriptor"]["size"].get<std::uint64_t>());
    EXPECT_EQ(manifest["Size"]["Total"], content + manifest["ImageData"]["Size"]["Unpacked"].get<std::uint64_t>());
  }
  const auto inspected = get("/v1.48/images/two:1/json?manifests=1");
  EXPECT_EQ(inspected["Manifests"], manifests);
  EXPECT_FALSE(list[0].contains("Descriptor")) << "not known before 1.48";
  EXPECT_EQ(inspected["Descriptor"], list_two("/v1.48", "&manifests=1")[0]["Descriptor"]);
  EXPECT_EQ(inspected["Descriptor"]["mediaType"], "application/vnd.oci.image.index.v1+json");
  EXPECT_EQ(get("/v1.48/images/two:1/json")["Descriptor"], inspected["Descriptor"]);
  EXPECT_FALSE(get("/v1.48/images/two:1/json").contains("Manifests"));
  EXPECT_FALSE(get("/v1.47/images/two:1/json?manifests=1").contains("Descriptor"));
  EXPECT_EQ(message(http->get("/v1.51/images/two:1/json?manifests=1&platform=linux/s390x")),
            "conflicting options: manifests and platform options cannot both be set");
}

TEST_F(ImagesApi, manifests_show_what_is_not_here) {
  ASSERT_EQ(load(two_platforms(false)).status, 200);
  http->request("POST", "/v1.51/containers/create?name=user", {{"Content-Type", "application/json"}},
                R"({"Image":"two:1","Cmd":["x"]})");
  const auto user = get("/v1.51/containers/user/json")["Id"];
  const auto list = list_two("/v1.51", "&manifests=1");
  ASSERT_EQ(list.size(), 1u);
  const auto &here = list[0]["Manifests"][0], &missing = list[0]["Manifests"][1];
  EXPECT_EQ(here["ImageData"]["Containers"], Json::array({user}));
  EXPECT_EQ(missing["Available"], false);
  EXPECT_EQ(missing["Size"], (Json{{"Content", 0}, {"Total", 0}}));
  EXPECT_EQ(missing["ImageData"]["Platform"]["architecture"], "s390x");
}

TEST_F(ImagesApi, manifests_of_an_image_without_one_show_the_one_of_its_archive) {
  load_one();
  const auto list = get("/v1.51/images/json?manifests=1&filters=%7B%22reference%22%3A%5B%22one%22%5D%7D");
  ASSERT_EQ(list.size(), 1u);
  ASSERT_EQ(list[0]["Manifests"].size(), 1u);
  EXPECT_EQ(list[0]["Manifests"][0]["ID"], list[0]["Descriptor"]["digest"]);
  const auto archive = http->get("/v1.51/images/one:1/get").body;
  EXPECT_THAT(archive, HasSubstr("blobs/sha256/" + images::digest_hex(list[0]["Descriptor"]["digest"])));
}

TEST_F(ImagesApi, several_platforms_are_saved_and_loaded) {
  ASSERT_EQ(load(two_platforms(true)).status, 200);
  const auto both = "platform=linux/s390x&platform=" + images::host_architecture();
  const auto reply = http->get("/v1.51/images/get?names=two:1&" + both);
  ASSERT_EQ(reply.status, 200);
  http->request("DELETE", "/v1.51/images/two:1");
  ASSERT_EQ(list_two().size(), 0u);
  EXPECT_THAT(load(reply.body, "?platform=linux/riscv64&" + both).body, HasSubstr("no image for linux/riscv64 in the archive"));
  EXPECT_EQ(load(reply.body, "?" + both).status, 200);
  EXPECT_EQ(list_two().size(), 2u);
  EXPECT_EQ(message(http->get("/v1.51/images/get?names=two:1&platform=nonsense/a/b/c")),
            "\"nonsense/a/b/c\": cannot parse platform specifier: invalid argument");
}

} // namespace
} // namespace gantry::test
