// Volumes as a user meets them: gantry and the docker CLI on one daemon.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <filesystem>
#include <fstream>

#include "support/daemon.hpp"
#include "support/need.hpp"
#include "support/rootfs.hpp"

namespace gantry::test {
namespace {

using testing::HasSubstr;

class Volumes : public testing::Test {
 protected:
  void SetUp() override {
    if (auto why = need_root() + need_busybox(); !why.empty()) GTEST_SKIP() << why;
    daemon.start();
    import_busybox(daemon);
  }
  Output gantry(std::vector<std::string> args, CommandOptions options = {}) {
    return daemon.gantry(std::move(args), std::move(options));
  }
  std::string out(std::vector<std::string> args) {
    const Output o = gantry(std::move(args));
    EXPECT_EQ(o.code, 0) << o.err;
    return o.out;
  }
  std::string refused(std::vector<std::string> args) {
    const Output o = gantry(std::move(args));
    EXPECT_NE(o.code, 0) << o.out;
    return o.err;
  }
  /// Runs a shell in a new container of busybox.
  std::string shell(std::vector<std::string> flags, const std::string& script) {
    std::vector<std::string> args = {"run", "--rm", "--network", "none"};
    args.insert(args.end(), flags.begin(), flags.end());
    for (const char* word : {"busybox", "sh", "-c"}) args.emplace_back(word);
    args.push_back(script);
    return out(std::move(args));
  }
  /// An image with a directory /data that has content, an owner, a mode, a link and a hard link in it.
  void make_image_with_data(const std::string& name, const std::string& change) {
    out({"run", "--name", "maker", "--network", "none", "busybox", "sh", "-c",
         "mkdir -p /data/sub && echo hi >/data/f && ln /data/f /data/g && ln -s f /data/l && echo x >/data/sub/x && "
         "chown 7:8 /data && chmod 2750 /data && chmod 600 /data/f"});
    out({"commit", "-c", change, "maker", name});
    out({"rm", "maker"});
  }
  std::string mountpoint(const std::string& volume) {
    std::string text = out({"volume", "inspect", "-f", "{{.Mountpoint}}", volume});
    if (!text.empty()) text.pop_back();
    return text;
  }
  Daemon daemon;
};

TEST_F(Volumes, keep_their_data_and_are_seen_on_the_host) {
  EXPECT_EQ(out({"volume", "create", "--label", "a=b", "data"}), "data\n");
  EXPECT_EQ(shell({"-v", "data:/d"}, "echo kept >/d/f"), "");
  EXPECT_EQ(shell({"-v", "data:/d:ro"}, "cat /d/f; touch /d/g 2>&1; true"), "kept\ntouch: /d/g: Read-only file system\n");
  EXPECT_EQ(mountpoint("data"), daemon.data_root() + "/volumes/data/_data");
  EXPECT_TRUE(std::filesystem::exists(mountpoint("data") + "/f"));
  EXPECT_EQ(out({"volume", "ls", "-q", "-f", "label=a=b"}), "data\n");
  EXPECT_EQ(out({"volume", "rm", "data"}), "data\n");
  EXPECT_FALSE(std::filesystem::exists(daemon.data_root() + "/volumes/data"));
}

TEST_F(Volumes, in_use_are_not_removed) {
  const std::string id = out({"create", "--name", "box", "--network", "none", "-v", "data:/d", "busybox"});
  EXPECT_EQ(refused({"volume", "rm", "data"}),
            "Error response from daemon: remove data: volume is in use - [" + id.substr(0, 64) + "]\n");
  EXPECT_EQ(out({"volume", "ls", "-q", "-f", "dangling=true"}), "");
  out({"rm", "-v", "box"});
  EXPECT_EQ(out({"volume", "ls", "-q"}), "data\n"); // it has a name: -v is not about it
  EXPECT_EQ(refused({"volume", "rm", "nope"}), "Error response from daemon: get nope: no such volume\n");
  EXPECT_EQ(out({"volume", "rm", "-f", "nope"}), "nope\n");
}

TEST_F(Volumes, get_what_the_image_has_at_their_place) {
  make_image_with_data("withdata", "VOLUME /data");
  const std::string look = "stat -c '%n %u:%g %a %h %F' /data /data/f /data/sub/x; readlink /data/l; cat /data/g";
  const std::string expected = shell({}, "true") +
                               "/data 7:8 2750 3 directory\n/data/f 0:0 600 2 regular file\n"
                               "/data/sub/x 0:0 644 1 regular file\nf\nhi\n";
  EXPECT_EQ(out({"run", "--rm", "--network", "none", "withdata", "sh", "-c", look}), expected);
  EXPECT_EQ(out({"run", "--rm", "--network", "none", "-v", "named:/data", "withdata", "sh", "-c", look}), expected);
  EXPECT_EQ(out({"run", "--rm", "--network", "none", "-v", "bare:/data:nocopy", "withdata", "ls", "-A", "/data"}), "");
  // Only into an empty one.
  EXPECT_EQ(shell({"-v", "used:/u"}, "echo mine >/u/f"), "");
  EXPECT_EQ(out({"run", "--rm", "--network", "none", "-v", "used:/data", "withdata", "cat", "/data/f"}), "mine\n");
  // The anonymous ones went with --rm.
  EXPECT_EQ(out({"volume", "ls", "-q"}), "bare\nnamed\nused\n");
}

TEST_F(Volumes, anonymous_ones_go_with_their_container_when_asked) {
  out({"create", "--name", "first", "--network", "none", "-v", "/x", "busybox"});
  out({"create", "--name", "second", "--network", "none", "--volumes-from", "first:ro", "busybox", "touch", "/x/f"});
  EXPECT_NE(gantry({"start", "-a", "second"}).code, 0);
  out({"rm", "-v", "first"});
  EXPECT_NE(out({"volume", "ls", "-q"}), ""); // the other has it still
  out({"rm", "-v", "second"});
  EXPECT_EQ(out({"volume", "ls", "-q"}), "");
  out({"create", "--name", "third", "--network", "none", "-v", "/x", "busybox"});
  out({"rm", "third"});
  EXPECT_THAT(out({"volume", "prune", "-f"}), HasSubstr("Deleted Volumes:"));
}

TEST_F(Volumes, propagate_only_from_where_mounts_are_shared) {
  const std::string dir = daemon.dir() + "/source";
  std::filesystem::create_directories(dir);
  ASSERT_EQ(::mount("tmpfs", dir.c_str(), "tmpfs", 0, nullptr), 0);
  ASSERT_EQ(::mount(nullptr, dir.c_str(), nullptr, MS_PRIVATE, nullptr), 0);
  const auto bind = [&](const char* mode) {
    return gantry({"run", "--rm", "--network", "none", "-v", dir + ":/m:" + mode, "busybox", "true"});
  };
  EXPECT_THAT(bind("rshared").err, HasSubstr("path " + dir + " is mounted on " + dir + " but it is not a shared mount"));
  EXPECT_THAT(bind("slave").err, HasSubstr("but it is not a shared or slave mount"));
  EXPECT_EQ(bind("rprivate").code, 0);
  ASSERT_EQ(::mount(nullptr, dir.c_str(), nullptr, MS_SHARED, nullptr), 0);
  for (const char* mode : {"rshared", "slave"}) EXPECT_EQ(bind(mode).code, 0) << bind(mode).err;
  ::umount2(dir.c_str(), MNT_DETACH);
}

TEST_F(Volumes, are_pruned_by_the_rules_of_the_version) {
  out({"volume", "create", "named"});
  out({"volume", "create", "--label", "keep", "other"});
  out({"volume", "create"});
  EXPECT_THAT(out({"volume", "prune", "-f"}), HasSubstr("Total reclaimed space: 0B"));
  EXPECT_EQ(out({"volume", "ls", "-q"}), "named\nother\n");
  out({"volume", "prune", "-f", "-a", "--filter", "label!=keep"});
  EXPECT_EQ(out({"volume", "ls", "-q"}), "other\n");
}

TEST_F(Volumes, with_a_device_are_mounted_from_the_first_use_to_the_last) {
  out({"volume", "create", "-o", "type=tmpfs", "-o", "device=tmpfs", "-o", "o=size=1m,uid=5", "mem"});
  out({"run", "-d", "--name", "one", "--network", "none", "-v", "mem:/m", "busybox", "sleep", "1000"});
  EXPECT_EQ(shell({"-v", "mem:/m"}, "stat -c %u /m; echo shared >/m/f"), "5\n");
  EXPECT_EQ(out({"exec", "one", "cat", "/m/f"}), "shared\n");
  daemon.kill();
  daemon.start();
  EXPECT_EQ(out({"exec", "one", "cat", "/m/f"}), "shared\n");
  out({"rm", "-f", "one"});
  EXPECT_TRUE(std::filesystem::is_empty(mountpoint("mem")));
  out({"volume", "create", "-o", "type=none", "-o", "device=/nonexistent", "-o", "o=bind", "broken"});
  EXPECT_THAT(refused({"run", "--rm", "--network", "none", "-v", "broken:/m", "busybox", "true"}),
              HasSubstr("error while mounting volume '" + mountpoint("broken") +
                        "': failed to mount local volume: mount /nonexistent:" + mountpoint("broken") +
                        ", flags: 0x1000: No such file or directory"));
  EXPECT_EQ(out({"ps", "-aq"}), "");
}

TEST_F(Volumes, wrong_input_is_told_and_leaves_nothing) {
  const std::string daemon_says = "Error response from daemon: ";
  EXPECT_EQ(refused({"volume", "create", "a"}),
            daemon_says + "create a: volume name is too short, names should be at least two alphanumeric characters\n");
  EXPECT_EQ(refused({"volume", "create", "x/y"}),
            daemon_says +
                "create x/y: \"x/y\" includes invalid characters for a local volume name, only "
                "\"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path\n");
  EXPECT_EQ(refused({"volume", "create", "-d", "nope", "vol1"}),
            daemon_says + "create vol1: error looking up volume plugin nope: plugin \"nope\" not found\n");
  EXPECT_EQ(refused({"volume", "create", "-o", "type=tmpfs", "vol1"}),
            daemon_says + "create vol1: missing required option: \"device\"\n");
  EXPECT_EQ(refused({"volume", "create", "-o", "bogus=1", "vol1"}), daemon_says + "create vol1: invalid option: \"bogus\"\n");
  EXPECT_THAT(refused({"create", "--network", "none", "-v", "vol1:/x", "-v", "vol2:/x/", "busybox"}),
              HasSubstr("Duplicate mount point: /x"));
  EXPECT_THAT(refused({"create", "--network", "none", "-v", "vol1:/bin/busybox", "busybox"}), HasSubstr("is not directory"));
  EXPECT_THAT(refused({"create", "--network", "none", "-v", "/bin/busybox", "busybox"}),
              HasSubstr("cannot mount volume over existing file"));
  EXPECT_THAT(refused({"create", "--network", "none", "--volumes-from", "nobody", "busybox"}),
              HasSubstr("No such container: nobody"));
  EXPECT_EQ(out({"volume", "ls", "-q"}), "");
  EXPECT_EQ(out({"ps", "-aq"}), "");
}

TEST_F(Volumes, show_a_part_of_themselves) {
  shell({"-v", "data:/d"}, "mkdir -p /d/in/side; echo part >/d/in/side/f; ln -s /etc /d/out");
  EXPECT_EQ(shell({"--mount", "type=volume,src=data,dst=/p,volume-subpath=in/side"}, "cat /p/f"), "part\n");
  EXPECT_THAT(refused({"run", "--rm", "--network", "none", "--mount", "type=volume,src=data,dst=/p,volume-subpath=none",
                       "busybox", "true"}),
              HasSubstr("no such file or directory"));
  EXPECT_THAT(refused({"run", "--rm", "--network", "none", "--mount", "type=volume,src=data,dst=/p,volume-subpath=out", "busybox",
                       "true"}),
              HasSubstr("leads out of the volume"));
}

TEST_F(Volumes, inner_mounts_come_after_outer_ones) {
  EXPECT_EQ(shell({"-v", "in:/a/b/c", "-v", "out:/a", "--tmpfs", "/a/b"}, "touch /a/b/c/f; mount | grep -o ' on /a[^ ]*'"),
            " on /a\n on /a/b\n on /a/b/c\n");
  EXPECT_TRUE(std::filesystem::exists(mountpoint("in") + "/f"));
}

TEST_F(Volumes, are_cloned_exported_and_imported) {
  const std::string look = "cd /d; stat -c '%n %u:%g %a %h' f g sub; readlink l; cat f";
  shell({"-v", "one:/d"}, "cd /d; echo hi >f; ln f g; ln -s f l; mkdir -m 700 sub; chown 7:8 sub; chmod 640 f");
  const std::string expected = "f 0:0 640 2\ng 0:0 640 2\nsub 7:8 700 2\nf\nhi\n";
  EXPECT_EQ(out({"volume", "clone", "one", "two"}), "two\n");
  EXPECT_EQ(shell({"-v", "two:/d"}, look + "; echo own >f"), expected);
  const std::string tar = daemon.dir() + "/one.tar";
  EXPECT_EQ(out({"volume", "export", "-o", tar, "one"}), "");
  EXPECT_EQ(out({"volume", "import", "three", tar}), "three\n");
  EXPECT_EQ(shell({"-v", "three:/d"}, look), expected);
  EXPECT_EQ(shell({"-v", "one:/d"}, look), expected);
  std::filesystem::remove(tar);
  EXPECT_EQ(out({"volume", "rm", "one", "two", "three"}), "one\ntwo\nthree\n"); // nobody uses them
}

TEST_F(Volumes, that_cannot_be_copied_leave_nothing) {
  out({"volume", "create", "there"});
  out({"volume", "create", "-o", "type=tmpfs", "-o", "device=tmpfs", "mem"});
  EXPECT_THAT(refused({"volume", "clone", "nope", "x"}), HasSubstr("get nope: no such volume"));
  EXPECT_THAT(refused({"volume", "clone", "there", "there"}), HasSubstr("volume there exists already"));
  EXPECT_THAT(refused({"volume", "clone", "there", "a/b"}), HasSubstr("includes invalid characters for a local volume name"));
  EXPECT_THAT(refused({"volume", "clone", "mem", "x"}), HasSubstr("volume mem is the device tmpfs: it cannot be cloned"));
  EXPECT_THAT(refused({"volume", "export", "-o", daemon.dir() + "/t", "nope"}), HasSubstr("get nope: no such volume"));
  CommandOptions garbage;
  garbage.input = std::string(2000, 'x');
  EXPECT_NE(gantry({"volume", "import", "x"}, garbage).code, 0);
  EXPECT_THAT(gantry({"volume", "import", "there"}, garbage).err, HasSubstr("volume there exists already"));
  EXPECT_EQ(out({"volume", "ls", "-q"}), "mem\nthere\n");
}

TEST_F(Volumes, are_renamed_when_nobody_uses_them) {
  shell({"-v", "one:/d", "--label", "x"}, "echo hi >/d/f");
  out({"volume", "create", "--label", "a=b", "two"});
  EXPECT_EQ(out({"volume", "rename", "one", "first"}), "first\n");
  EXPECT_EQ(out({"volume", "rename", "two", "one"}), "one\n");
  EXPECT_EQ(out({"volume", "inspect", "-f", "{{.Labels.a}}", "one"}), "b\n");
  EXPECT_EQ(shell({"-v", "first:/d"}, "cat /d/f"), "hi\n");
  out({"create", "--name", "user", "--network", "none", "-v", "first:/d", "busybox"});
  EXPECT_THAT(refused({"volume", "rename", "first", "x"}), HasSubstr("rename first: volume is in use - ["));
  out({"rm", "user"});
  EXPECT_THAT(refused({"volume", "rename", "first", "one"}), HasSubstr("rename first: volume one exists already"));
  EXPECT_THAT(refused({"volume", "rename", "nope", "x"}), HasSubstr("get nope: no such volume"));
  EXPECT_THAT(refused({"volume", "rename", "first", "a/b"}), HasSubstr("includes invalid characters for a local volume name"));
  EXPECT_EQ(out({"volume", "ls", "-q"}), "first\none\n");
  daemon.kill();
  daemon.start();
  EXPECT_EQ(out({"volume", "ls", "-q"}), "first\none\n");
  EXPECT_THAT(out({"events", "--since", "1h", "--until", "0s", "--filter", "event=rename"}), testing::Not(HasSubstr("nope")));
}

/// A file system that shares blocks, as the place of all volumes.
class SharedBlocks {
 public:
  SharedBlocks(std::string image, std::string place) : image_(std::move(image)), place_(std::move(place)) {
    why = run({"/bin/sh", "-c",
               "truncate -s 400M " + image_ + " && mkfs.xfs -q -m reflink=1 " + image_ + " && mount -o loop " + image_ + " " +
                   place_})
              .err;
  }
  ~SharedBlocks() {
    run({"umount", place_});
    std::filesystem::remove(image_);
  }
  std::string why; ///< not; empty: it is there

 private:
  std::string image_, place_;
};

TEST_F(Volumes, share_their_blocks_with_a_snapshot) {
  daemon.terminate();
  const SharedBlocks blocks(daemon.dir() + "/xfs", daemon.data_root() + "/volumes");
  if (!blocks.why.empty()) GTEST_SKIP() << "needs mkfs.xfs and a kernel that mounts it: " << blocks.why;
  daemon.start();
  shell({"-v", "one:/d"},
        "cd /d; dd if=/dev/urandom of=big bs=1M count=100 2>/dev/null; echo then >f; ln f g; mkfifo p; chmod 640 f");
  EXPECT_EQ(out({"volume", "snapshot", "one", "two"}), "two\n");
  shell({"-v", "one:/d"}, "echo now >/d/f");
  EXPECT_EQ(shell({"-v", "two:/d"}, "cd /d; cat f g; stat -c '%a %h' f; test -p p && echo fifo; wc -c <big"),
            "then\nthen\n640 2\nfifo\n104857600\n");
  const auto space = std::filesystem::space(daemon.data_root() + "/volumes");
  EXPECT_GT(space.free, 200U << 20) << "the snapshot has blocks of its own";
  EXPECT_THAT(refused({"volume", "snapshot", "one", "two"}), HasSubstr("snapshot one: volume two exists already"));
  EXPECT_THAT(refused({"volume", "snapshot", "nope", "x"}), HasSubstr("get nope: no such volume"));
  EXPECT_EQ(out({"volume", "rm", "one", "two"}), "one\ntwo\n");
  daemon.terminate();
}

TEST_F(Volumes, are_not_snapshotted_where_blocks_cannot_be_shared) {
  out({"volume", "create", "one"});
  const Output answer = gantry({"volume", "snapshot", "one", "two"});
  if (answer.code == 0) GTEST_SKIP() << "needs a file system that does not share blocks in " << daemon.data_root();
  EXPECT_THAT(answer.err, HasSubstr("cannot share blocks between files"));
  EXPECT_EQ(out({"volume", "ls", "-q"}), "one\n");
}

TEST_F(Volumes, tell_what_happens_to_them_in_order) {
  out({"volume", "create", "data"});
  out({"run", "--rm", "--network", "none", "-v", "data:/d", "busybox", "true"});
  out({"volume", "rm", "data"});
  const std::string all = out({"events", "--since", "1h", "--until", "0s", "--filter", "type=volume", "--filter",
                               "type=container", "--format", "{{.Type}} {{.Action}}"});
  const auto at = [&](const std::string& what) { return all.find(what); };
  EXPECT_LT(at("volume create"), at("volume mount"));
  EXPECT_LT(at("volume mount"), at("container start"));
  EXPECT_LT(at("container start"), at("volume unmount"));
  EXPECT_LT(at("volume unmount"), at("container die"));
  EXPECT_LT(at("container destroy"), at("volume destroy"));
}

TEST_F(Volumes, half_filled_ones_are_emptied_after_a_crash) {
  make_image_with_data("withdata", "CMD [\"true\"]");
  out({"volume", "create", "data"});
  daemon.terminate();
  daemon.start({{"GANTRY_FAILPOINTS", "create.after_fill=kill"}});
  (void)gantry({"create", "--name", "box", "--network", "none", "-v", "data:/data", "-v", "made:/data/sub", "withdata"});
  daemon.wait_exit();
  daemon.start();
  EXPECT_EQ(out({"volume", "ls", "-q"}), "data\n");
  EXPECT_TRUE(std::filesystem::is_empty(mountpoint("data")));
  EXPECT_EQ(out({"run", "--rm", "--network", "none", "-v", "data:/data", "withdata", "cat", "/data/f"}), "hi\n");
}

} // namespace
} // namespace gantry::test
