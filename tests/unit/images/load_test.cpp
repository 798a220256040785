#include "images/digest.hpp"
#include "images/expansion_guard.hpp"
#include "service_fixture.hpp"

namespace gantry::test {
namespace {

using images::sha256_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ImageLoad : public ImagesTest {};

std::string blob(const std::string& bytes) { return "blobs/sha256/" + images::digest_hex(sha256_of(bytes)); }

Json descriptor(const std::string& bytes) { return {{"digest", sha256_of(bytes)}, {"size", bytes.size()}}; }

TEST_F(ImageLoad, reads_a_docker_archive) {
  auto base = layer_tar("one"), top = layer_tar("two");
  EXPECT_EQ(load(docker_archive({base, top}, {"busybox:1.36"})), "Loaded image: busybox:1.36\n");
  auto image = service->resolve("busybox:1.36");
  EXPECT_EQ(image->id, sha256_of(config_for({base, top})));
  EXPECT_THAT(image->repo_tags, ElementsAre("busybox:1.36"));
  EXPECT_EQ(image->size, base.size() + top.size());
  EXPECT_EQ(image->top_layer, images::digest_hex(sha256_of(sha256_of(base) + " " + sha256_of(top))));
  EXPECT_TRUE(storage.committed().contains(image->top_layer));
  EXPECT_EQ(storage.active(), 0u);
  EXPECT_EQ(ingests(), 0u);
  EXPECT_THAT(events, ElementsAre("load " + image->id));
}

TEST_F(ImageLoad, is_there_after_a_restart) {
  load(docker_archive({layer_tar("one")}, {"a:1"}));
  auto before = service->resolve("a:1");
  reopen();
  auto after = service->resolve("a:1");
  EXPECT_EQ(after->id, before->id);
  EXPECT_EQ(after->config, before->config);
  EXPECT_EQ(after->size, before->size);
  EXPECT_EQ(after->top_layer, before->top_layer);
}

TEST_F(ImageLoad, tells_the_id_of_an_image_without_a_name) {
  auto layer = layer_tar("one");
  EXPECT_EQ(load(docker_archive({layer}, {})), "Loaded image ID: " + sha256_of(config_for({layer})) + "\n");
}

TEST_F(ImageLoad, of_ten_thousand_layers_is_refused_and_leaves_nothing) {
  const std::vector<std::string> layers(10000, layer_tar("one"));
  EXPECT_STREQ(error_of([&] { load(docker_archive(layers, {"a:1"})); }).what(),
               "invalid image config: 10000 layers, at most 128 are allowed");
  expect_nothing_left();
}

TEST_F(ImageLoad, twice_changes_nothing) {
  auto archive = docker_archive({layer_tar("one")}, {"a:1"});
  load(archive);
  EXPECT_EQ(load(archive), "Loaded image: a:1\n");
  EXPECT_EQ(service->list().size(), 1u);
  EXPECT_EQ(storage.committed().size(), 1u);
  EXPECT_EQ(blobs(), 1u);
}

TEST_F(ImageLoad, tells_when_a_name_moves) {
  load(docker_archive({layer_tar("one")}, {"a:1"}));
  auto old = service->resolve("a:1")->id;
  EXPECT_EQ(load(docker_archive({layer_tar("two")}, {"a:1"})),
            "The image a:1 already exists, renaming the old one with ID " + old + " to empty string\nLoaded image: a:1\n");
  EXPECT_TRUE(service->get(old)->repo_tags.empty());
}

TEST_F(ImageLoad, of_files_that_only_look_like_layers_keeps_none_of_them) {
  const auto layer = layer_tar("one");
  TarBuilder archive;
  archive.file("stranger.tar", layer_tar("stranger")).file("damaged.tar.gz", "\x1f\x8b no gzip");
  archive.file("one/layer.tar", layer).file("c.json", config_for({layer}));
  archive.file("manifest.json", R"([{"Config":"c.json","RepoTags":["a:1"],"Layers":["one/layer.tar"]}])");
  EXPECT_EQ(load(archive.finish()), "Loaded image: a:1\n");
  EXPECT_EQ(storage.committed().size(), 1u);
  EXPECT_EQ(storage.active(), 0u);
  EXPECT_EQ(blobs(), 1u);
}

TEST_F(ImageLoad, unpacks_one_file_for_each_layer_that_it_is) {
  const auto layer = layer_tar("one");
  EXPECT_EQ(load(docker_archive({layer, layer}, {"a:1"})), "Loaded image: a:1\n");
  EXPECT_EQ(storage.committed().size(), 2u);
  EXPECT_EQ(service->resolve("a:1")->size, 2 * layer.size());
}

class ImageLoadCompressed : public ImagesTest, public ::testing::WithParamInterface<Compression> {};

TEST_P(ImageLoadCompressed, accepts_the_archive_and_its_layers) {
  EXPECT_EQ(load(docker_archive({layer_tar("one"), layer_tar("two")}, {"a:1"}, GetParam(), GetParam())), "Loaded image: a:1\n");
}

INSTANTIATE_TEST_SUITE_P(Formats, ImageLoadCompressed,
                         ::testing::Values(Compression::none, Compression::gzip, Compression::bzip2, Compression::xz,
                                           Compression::zstd));

TEST_F(ImageLoad, follows_links_between_duplicate_layers) {
  auto layer = layer_tar("one");
  auto archive = TarBuilder()
                     .file("manifest.json",
                           R"([{"Config":"c.json","RepoTags":["a:1"],"Layers":["a/layer.tar","b/layer.tar","c/layer.tar"]}])")
                     .symlink("b/layer.tar", "../a/layer.tar")
                     .hardlink("c/layer.tar", "a/layer.tar")
                     .file("a/layer.tar", layer)
                     .file("c.json", config_for({layer, layer, layer}))
                     .finish();
  EXPECT_EQ(load(archive), "Loaded image: a:1\n");
  EXPECT_EQ(storage.committed().size(), 3u);
  EXPECT_EQ(blobs(), 1u);
}

TEST_F(ImageLoad, reads_an_oci_layout_and_chooses_this_platform) {
  auto layer = layer_tar("one"), packed = compress(layer, Compression::zstd), config = config_for({layer});
  Json manifest{{"schemaVersion", 2}, {"config", descriptor(config)}, {"layers", Json::array({descriptor(packed)})}};
  auto bytes = manifest.dump();
  auto foreign = descriptor("{}"), ours = descriptor(bytes);
  foreign["platform"] = {{"os", "linux"}, {"architecture", "s390x"}};
#if defined(__x86_64__)
  ours["platform"] = {{"os", "linux"}, {"architecture", "amd64"}};
#else
  ours["platform"] = {{"os", "linux"}, {"architecture", "arm64"}};
#endif
  auto nested = Json{{"schemaVersion", 2}, {"manifests", Json::array({foreign, ours})}}.dump();
  auto top = descriptor(nested);
  top["annotations"] = {{"io.containerd.image.name", "docker.io/library/oci:7"}, {"org.opencontainers.image.ref.name", "7"}};
  auto archive = TarBuilder()
                     .file("oci-layout", R"({"imageLayoutVersion":"1.0.0"})")
                     .file("index.json", Json{{"manifests", Json::array({top})}}.dump())
                     .file(blob(nested), nested)
                     .file(blob(bytes), bytes)
                     .file(blob(config), config)
                     .file(blob(packed), packed)
                     .finish();
  EXPECT_EQ(load(archive), "Loaded image: oci:7\n");
}

TEST_F(ImageLoad, refuses_a_blob_that_is_not_what_its_name_promises) {
  auto config = config_for({});
  Json manifest = Json::array({Json{{"Config", blob(config)}, {"RepoTags", Json::array({"a:1"})}, {"Layers", Json::array()}}});
  auto archive = TarBuilder().file("manifest.json", manifest.dump()).file(blob(config), config + " ").finish();
  EXPECT_THAT(error_of([&] { load(archive); }).what(), HasSubstr("has the digest"));
  expect_nothing_left();
}

TEST_F(ImageLoad, refuses_layers_that_the_config_does_not_promise) {
  auto archive = TarBuilder()
                     .file("config.json", config_for({layer_tar("promised")}))
                     .file("layer.tar", layer_tar("other"))
                     .file("manifest.json", R"([{"Config":"config.json","RepoTags":["a:1"],"Layers":["layer.tar"]}])")
                     .finish();
  EXPECT_THAT(error_of([&] { load(archive); }).what(), HasSubstr("invalid diffID of a layer: expected \"sha256:"));
  expect_nothing_left();
}

TEST_F(ImageLoad, leaves_nothing_when_a_commit_fails) {
  storage.fail_commit(2);
  auto archive = docker_archive({layer_tar("one"), layer_tar("two")}, {"a:1"});
  EXPECT_EQ(error_of([&] { load(archive); }).code(), Code::resource_exhausted);
  expect_nothing_left();
  EXPECT_TRUE(events.empty());
}

TEST_F(ImageLoad, leaves_nothing_when_the_driver_refuses_a_layer) {
  storage.refuse_apply();
  auto big = layer_tar(std::string(8 << 20, 'x'));
  auto archive = docker_archive({layer_tar("one"), big}, {"a:1"}, Compression::none, Compression::gzip);
  EXPECT_THAT(error_of([&] { load(archive); }).what(), HasSubstr("leads out of the layer"));
  expect_nothing_left();
}

TEST_F(ImageLoad, leaves_nothing_of_any_image_when_one_in_the_archive_is_bad) {
  auto good = layer_tar("good");
  auto archive = TarBuilder()
                     .file("good.json", config_for({good}))
                     .file("good.tar", good)
                     .file("bad.json", config_for({layer_tar("bad")}))
                     .file("manifest.json", R"([{"Config":"good.json","RepoTags":["good:1"],"Layers":["good.tar"]},
                                                {"Config":"bad.json","RepoTags":["bad:1"],"Layers":["missing.tar"]}])")
                     .finish();
  EXPECT_STREQ(error_of([&] { load(archive); }).what(), "invalid archive: \"missing.tar\" is missing");
  expect_nothing_left();
}

struct BadArchive {
  const char* name;
  std::string bytes;
  const char* message;
};

void PrintTo(const BadArchive& bad, std::ostream* out) { *out << bad.name; }

std::string with_manifest(const std::string& manifest, const std::string& config = config_for({})) {
  return TarBuilder().file("config.json", config).file("manifest.json", manifest).finish();
}

std::string config_with(const char* key, const Json& value) {
  auto config = Json::parse(config_for({}));
  config["config"][key] = value;
  return config.dump();
}

const std::string plain_manifest = R"([{"Config":"config.json","RepoTags":["a:1"],"Layers":[]}])";

class ImageLoadHostile : public ImagesTest, public ::testing::WithParamInterface<BadArchive> {};

TEST_P(ImageLoadHostile, is_refused_with_a_reason_and_leaves_nothing) {
  auto error = error_of([&] { load(GetParam().bytes); });
  EXPECT_EQ(error.code(), Code::invalid);
  EXPECT_THAT(error.what(), HasSubstr(GetParam().message));
  expect_nothing_left();
}

INSTANTIATE_TEST_SUITE_P(
    Archives, ImageLoadHostile,
    ::testing::Values(
        BadArchive{"empty", "", "invalid archive: "}, BadArchive{"text", "hello\n", "invalid archive: "},
        BadArchive{"no_manifest", layer_tar("x"), "does not contain a manifest.json"},
        BadArchive{"truncated", docker_archive({layer_tar("one")}, {"a:1"}).substr(0, 2500), "invalid archive: Truncated"},
        BadArchive{"truncated_gzip", docker_archive({layer_tar("one")}, {"a:1"}, Compression::gzip).substr(0, 200),
                   "invalid archive: "},
        BadArchive{"parent_path", TarBuilder().file("../x", "x").finish(), "leads out of the archive"},
        BadArchive{"absolute_path", TarBuilder().file("/etc/x", "x").finish(), "is an absolute path"},
        BadArchive{"absolute_link", TarBuilder().symlink("x", "/etc/passwd").finish(), "is an absolute path"},
        BadArchive{"escaping_link", TarBuilder().symlink("a/x", "../../etc/passwd").finish(), "leads out of the archive"},
        BadArchive{"escaping_hardlink", TarBuilder().hardlink("x", "../etc/passwd").finish(), "leads out of the archive"},
        BadArchive{"fifo", TarBuilder().fifo("x").finish(), "is neither a file"},
        BadArchive{"link_loop", TarBuilder().symlink("manifest.json", "b").symlink("b", "manifest.json").finish(),
                   "loop of links"},
        BadArchive{"manifest_not_json", with_manifest("{"), "is not valid JSON"},
        BadArchive{"manifest_not_a_list", with_manifest("{}"), "must be a list"},
        BadArchive{"manifest_of_numbers", with_manifest("[1]"), "must be a list of objects"},
        BadArchive{"manifest_too_deep", with_manifest(std::string(100000, '[')), "nested too deeply"},
        BadArchive{"manifest_too_large", with_manifest(std::string(9 << 20, ' ')), "at most 8388608"},
        BadArchive{"layers_not_strings", with_manifest(R"([{"Config":"config.json","Layers":[1]}])"),
                   "Layers must be a list of strings"},
        BadArchive{"bad_tag", with_manifest(R"([{"Config":"config.json","RepoTags":["A:1"],"Layers":[]}])"), "must be lowercase"},
        BadArchive{"layer_count", with_manifest(R"([{"Config":"config.json","Layers":["x"]}])"),
                   "layers length mismatch: expected 0, got 1"},
        BadArchive{"config_not_json", with_manifest(plain_manifest, "x"), "invalid image config is not valid JSON"},
        BadArchive{"config_without_rootfs", with_manifest(plain_manifest, "{}"), "rootfs is missing"},
        BadArchive{"config_of_windows", with_manifest(plain_manifest, R"({"os":"windows"})"),
                   "cannot load windows image on linux"},
        BadArchive{"config_bad_diff_id", with_manifest(plain_manifest, R"({"rootfs":{"diff_ids":["sha256:../x"]}})"),
                   "is not a sha256 digest"},
        BadArchive{"config_bad_time", with_manifest(plain_manifest, R"({"created":"soon","rootfs":{}})"), "soon"},
        BadArchive{"config_bad_cmd", with_manifest(plain_manifest, config_with("Cmd", "ls")), "Cmd must be a list of strings"},
        BadArchive{"config_bad_labels", with_manifest(plain_manifest, config_with("Labels", {{"a", 1}})),
                   "Labels has a wrong type"}),
    [](const auto& row) { return row.param.name; });

TEST_F(ImageLoad, refuses_a_layer_that_is_a_decompression_bomb) {
  const auto frame = compress(std::string(std::size_t{64} << 20, '\0'), Compression::zstd);
  std::string bomb;
  for (int i = 0; i < 17; ++i) bomb += frame; // a bit more than 1 GiB of zeros
  auto archive = TarBuilder()
                     .file("config.json", config_for({"x"}))
                     .file("layer.tar", bomb)
                     .file("manifest.json", R"([{"Config":"config.json","RepoTags":["a:1"],"Layers":["layer.tar"]}])")
                     .finish();
  EXPECT_THAT(error_of([&] { load(archive); }).what(), HasSubstr("decompression bomb"));
  expect_nothing_left();
}

TEST(ExpansionGuard, allows_what_real_layers_do) {
  constexpr std::uint64_t gib = 1ULL << 30;
  EXPECT_NO_THROW(images::check_expansion(1, gib));
  EXPECT_NO_THROW(images::check_expansion(gib, 100 * gib));
  EXPECT_THROW(images::check_expansion(gib, 300 * gib), Error);
}

TEST_F(ImageLoad, loads_the_embedded_image_once_and_respects_its_removal) {
  auto path = root / "hello.tar";
  auto bytes = docker_archive({layer_tar("one")}, {"gantry/hello:latest"});
  FILE* out = std::fopen(path.c_str(), "w");
  std::fwrite(bytes.data(), 1, bytes.size(), out);
  std::fclose(out);
  service->ensure_embedded(path);
  EXPECT_EQ(service->resolve("gantry/hello")->repo_tags.size(), 1u);
  service->remove("gantry/hello", false, true);
  reopen();
  service->ensure_embedded(path);
  expect_nothing_left();
}

} // namespace
} // namespace gantry::test
