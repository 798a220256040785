#include <fstream>

#include "service_fixture.hpp"

namespace gantry::test {
namespace {

class ImageGarbage : public ImagesTest {};

class NoCall final : public Call {
 public:
  bool cancelled() const override { return false; }
  int cancel_fd() const override { return -1; }
  std::int64_t deadline_ns() const override { return 0; }
  void progress(std::uint64_t, std::uint64_t) override {}
};

TEST_F(ImageGarbage, deletes_what_a_crash_left_behind) {
  NoCall call;
  storage.prepare(call, "k1", "", {});
  storage.commit(call, "orphan", "k1", "");
  storage.prepare(call, "k2", "orphan", {});
  storage.commit(call, "orphan-child", "k2", "orphan");
  std::filesystem::create_directory(paths.ingest() + "/half");
  std::ofstream(paths.blob("sha256:" + std::string(64, 'a'))) << "x";
  service->collect_garbage();
  expect_nothing_left();
}

TEST_F(ImageGarbage, keeps_images_and_layers_that_containers_build_on) {
  NoCall call;
  load(docker_archive({layer_tar("one")}, {"a:1"}));
  storage.prepare(call, "k1", "", {});
  storage.commit(call, "orphan", "k1", "");
  storage.prepare(call, "container", "orphan", {});
  service->collect_garbage();
  EXPECT_EQ(storage.committed().size(), 2u);
  EXPECT_EQ(blobs(), 1u);
  EXPECT_TRUE(service->resolve("a:1"));
}

} // namespace
} // namespace gantry::test
