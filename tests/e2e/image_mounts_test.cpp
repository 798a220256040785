// Images as mounts, as a user meets them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/daemon.hpp"
#include "support/need.hpp"
#include "support/rootfs.hpp"

namespace gantry::test {
namespace {

using testing::HasSubstr;

class ImageMounts : public testing::Test {
 protected:
  void SetUp() override {
    if (auto why = need_root() + need_busybox(); !why.empty()) GTEST_SKIP() << why;
    daemon.start();
    import_busybox(daemon);
    // Two layers, so that it takes an overlay to show it.
    out({"run", "--name", "maker", "--network", "none", "busybox", "sh", "-c",
         "mkdir /data && echo kept >/data/f && ln -s /etc /out && ln -s ../../../etc /data/up"});
    out({"commit", "maker", "withdata:1"});
    out({"rm", "maker"});
  }
  std::string out(std::vector<std::string> args) {
    const Output o = daemon.gantry(std::move(args));
    EXPECT_EQ(o.code, 0) << o.err;
    return o.out;
  }
  std::string refused(std::vector<std::string> args) {
    const Output o = daemon.gantry(std::move(args));
    EXPECT_NE(o.code, 0) << o.out;
    return o.err;
  }
  std::string shell(const std::string& mount, const std::string& script) {
    return out({"run", "--rm", "--network", "none", "--mount", mount, "busybox", "sh", "-c", script});
  }
  Daemon daemon;
};

TEST_F(ImageMounts, show_the_files_of_all_layers_and_cannot_be_written) {
  EXPECT_EQ(shell("type=image,src=withdata:1,dst=/i", "cat /i/data/f; test -x /i/bin/busybox; echo $?"), "kept\n0\n");
  EXPECT_THAT(shell("type=image,src=withdata:1,dst=/i", "touch /i/x /i/data/x 2>&1; mount -o remount,rw /i 2>&1; true"),
              HasSubstr("touch: /i/x: Read-only file system\ntouch: /i/data/x: Read-only file system\n"));
  EXPECT_EQ(shell("type=image,src=busybox,dst=/i", "test -x /i/bin/busybox; echo $?"), "0\n"); // one layer
}

TEST_F(ImageMounts, show_a_part_and_never_more) {
  EXPECT_EQ(shell("type=image,src=withdata:1,dst=/i,image-subpath=data", "cat /i/f"), "kept\n");
  EXPECT_EQ(shell("type=image,src=withdata:1,dst=/i/file,image-subpath=data/f", "cat /i/file"), "kept\n");
  for (const char* path : {"out", "data/up/passwd"})
    EXPECT_THAT(refused({"run", "--rm", "--network", "none", "--mount",
                         "type=image,src=withdata:1,dst=/i,image-subpath=" + std::string(path), "busybox", "true"}),
                HasSubstr("it leads out of the image"))
        << path;
  EXPECT_THAT(refused({"run", "--rm", "--network", "none", "--mount", "type=image,src=withdata:1,dst=/i,image-subpath=nope",
                       "busybox", "true"}),
              HasSubstr("cannot access path nope of image withdata:1: no such file or directory"));
  EXPECT_THAT(refused({"create", "--mount", "type=image,src=withdata:1,dst=/i,image-subpath=../x", "busybox"}),
              HasSubstr("invalid mount config for type \"image\": subpath must be a relative path within the volume"));
  EXPECT_EQ(out({"ps", "-aq"}), "");
}

TEST_F(ImageMounts, keep_the_image_and_outlive_its_name) {
  const std::string image = out({"image", "inspect", "-f", "{{.Id}}", "withdata:1"});
  const std::string id = out({"run", "-d", "--name", "box", "--network", "none", "--mount", "type=image,src=withdata:1,dst=/i",
                              "busybox", "sleep", "1000"});
  EXPECT_EQ(out({"inspect", "-f", "{{range .Mounts}}{{.Type}} {{.Name}} {{.Destination}} {{.Mode}} {{.RW}}{{end}}", "box"}),
            "image withdata:1 /i  false\n");
  EXPECT_THAT(refused({"rmi", "withdata:1"}), HasSubstr("conflict: unable to"));
  daemon.kill();
  daemon.start();
  EXPECT_EQ(out({"exec", "box", "cat", "/i/data/f"}), "kept\n");
  out({"tag", "busybox", "withdata:1"}); // the name is another image's now
  out({"restart", "-t", "0", "box"});
  EXPECT_EQ(out({"exec", "box", "cat", "/i/data/f"}), "kept\n");
  out({"stop", "-t", "0", "box"});
  out({"cp", "box:/i/data/f", daemon.dir() + "/copied"}); // also of one that does not run
  EXPECT_THAT(refused({"cp", daemon.dir() + "/copied", "box:/i/data/g"}), HasSubstr("mounted volume is marked read-only"));
  out({"rm", "box"});
  out({"rmi", image.substr(0, image.size() - 1)});
}

TEST_F(ImageMounts, wrong_requests_are_told) {
  EXPECT_THAT(refused({"create", "--pull", "never", "--mount", "type=image,src=nope:1,dst=/i", "busybox"}),
              HasSubstr("No such image: nope:1"));
  EXPECT_THAT(refused({"create", "--mount", "type=image,dst=/i", "busybox"}),
              HasSubstr("invalid mount config for type \"image\": field Source must not be empty"));
  EXPECT_EQ(out({"ps", "-aq"}), "");
}

TEST_F(ImageMounts, work_with_the_docker_cli) {
  const Output o = daemon.docker({"run", "--rm", "--network", "none", "--mount",
                                  "type=image,src=withdata:1,dst=/i,image-subpath=data", "busybox", "cat", "/i/f"});
  if (o.err.find("mount type unknown") != std::string::npos || o.err.find("unexpected key") != std::string::npos)
    GTEST_SKIP() << "this docker CLI does not know image mounts";
  EXPECT_EQ(o.out, "kept\n") << o.err;
}

} // namespace
} // namespace gantry::test
