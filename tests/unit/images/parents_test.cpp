#include <fcntl.h>
#include <unistd.h>

#include "base/file.hpp"
#include "base/id.hpp"
#include "images/digest.hpp"
#include "images/image_store.hpp"
#include "service_fixture.hpp"

namespace gantry::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// An image "base:1", and what is made of it.
class ImageParents : public ImagesTest {
 protected:
  void SetUp() override {
    load(docker_archive({layer_tar("one")}, {"base:1"}));
    base = service->resolve("base:1")->id;
    events.clear();
  }
  std::string commit(const std::string& parent, const std::string& repo, const std::string& comment = "") {
    images::CommitOptions options;
    options.parent = parent;
    options.repo = repo;
    options.comment = comment;
    options.config = Json::object();
    return service->commit(options, [&](int out) {
      const auto tar = layer_tar(repo + comment);
      EXPECT_EQ(::write(out, tar.data(), tar.size()), static_cast<ssize_t>(tar.size()));
      return AppliedLayer{images::sha256_of(tar), tar.size()};
    });
  }
  std::vector<std::string> remove(const std::string& reference, bool force = false, bool prune = true) {
    std::vector<std::string> lines;
    for (const auto& record : service->remove(reference, force, prune))
      lines.push_back(record.untagged ? "U " + *record.untagged : "D " + *record.deleted);
    return lines;
  }
  std::string base;
};

TEST_F(ImageParents, a_commit_remembers_what_it_was_made_of) {
  const auto id = commit(base, "app");
  EXPECT_EQ(service->get(id)->parent, base);
  reopen();
  EXPECT_EQ(service->get(id)->parent, base);
  EXPECT_EQ(service->get(base)->parent, "");
}

TEST_F(ImageParents, an_image_with_children_is_not_deleted) {
  const auto id = commit(base, "app");
  EXPECT_THAT(remove("base:1"), ElementsAre("U base:1"));
  for (const bool force : {false, true}) {
    const auto error = error_of([&] { remove(base, force); });
    EXPECT_EQ(error.code(), Code::in_use);
    EXPECT_EQ(error.what(),
              "conflict: unable to delete " + short_id(base) + " (cannot be forced) - image has dependent child images");
  }
  EXPECT_TRUE(service->get(base));
}

TEST_F(ImageParents, go_with_the_last_child) {
  const auto middle = commit(base, ""), app = commit(middle, "app"), other = commit(middle, "", "other");
  remove("base:1");
  EXPECT_EQ(remove("app")[0], "U app:latest");
  EXPECT_TRUE(service->get(middle)) << "another child is there";
  const auto lines = remove(other);
  EXPECT_EQ(lines.front(), "D " + other);
  EXPECT_THAT(lines, ::testing::Contains("D " + middle));
  EXPECT_THAT(lines, ::testing::Contains("D " + base));
  expect_nothing_left();
}

TEST_F(ImageParents, stay_when_they_have_a_name_or_a_container_or_are_to_be_kept) {
  const auto middle = commit(base, ""), app = commit(middle, "app");
  EXPECT_THAT(remove("app", false, false), ::testing::Not(::testing::Contains("D " + middle)));
  commit(middle, "app", "again");
  users = {{"d2b1700df712171ffa96846f1ecdbf16227fd232253faf0fa37c8c185c4d8edd", false}};
  remove("app", true);
  EXPECT_TRUE(service->get(middle)) << "its container holds it";
  users.clear();
  remove(middle);
  EXPECT_TRUE(service->get(base)) << "its name holds it";
}

TEST_F(ImageParents, travel_in_archives) {
  const auto app = commit(base, "app");
  const auto path = root / "saved.tar";
  service->save({"app", "base:1"})(open_file(path, O_RDWR | O_CREAT | O_TRUNC, 0600));
  remove("app");
  remove("base:1");
  expect_nothing_left();
  load(read_file(path, 64 << 20));
  EXPECT_EQ(service->get(app)->parent, base);
}

TEST_F(ImageParents, of_an_archive_have_to_be_the_history_s) {
  const auto one = layer_tar("one"), two = layer_tar("two");
  const auto a = config_for({one}), b = config_for({two});
  TarBuilder archive;
  archive.file("a.json", a).file("b.json", b).file("one.tar", one).file("two.tar", two);
  const Json manifest = {
      {{"Config", "a.json"}, {"RepoTags", nullptr}, {"Layers", {"one.tar"}}},
      {{"Config", "b.json"}, {"RepoTags", nullptr}, {"Layers", {"two.tar"}}, {"Parent", images::sha256_of(a)}}};
  archive.file("manifest.json", manifest.dump());
  EXPECT_EQ(error_of([&] { load(archive.finish()); }).what(),
            "image " + images::sha256_of(a) + " is not a valid parent for " + images::sha256_of(b));
  EXPECT_EQ(ingests(), 0u);
}

} // namespace
} // namespace gantry::test
