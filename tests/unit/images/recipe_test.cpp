#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "base/file.hpp"
#include "files/tar_pass.hpp"
#include "images/check.hpp"
#include "images/digest.hpp"
#include "images/image_store.hpp"
#include "images/layer_recipe.hpp"
#include "service_fixture.hpp"

// A layer that a commit makes is kept as files and as a recipe of its tar, which comes into being when somebody needs it.
namespace gantry::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LayerRecipe : public ImagesTest {
 protected:
  void SetUp() override {
    std::signal(SIGPIPE, SIG_IGN); // as the daemon does
    load(docker_archive({layer_tar("base")}, {"base:1"}));
  }

  static std::string files_tar() {
    TarBuilder tar;
    tar.file("a", "first").symlink("b", "a").file("big", std::string(300'000, 'x')).hardlink("c", "a").file("empty", "");
    tar.file(std::string(90, 'd') + "/" + std::string(90, 'n'), "a name in two fields");
    return tar.finish();
  }

  /// Before the header of its entry.
  static std::string pax_header(const std::string& key, const std::string& value) {
    std::string record = " " + key + "=" + value + "\n";
    record = std::to_string(record.size() + std::to_string(record.size() + 8).size()) + record;
    files::TarBlock block{};
    std::snprintf(block.data() + 124, 12, "%011zo", record.size());
    block[156] = 'x';
    std::snprintf(block.data() + files::tar_checksum.at, files::tar_checksum.size, "%06o", files::tar_checksum_of(block));
    record.resize((record.size() + block.size() - 1) / block.size() * block.size());
    return {std::string(block.data(), block.size()) + record};
  }

  std::string commit(const std::string& tar, const std::string& repo = "app") {
    images::CommitOptions options;
    options.parent = service->resolve("base:1")->id;
    options.repo = repo;
    options.config = Json::object();
    return service->commit(options, [&](int out) {
      for (std::size_t done = 0; done < tar.size();) {
        const ssize_t n = ::write(out, tar.data() + done, tar.size() - done);
        if (n < 0) throw Error(Code::internal, "write", errno);
        done += static_cast<std::size_t>(n);
      }
      return AppliedLayer{};
    });
  }

  images::Layer top(const std::string& name) {
    const auto image = service->resolve(name);
    return service->store().catalogue()->layers.at(image->top_layer);
  }

  std::string save(const std::string& name) {
    auto path = root / "saved.tar";
    service->save({name})(open_file(path, O_RDWR | O_CREAT | O_TRUNC, 0600));
    return read_file(path, 64 << 20);
  }

  bool is_there(const std::string& path) const { return std::filesystem::exists(path); }

  std::vector<std::string> problems(bool repair = false) {
    std::vector<std::string> found;
    for (const auto& one : images::check_store(*service, paths, repair).problems) found.push_back(one.kind + ' ' + one.problem);
    return found;
  }
};

TEST_F(LayerRecipe, is_all_that_a_commit_keeps_beside_the_files) {
  const auto tar = files_tar();
  commit(tar);
  const auto layer = top("app");
  EXPECT_EQ(layer.blob, layer.diff_id);
  EXPECT_TRUE(images::is_recipe_only(paths, layer));
  EXPECT_LT(std::filesystem::file_size(images::recipe_path(paths, layer.blob)), 2000u);
  EXPECT_EQ(ingests(), 0u);
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(LayerRecipe, makes_the_tar_for_a_save_byte_for_byte) {
  const auto id = commit(files_tar());
  const auto layer = top("app");
  const auto archive = save("app");
  const auto blob = read_file(paths.blob(layer.blob), 64 << 20);
  EXPECT_EQ(images::sha256_of(blob), layer.diff_id);
  EXPECT_EQ(blob.size(), layer.blob_size);
  EXPECT_THAT(problems(), IsEmpty());
  service->remove("app", true, true);
  service->remove("base:1", true, true);
  expect_nothing_left();
  load(archive);
  EXPECT_EQ(service->resolve("app")->id, id);
  EXPECT_EQ(top("app").blob, layer.blob);
}

TEST_F(LayerRecipe, outlives_a_restart_and_goes_with_its_layer) {
  commit(files_tar());
  reopen();
  service->collect_garbage();
  const auto layer = top("app");
  EXPECT_TRUE(images::is_recipe_only(paths, layer));
  images::make_blob(*service, layer, [] {});
  EXPECT_TRUE(is_there(paths.blob(layer.blob)));
  service->remove("app", true, true);
  service->remove("base:1", true, true);
  expect_nothing_left();
}

TEST_F(LayerRecipe, that_no_layer_knows_is_deleted_at_a_start) {
  const auto stray = images::recipe_path(paths, "sha256:" + std::string(64, 'a'));
  std::ofstream(stray) << "left by a crash";
  EXPECT_THAT(problems(), ElementsAre("blob no image knows it"));
  service->collect_garbage();
  EXPECT_FALSE(is_there(stray));
}

TEST_F(LayerRecipe, shows_files_that_have_changed) {
  commit(files_tar());
  const auto layer = top("app");
  storage.spoil(layer.chain, files_tar().find("first"));
  EXPECT_EQ(error_of([&] { save("app"); }).code(), Code::data_loss);
  EXPECT_FALSE(is_there(paths.blob(layer.blob)));
  EXPECT_EQ(ingests(), 0u);
  const auto found = problems();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found.front(), ::testing::StartsWith("blob the files of its layer make one with the digest sha256:"));
}

TEST_F(LayerRecipe, shows_files_that_are_missing) {
  commit(files_tar());
  const auto layer = top("app");
  for (const auto& tar : {TarBuilder().file("a", "first").finish(), TarBuilder().file("a", std::string(600, 'f')).finish()}) {
    storage.replace(layer.chain, tar);
    EXPECT_EQ(error_of([&] { save("app"); }).code(), Code::data_loss);
  }
  EXPECT_EQ(ingests(), 0u);
}

TEST_F(LayerRecipe, that_is_damaged_is_told) {
  commit(files_tar());
  const auto layer = top("app");
  std::filesystem::resize_file(images::recipe_path(paths, layer.blob), 20);
  EXPECT_EQ(error_of([&] { save("app"); }).code(), Code::data_loss);
  EXPECT_EQ(problems().size(), 1u);
}

TEST_F(LayerRecipe, is_not_needed_for_the_same_layer_that_was_loaded) {
  const auto id = commit(files_tar());
  const auto archive = save("app");
  service->remove("app", true, true);
  load(archive);
  EXPECT_EQ(commit(files_tar(), "again").empty(), false);
  EXPECT_FALSE(is_there(images::recipe_path(paths, top("again").blob)));
  service->remove("app", true, true);
  EXPECT_THAT(problems(), IsEmpty());
  save("again");
}

/// What is named like a whiteout is none of the layer's files, whatever it holds.
TEST_F(LayerRecipe, has_the_content_of_what_is_named_like_a_whiteout) {
  TarBuilder tar;
  const std::string large(3'000'000, 'l');
  tar.file(".wh.x", "content").file("a", "first").file("d/.wh..wh..opq", "opaque").file("d/.wh.large", large).file("z", "last");
  commit(tar.finish());
  const auto layer = top("app");
  storage.replace(layer.chain, TarBuilder().file("a", "first").file("z", "last").finish());
  EXPECT_THAT(problems(), IsEmpty());
  const auto archive = save("app");
  EXPECT_EQ(images::sha256_of(read_file(paths.blob(layer.blob), 64 << 20)), layer.diff_id);
  service->remove("app", true, true);
  load(archive);
  EXPECT_EQ(top("app").blob, layer.blob);
}

TEST_F(LayerRecipe, has_headers_of_any_size) {
  commit(pax_header("SCHILY.xattr.user.a", std::string(20'000'000, 'v')) + TarBuilder().file("a", "first").finish());
  const auto layer = top("app");
  storage.replace(layer.chain, TarBuilder().file("a", "first").finish());
  EXPECT_THAT(problems(), IsEmpty());
  save("app");
}

TEST_F(LayerRecipe, finds_files_that_come_in_another_order) {
  commit(TarBuilder().file("a", "first").file("b", "second").file("c", "third").finish());
  const auto layer = top("app");
  storage.replace(layer.chain, TarBuilder().file("c", "third").file("a", "first").file("b", "second").finish());
  EXPECT_THAT(problems(), IsEmpty());
  save("app");
  EXPECT_EQ(images::sha256_of(read_file(paths.blob(layer.blob), 64 << 20)), layer.diff_id);
}

TEST_F(LayerRecipe, that_is_being_followed_ends_when_nobody_wants_the_tar) {
  commit(files_tar());
  const auto layer = top("app");
  const auto stop = [] { throw Error(Code::cancelled, "enough"); };
  EXPECT_EQ(error_of([&] { images::make_blob(*service, layer, stop); }).code(), Code::cancelled);
  EXPECT_EQ(ingests(), 0u);
  EXPECT_TRUE(images::is_recipe_only(paths, layer));
}

TEST_F(LayerRecipe, of_another_version_is_not_followed) {
  commit(files_tar());
  const auto layer = top("app");
  std::ofstream(images::recipe_path(paths, layer.blob)) << "gantry recipe 2\n";
  EXPECT_EQ(error_of([&] { save("app"); }).code(), Code::data_loss);
}

TEST_F(LayerRecipe, of_nothing_is_not_kept) {
  commit(TarBuilder().finish());
  EXPECT_EQ(service->resolve("app")->chains, service->resolve("base:1")->chains);
  EXPECT_EQ(storage.active(), 0u);
  EXPECT_EQ(ingests(), 0u);
}

TEST_F(LayerRecipe, of_what_cannot_be_written_leaves_nothing) {
  storage.fail_commit(1);
  EXPECT_EQ(error_of([&] { commit(files_tar()); }).code(), Code::resource_exhausted);
  EXPECT_EQ(storage.active(), 0u);
  EXPECT_EQ(ingests(), 0u);
  EXPECT_EQ(blobs(), 1u);
  EXPECT_EQ(service->list().size(), 1u);
}

} // namespace
} // namespace gantry::test
