// Mounts of a running container that come and go.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/daemon.hpp"
#include "support/need.hpp"
#include "support/rootfs.hpp"

namespace gantry::test {
namespace {

using testing::HasSubstr;

class LiveMounts : public testing::Test {
 protected:
  void SetUp() override {
    if (auto why = need_root() + need_busybox(); !why.empty()) GTEST_SKIP() << why;
    daemon.start();
    import_busybox(daemon);
    std::filesystem::create_directories(host());
    std::ofstream(host() + "/f") << "host\n";
  }
  std::string host() const { return daemon.data_root() + "-host"; }
  std::string out(std::vector<std::string> args) {
    const Output o = daemon.gantry(args);
    EXPECT_EQ(o.code, 0) << args.back() << ": " << o.err;
    return o.out;
  }
  std::string refused(std::vector<std::string> args) {
    const Output o = daemon.gantry(std::move(args));
    EXPECT_EQ(o.code, 1) << o.out;
    return o.err;
  }
  void run(std::vector<std::string> flags) {
    std::vector<std::string> args = {"run", "-d", "--name", "box", "--network", "none"};
    args.insert(args.end(), flags.begin(), flags.end());
    for (const char* word : {"busybox", "sleep", "1000"}) args.emplace_back(word);
    out(std::move(args));
  }
  std::string in_box(const std::string& script) { return out({"exec", "box", "sh", "-c", script}); }
  std::string mounts() { return out({"inspect", "-f", "{{range .Mounts}}{{.Type}} {{.Destination}} {{.RW}} {{end}}", "box"}); }
  void TearDown() override {
    if (daemon.pid() > 0) daemon.gantry({"rm", "-f", "box"});
  }
  Daemon daemon;
};

TEST_F(LiveMounts, a_bind_and_a_volume_come_go_and_outlast_a_restart) {
  run({});
  const std::string pid = out({"inspect", "-f", "{{.State.Pid}}", "box"});
  out({"update", "--mount-add", "type=bind,src=" + host() + ",dst=/b,readonly", "--mount-add", "type=volume,src=data,dst=/v",
       "box"});
  EXPECT_EQ(in_box("cat /b/f; echo kept >/v/f; touch /b/x 2>/dev/null || echo read-only"), "host\nread-only\n");
  EXPECT_EQ(mounts(), "bind /b false volume /v true \n");
  EXPECT_THAT(refused({"volume", "rm", "data"}), HasSubstr("volume is in use"));
  EXPECT_EQ(out({"cp", "box:/v/f", "-"}).substr(0, 1), "f");
  EXPECT_EQ(out({"inspect", "-f", "{{.State.Pid}}", "box"}), pid);
  out({"restart", "-t", "0", "box"});
  EXPECT_EQ(in_box("cat /b/f /v/f"), "host\nkept\n");
  out({"update", "--mount-rm", "/b", "--mount-rm", "/v", "box"});
  EXPECT_EQ(in_box("ls /b /v | grep -c f; true"), "0\n");
  EXPECT_EQ(mounts(), "\n");
  out({"volume", "rm", "data"});
}

TEST_F(LiveMounts, outlast_the_engine) {
  run({});
  out({"update", "--mount-add", "type=volume,src=data,dst=/v", "box"});
  daemon.kill();
  daemon.start();
  EXPECT_EQ(in_box("echo x >/v/f; cat /v/f"), "x\n");
  out({"update", "--mount-rm", "/v", "box"});
  out({"volume", "rm", "data"});
}

TEST_F(LiveMounts, work_in_containers_that_are_paused_read_only_and_remapped) {
  run({"--read-only", "-v", "/there"});
  out({"pause", "box"});
  out({"update", "--mount-add", "type=bind,src=" + host() + ",dst=/tmp", "box"});
  out({"unpause", "box"});
  EXPECT_EQ(in_box("cat /tmp/f"), "host\n");
  EXPECT_THAT(refused({"update", "--mount-add", "type=bind,src=" + host() + ",dst=/missing", "box"}),
              HasSubstr("read-only file system"));
  EXPECT_EQ(mounts().find("/missing"), std::string::npos);
}

TEST_F(LiveMounts, leave_nothing_when_they_cannot_be) {
  run({"-v", host() + ":/taken/deep"});
  struct Row {
    const char *mount, *why;
  };
  const Row rows[] = {
      {"type=bind,src=/no/such,dst=/a", "bind source path does not exist: /no/such"},
      {"type=bind,src=/,dst=/taken/deep", "Duplicate mount point: /taken/deep"},
      {"type=bind,src=/,dst=/taken", "a mount at /taken would cover the one at /taken/deep"},
      {"type=bind,src=/,dst=/", "destination can't be '/'"},
      {"type=bind,src=/,dst=/sys/fs", "/sys/fs is the engine's in a running container"},
      {"type=tmpfs,dst=/t", "only binds and volumes can be added by an update"},
      {"type=volume,src=fresh,dst=/bin/busybox", "Are you trying to mount a directory onto a file"},
      {"type=volume,src=fresh,dst=/v,volume-driver=nosuch", "plugin \"nosuch\" not found"},
  };
  const std::string before = mounts();
  for (const Row& row : rows) EXPECT_THAT(refused({"update", "--mount-add", row.mount, "box"}), HasSubstr(row.why)) << row.mount;
  EXPECT_THAT(refused({"update", "--mount-rm", "/nothing", "box"}), HasSubstr("the container has no bind or volume at /nothing"));
  EXPECT_EQ(mounts(), before);
  EXPECT_EQ(out({"volume", "ls", "-q"}), "");
}

} // namespace
} // namespace gantry::test
