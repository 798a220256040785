// Wrong input gets a precise message and the right exit code, and leaves nothing half-made.
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <filesystem>

#include "support/daemon.hpp"
#include "support/need.hpp"
#include "support/rootfs.hpp"

namespace gantry::test {
namespace {

class BadInput : public testing::Test {
 protected:
  void SetUp() override {
    if (auto why = need_root() + need_busybox(); !why.empty()) GTEST_SKIP() << why;
  }
  void expect_nothing_left() {
    EXPECT_EQ(daemon.gantry({"ps", "-aq"}).out, "");
    std::error_code none;
    EXPECT_TRUE(std::filesystem::is_empty(daemon.data_root() + "/containers", none));
    EXPECT_TRUE(std::filesystem::is_empty(daemon.data_root() + "/content/ingest", none));
  }
  Daemon daemon;
};

TEST_F(BadInput, an_unknown_user_names_the_user) {
  daemon.start();
  import_busybox(daemon);
  const Output o = daemon.gantry({"run", "--rm", "--network", "none", "-u", "nobody-here", "busybox", "true"});
  EXPECT_EQ(o.code, 125) << o.err;
  EXPECT_NE(o.err.find("unable to find user nobody-here: no matching entries in passwd file"), std::string::npos) << o.err;
  EXPECT_TRUE(eventually([this] { return daemon.gantry({"ps", "-aq"}).out.empty(); }));
}

TEST_F(BadInput, hostile_archives_are_refused_whole) {
  daemon.start();
  const std::string d = daemon.dir();
  const struct {
    const char* name;
    const char* make;
  } archives[] = {
      {"no archive at all", "head -c 4096 /dev/urandom >$1/bad.tar"},
      {"an empty file", ": >$1/bad.tar"},
      {"truncated", "head -c 20000 $2/share/gantry/hello.tar >$1/bad.tar"},
      {"a manifest that names what is not there",
       "mkdir -p $1/t; echo '[{\"Config\":\"x.json\",\"RepoTags\":[\"a:b\"],\"Layers\":[\"l.tar\"]}]' >$1/t/manifest.json; tar "
       "-C $1/t -cf $1/bad.tar ."},
      {"path traversal in the manifest",
       "mkdir -p $1/t; echo '[{\"Config\":\"../../../../etc/passwd\",\"RepoTags\":[\"a:b\"],\"Layers\":[]}]' "
       ">$1/t/manifest.json; tar -C $1/t -cf $1/bad.tar ."},
      {"a manifest that is a symlink out of the archive",
       "mkdir -p $1/t; ln -sf /etc/passwd $1/t/manifest.json; tar -C $1/t -cf $1/bad.tar ."},
      {"broken JSON", "mkdir -p $1/t; rm -f $1/t/manifest.json; echo '[{' >$1/t/manifest.json; tar -C $1/t -cf $1/bad.tar ."},
  };
  const std::string images = daemon.gantry({"images", "-aq"}).out;
  for (const auto& archive : archives) {
    SCOPED_TRACE(archive.name);
    ASSERT_EQ(run({"/bin/sh", "-c", archive.make, "sh", d, build_dir()}).code, 0);
    const Output o = daemon.gantry({"load", "-i", d + "/bad.tar"});
    EXPECT_EQ(o.code, 1);
    EXPECT_FALSE(o.err.empty());
    EXPECT_EQ(daemon.gantry({"images", "-aq"}).out, images);
    expect_nothing_left();
  }
}

TEST_F(BadInput, a_bad_flag_of_the_daemon_is_named) {
  daemon.launch({});
  daemon.wait_ready();
  Output o = run({build_dir() + "/bin/gantryd", "--nosuch"});
  EXPECT_EQ(o.code, 1);
  EXPECT_NE(o.err.find("--nosuch"), std::string::npos) << o.err;
  o = run({build_dir() + "/bin/gantryd", "--data-root", daemon.data_root(), "--exec-root", daemon.dir() + "/x2", "-H",
           "unix://" + daemon.dir() + "/s2"});
  EXPECT_EQ(o.code, 1) << "two daemons on one data root";
  EXPECT_NE(o.err.find(daemon.data_root()), std::string::npos) << o.err;
}

TEST_F(BadInput, a_bad_key_in_the_config_names_file_key_and_what_is_allowed) {
  const std::string file = daemon.dir() + "/gantryd.yaml";
  const struct {
    const char *text, *says;
  } rows[] = {{"nosuch-key: 1\n", "nosuch-key"}, {"log-level: loud\n", "loud"}, {"hosts: 7\n", "hosts"}, {"{", "gantryd.yaml"}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    run({"/bin/sh", "-c", "printf '%s' \"$1\" >\"$2\"", "sh", row.text, file});
    const Output o = run({build_dir() + "/bin/gantryd", "--validate", "--config-file", file});
    EXPECT_EQ(o.code, 1);
    EXPECT_NE(o.err.find(row.says), std::string::npos) << o.err;
    EXPECT_NE(o.err.find("gantryd.yaml"), std::string::npos) << o.err;
  }
}

TEST_F(BadInput, a_read_only_data_root_is_said_at_start) {
  ASSERT_EQ(::mkdir(daemon.data_root().c_str(), 0755), 0);
  ASSERT_EQ(::mount("tmpfs", daemon.data_root().c_str(), "tmpfs", MS_RDONLY, nullptr), 0);
  daemon.launch();
  EXPECT_EQ(daemon.wait_exit().code, 1);
  EXPECT_NE(daemon.log().find("ead-only file system"), std::string::npos) << daemon.log();
  ::umount(daemon.data_root().c_str());
}

TEST_F(BadInput, a_full_disk_fails_the_load_and_leaves_the_daemon_usable) {
  ASSERT_EQ(::mkdir(daemon.data_root().c_str(), 0755), 0);
  ASSERT_EQ(::mount("tmpfs", daemon.data_root().c_str(), "tmpfs", 0, "size=12m"), 0);
  daemon.start();
  run({"/bin/sh", "-c", "mkdir $1/big; head -c 30000000 /dev/urandom >$1/big/file; tar -C $1/big -cf $1/big.tar .; rm -r $1/big",
       "sh", daemon.dir()});
  const Output o = daemon.gantry({"import", daemon.dir() + "/big.tar", "big"});
  EXPECT_EQ(o.code, 1);
  EXPECT_NE(o.err.find("no space left on device"), std::string::npos) << o.err;
  EXPECT_EQ(daemon.gantry({"images", "-q", "big"}).out, "");
  expect_nothing_left();
  EXPECT_EQ(daemon.gantry({"run", "--rm", "--network", "none", "gantry/hello", "true"}).code, 0);
  daemon.terminate();
  ::umount(daemon.data_root().c_str());
}

TEST_F(BadInput, a_missing_plugin_is_said_at_start) {
  run({"/bin/sh", "-c", "mkdir -p $1/bin $1/lib/gantry/plugins && cp $2/bin/gantryd $1/bin/ && cp -r $2/share $2/libexec $1/",
       "sh", daemon.dir() + "/i", build_dir()});
  const Output o = run({daemon.dir() + "/i/bin/gantryd", "--data-root", daemon.data_root(), "--exec-root", daemon.exec_root(),
                        "-H", daemon.host(), "--bridge", "none"});
  EXPECT_EQ(o.code, 1);
  EXPECT_NE(o.err.find("runtime-linux"), std::string::npos) << o.err;
}

} // namespace
} // namespace gantry::test
