// Files out of containers and into them: gantry cp, docker cp and the API, commit, diff; also against containers that fight back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/daemon.hpp"
#include "support/http_client.hpp"
#include "support/need.hpp"
#include "support/rootfs.hpp"

namespace gantry::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Copy : public testing::Test {
 protected:
  void SetUp() override {
    if (auto why = need_root() + need_busybox(); !why.empty()) GTEST_SKIP() << why;
    daemon.start();
    import_busybox(daemon);
    std::string pattern = "/tmp/gantry-copy-XXXXXX";
    local = ::mkdtemp(pattern.data());
  }
  void TearDown() override {
    if (!local.empty()) fs::remove_all(local);
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
  /// A container "box" with /data: f (600, 5:6), sub/g, a link l to f, /lnk → /data, /dangling.
  void make_box(std::vector<std::string> flags = {}) {
    std::vector<std::string> args = {"run", "-d", "--name", "box", "--network", "none"};
    args.insert(args.end(), flags.begin(), flags.end());
    for (const char* word : {"busybox", "sh", "-c"}) args.emplace_back(word);
    args.emplace_back(
        "mkdir -p /data/sub /t; echo hi >/data/f; chown 5:6 /data/f; chmod 600 /data/f; echo x >/data/sub/g; ln -s f /data/l; "
        "ln -s data /lnk; ln -s /nowhere /dangling; : >/ready; exec sleep 1000");
    out(args);
    ASSERT_TRUE(eventually([this] { return gantry({"exec", "box", "test", "-e", "/ready"}).code == 0; }));
  }
  static std::string read(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  static void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }
  /// Every path below, sorted.
  static std::string tree(const std::string& path) {
    std::vector<std::string> names;
    for (const auto& item : fs::recursive_directory_iterator(path)) names.push_back(item.path().lexically_relative(path));
    std::sort(names.begin(), names.end());
    std::string text;
    for (const auto& name : names) text += name + " ";
    return text;
  }

  Daemon daemon;
  std::string local;
};

TEST_F(Copy, out_follows_the_rules_of_source_and_destination) {
  make_box();
  out({"cp", "box:/data/f", local + "/new"}); // a name of its own
  EXPECT_EQ(read(local + "/new"), "hi\n");
  out({"cp", "box:/data/f", local}); // into a directory
  EXPECT_EQ(read(local + "/f"), "hi\n");
  struct stat info {};
  ASSERT_EQ(::stat((local + "/f").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600U);
  EXPECT_EQ(info.st_uid, ::getuid());
  out({"cp", "-a", "box:/data/f", local + "/owned"});
  ASSERT_EQ(::stat((local + "/owned").c_str(), &info), 0);
  EXPECT_EQ(info.st_uid, 5U);
  out({"cp", "box:/data", local + "/made"}); // becomes it
  EXPECT_EQ(tree(local + "/made"), "f l sub sub/g ");
  out({"cp", "box:/data", local + "/made"}); // goes into it
  EXPECT_EQ(tree(local + "/made/data"), "f l sub sub/g ");
  fs::create_directory(local + "/content");
  out({"cp", "box:/data/.", local + "/content"});
  EXPECT_EQ(tree(local + "/content"), "f l sub sub/g ");
  out({"cp", "box:/lnk", local + "/link"});
  EXPECT_TRUE(fs::is_symlink(local + "/link"));
  out({"cp", "-L", "box:/lnk", local + "/followed"});
  EXPECT_EQ(tree(local + "/followed"), "f l sub sub/g ");
  out({"cp", "box:/lnk/", local + "/slash"});
  EXPECT_EQ(tree(local + "/slash"), "f l sub sub/g ");
}

TEST_F(Copy, out_says_what_is_wrong) {
  make_box();
  EXPECT_EQ(refused({"cp", "nobody:/x", local}), "Error response from daemon: No such container: nobody\n");
  EXPECT_EQ(refused({"cp", "box:/nope", local}), "Error response from daemon: Could not find the file /nope in container box\n");
  EXPECT_EQ(refused({"cp", "box:/data/f", local + "/no/x"}),
            "invalid output path: directory \"" + local + "/no\" does not exist\n");
  EXPECT_EQ(refused({"cp", "box:/data/f", local + "/no/"}), "no such directory\n");
  EXPECT_EQ(refused({"cp", "box:", local}), "Error response from daemon: bad parameter: path cannot be empty\n");
  EXPECT_EQ(refused({"export", "-o", "/no/such/x", "box"}),
            "failed to export container: invalid output path: stat /no/such: no such file or directory\n");
  EXPECT_EQ(refused({"export", "-o", local, "box"}), "failed to export container: cannot write to a directory\n");
  write(local + "/file", "");
  EXPECT_EQ(refused({"cp", "box:/data", local + "/file"}), "cannot copy directory\n");
  EXPECT_EQ(refused({"cp", "box:/a", "box:/b"}), "copying between containers is not supported\n");
  EXPECT_EQ(refused({"cp", local, local}), "must specify at least one container source\n");
  EXPECT_EQ(tree(local), "file ");
}

TEST_F(Copy, in_follows_the_same_rules) {
  make_box();
  write(local + "/f", "new\n");
  fs::create_directories(local + "/d/e");
  write(local + "/d/e/g", "deep\n");
  out({"cp", local + "/f", "box:/t"});
  EXPECT_EQ(out({"exec", "box", "cat", "/t/f"}), "new\n");
  out({"cp", local + "/f", "box:/t/renamed"});
  EXPECT_EQ(out({"exec", "box", "cat", "/t/renamed"}), "new\n");
  out({"cp", local + "/f", "box:/data/f"}); // replaces
  EXPECT_EQ(out({"exec", "box", "cat", "/data/f"}), "new\n");
  out({"cp", local + "/d", "box:/t/d2"});
  EXPECT_EQ(out({"exec", "box", "cat", "/t/d2/e/g"}), "deep\n");
  out({"cp", local + "/d/.", "box:/t"});
  EXPECT_EQ(out({"exec", "box", "cat", "/t/e/g"}), "deep\n");
  out({"cp", local + "/f", "box:/lnk/through"});
  EXPECT_EQ(out({"exec", "box", "cat", "/data/through"}), "new\n");
  EXPECT_EQ(refused({"cp", local + "/nope", "box:/t"}), "lstat " + local + "/nope: no such file or directory\n");
  EXPECT_EQ(refused({"cp", local + "/d", "box:/data/f"}), "cannot copy directory\n");
  EXPECT_EQ(refused({"cp", local + "/f", "box:/t/none/"}), "no such directory\n");
  EXPECT_THAT(refused({"cp", local + "/f", "box:/nope/x"}), HasSubstr("Could not find the file /nope in container box"));
}

TEST_F(Copy, keeps_kinds_apart) {
  make_box();
  fs::create_directories(local + "/one/f");
  EXPECT_THAT(refused({"cp", local + "/one/.", "box:/data"}), HasSubstr("cannot overwrite non-directory"));
  write(local + "/sub", "file");
  EXPECT_THAT(refused({"cp", local + "/sub", "box:/data"}), HasSubstr("cannot overwrite directory"));
  EXPECT_EQ(out({"exec", "box", "cat", "/data/f", "/data/sub/g"}), "hi\nx\n");
}

TEST_F(Copy, tars_go_through_standard_streams) {
  make_box();
  CommandOptions options;
  options.input = gantry({"cp", "box:/data", "-"}).out;
  EXPECT_EQ(gantry({"cp", "-", "box:/t"}, options).code, 0);
  EXPECT_EQ(out({"exec", "box", "stat", "-c", "%u:%g %a", "/t/data/f"}), "5:6 600\n");
  options.input = "garbage that is no tar archive at all, however long it may be";
  EXPECT_THAT(gantry({"cp", "-", "box:/t"}, options).err, HasSubstr("Error processing tar file"));
  EXPECT_EQ(refused({"cp", "-", "box:/data/f"}), "destination \"box:/data/f\" must be a directory\n");
}

TEST_F(Copy, works_whatever_the_container_does_and_sees_its_mounts) {
  make_box({"-v", "vol:/vol", "-v", "ro:/ro:ro", "--tmpfs", "/mem"});
  write(local + "/f", "new\n");
  out({"exec", "box", "sh", "-c", "echo mem >/mem/f; echo vol >/vol/f"});
  out({"cp", "box:/mem/f", local + "/mem"});
  EXPECT_EQ(read(local + "/mem"), "mem\n");
  EXPECT_THAT(refused({"cp", local + "/f", "box:/ro"}), HasSubstr("mounted volume is marked read-only"));
  out({"stop", "-t", "0", "box"});
  out({"cp", "box:/vol/f", local + "/vol"});
  EXPECT_EQ(read(local + "/vol"), "vol\n");
  out({"cp", local + "/f", "box:/vol/g"});
  out({"cp", local + "/f", "box:/t/g"});
  EXPECT_THAT(refused({"cp", local + "/f", "box:/ro"}), HasSubstr("mounted volume is marked read-only"));
  out({"start", "box"});
  EXPECT_EQ(out({"exec", "box", "cat", "/vol/g", "/t/g"}), "new\nnew\n");
  out({"create", "--name", "fresh", "--network", "none", "-v", "vol:/deep/vol", "--read-only", "busybox", "cat", "/deep/vol/h"});
  out({"cp", local + "/f", "fresh:/deep/vol/h"});
  EXPECT_THAT(refused({"cp", local + "/f", "fresh:/etc"}), HasSubstr("container rootfs is marked read-only"));
  EXPECT_EQ(out({"start", "-a", "fresh"}), "new\n");
}

TEST_F(Copy, replaces_files_that_are_mounted) {
  make_box();
  write(local + "/hosts", "127.0.0.1 mine\n");
  out({"cp", local + "/hosts", "box:/etc/hosts"});
  EXPECT_EQ(out({"exec", "box", "cat", "/etc/hosts"}), "127.0.0.1 mine\n");
}

TEST_F(Copy, hostile_tars_stay_inside) {
  make_box();
  write(local + "/probe", "out\n");
  const auto unpack = [&](const std::string& script) {
    const Output tar = run({"/bin/sh", "-c", "cd " + local + " && rm -rf w && mkdir w && cd w && " + script});
    CommandOptions options;
    options.input = tar.out;
    return gantry({"cp", "-", "box:/t"}, options);
  };
  EXPECT_THAT(unpack("echo x >f; tar -c -P --transform 's,^,../../,' f").err, HasSubstr("is outside of the destination"));
  EXPECT_EQ(unpack("echo x >f; tar -c -P --transform 's,^,/abs/,' f").code, 0);
  EXPECT_EQ(out({"exec", "box", "cat", "/t/abs/f"}), "x\n");
  // A link that the tar itself plants, and a file behind it.
  EXPECT_EQ(
      unpack("ln -s " + local + " d; tar -cf ../l.tar d; rm d; mkdir d; echo in >d/probe; tar -rf ../l.tar d/probe; cat ../l.tar")
          .code,
      1);
  EXPECT_EQ(read(local + "/probe"), "out\n");
  EXPECT_THAT(unpack("echo x >a; ln a b; tar -cf ../h.tar a b; tar --delete -f ../h.tar a; cat ../h.tar").err,
              HasSubstr("is a hard link to 'a', which is not there"));
}

TEST_F(Copy, cannot_be_led_out_by_a_container_that_swaps_links) {
  write(local + "/secret", "secret of the host\n");
  out({"run", "-d", "--name", "box", "--network", "none", "busybox", "sh", "-c",
       "mkdir /d /real; echo own >/real/secret; ln -s " + local +
           " /d/evil; ln -s /real /d/good; : >/ready; "
           "while :; do rm -f /d/x; ln -s " +
           local +
           " /d/x; rm -f /d/x; ln -s /real /d/x; rm -f /d/x; mkdir /d/x; echo own >/d/x/secret; "
           "rm -r /d/x; done"});
  ASSERT_TRUE(eventually([this] { return gantry({"exec", "box", "test", "-e", "/ready"}).code == 0; }));
  // Thousands of copies through the API without a process for each: two by two, out and in. GANTRY_ATTACK_COPIES=10000 for the
  // long way.
  const char* wanted = std::getenv("GANTRY_ATTACK_COPIES");
  const int copies = wanted != nullptr ? std::atoi(wanted) : 1000;
  write(local + "/payload", "payload");
  const Output tar = run({"tar", "-C", local, "-c", "payload"});
  const auto unchanged = fs::last_write_time(local); // whatever is planted there changes it
  HttpClient http(daemon.socket());
  int read_something = 0, wrote_something = 0;
  for (int n = 0; n < copies; n += 2) {
    const HttpReply got = http.get("/containers/box/archive?path=/d/x/secret");
    read_something += got.status == 200;
    ASSERT_EQ(got.body.find("secret of the host"), std::string::npos) << n;
    const HttpReply put =
        http.request("PUT", "/containers/box/archive?path=/d/x", {{"Content-Type", "application/x-tar"}}, tar.out);
    wrote_something += put.status == 200;
    ASSERT_EQ(fs::last_write_time(local), unchanged) << n;
  }
  std::printf("%d copies, %d read a file, %d wrote one\n", copies, read_something, wrote_something);
  EXPECT_GT(read_something + wrote_something, 0);
  for (int round = 0; round < 10; ++round) {
    const Output copied = gantry({"cp", "box:/d/x/secret", "-"});
    EXPECT_THAT(copied.out, testing::Not(HasSubstr("secret of the host")));
    write(local + "/payload", "payload");
    (void)gantry({"cp", local + "/payload", "box:/d/x/planted"});
    ASSERT_FALSE(fs::exists(local + "/planted"));
  }
  EXPECT_EQ(read(local + "/secret"), "secret of the host\n");
}

TEST_F(Copy, is_packed_for_clients_that_ask_for_it) {
  make_box();
  const std::string url = "http://d/containers/box/archive?path=/bin/busybox";
  const auto fetch = [&](const std::string& flags) {
    return run({"sh", "-c", "curl -s -D - -o /dev/null " + flags + " --unix-socket " + daemon.socket() + " '" + url + "'"}).out;
  };
  EXPECT_THAT(fetch("-H 'Accept-Encoding: gzip'"), HasSubstr("Content-Encoding: gzip"));
  EXPECT_THAT(fetch("-H 'Accept-Encoding: deflate;q=0.5'"), HasSubstr("Content-Encoding: deflate"));
  EXPECT_THAT(fetch("-H 'Accept-Encoding: zstd'"), testing::Not(HasSubstr("Content-Encoding")));
  const auto digest = [&](const std::string& command) { return run({"sh", "-c", "curl -s " + command + " | sha256sum"}).out; };
  const std::string rest = " --unix-socket " + daemon.socket() + " '" + url + "'";
  EXPECT_EQ(digest("-H 'Accept-Encoding: gzip'" + rest + " | gunzip"), digest(rest));
}

TEST_F(Copy, stat_answers_with_gos_mode_bits) {
  make_box();
  const auto header = [&](const std::string& path) {
    const Output o = run({"curl", "-sI", "--unix-socket", daemon.socket(), "http://d/containers/box/archive?path=" + path});
    const auto at = o.out.find("X-Docker-Container-Path-Stat: ");
    if (at == std::string::npos) return o.out.substr(0, o.out.find('\r'));
    const std::string text = o.out.substr(at + 30, o.out.find('\r', at) - at - 30);
    CommandOptions options;
    options.input = text;
    return run({"base64", "-d"}, options).out;
  };
  EXPECT_THAT(header("/data"), HasSubstr("\"name\":\"data\""));
  EXPECT_THAT(header("/data"), HasSubstr("\"mode\":2147484141"));
  EXPECT_THAT(header("/data/."), HasSubstr("\"name\":\".\""));
  EXPECT_THAT(header("/"), HasSubstr("\"name\":\"/\""));
  EXPECT_THAT(header("/data/f"), HasSubstr("\"size\":3,\"mode\":384"));
  EXPECT_THAT(header("/data/l"), HasSubstr("\"linkTarget\":\"/data/f\""));
  EXPECT_THAT(header("/dangling"), HasSubstr("\"linkTarget\":\"/nowhere\""));
  EXPECT_EQ(header("/nope"), "HTTP/1.1 404 Not Found");
}

TEST_F(Copy, docker_cp_does_the_same) {
  if (daemon.docker({"version"}).code != 0) GTEST_SKIP() << "needs the docker CLI";
  make_box();
  write(local + "/f", "docker\n");
  EXPECT_EQ(daemon.docker({"cp", local + "/f", "box:/t/g"}).code, 0);
  EXPECT_EQ(daemon.docker({"cp", "box:/t/g", local + "/back"}).code, 0);
  EXPECT_EQ(read(local + "/back"), "docker\n");
  EXPECT_EQ(daemon.docker({"cp", "box:/data", local + "/data"}).code, 0);
  EXPECT_EQ(tree(local + "/data"), "f l sub sub/g ");
  EXPECT_EQ(daemon.docker({"commit", "-m", "msg", "box", "docker/made:1"}).code, 0);
  EXPECT_EQ(daemon.docker({"run", "--rm", "--network", "none", "docker/made:1", "cat", "/t/g"}).out, "docker\n");
}

TEST_F(Copy, commit_makes_an_image_of_what_has_changed) {
  make_box({"-v", "vol:/vol"});
  out({"exec", "box", "sh", "-c", "echo v >/vol/f; rm /bin/vi"});
  const std::string id =
      out({"commit", "-a", "me", "-m", "msg", "-c", "CMD [\"cat\",\"/data/f\"]", "-c", "ENV A=b", "box", "made:1"});
  EXPECT_THAT(id, testing::StartsWith("sha256:"));
  EXPECT_EQ(out({"run", "--rm", "--network", "none", "made:1"}), "hi\n");
  EXPECT_EQ(out({"run", "--rm", "--network", "none", "made:1", "sh", "-c", "ls /bin/vi /vol 2>&1; echo $A; stat -c %u /data/f"}),
            "ls: /bin/vi: No such file or directory\n/vol:\nb\n5\n");
  EXPECT_EQ(out({"image", "inspect", "-f", "{{.Author}} {{.Comment}} {{len .RootFS.Layers}}", "made:1"}), "me msg 2\n");
  EXPECT_EQ(out({"inspect", "-f", "{{.State.Status}}", "box"}), "running\n"); // no longer paused
  // The same content has the same layer; no change has none.
  out({"stop", "-t", "0", "box"});
  out({"commit", "box", "made:2"});
  out({"commit", "box", "made:3"});
  EXPECT_EQ(out({"image", "inspect", "-f", "{{index .RootFS.Layers 1}}", "made:2"}),
            out({"image", "inspect", "-f", "{{index .RootFS.Layers 1}}", "made:3"}));
  out({"create", "--name", "same", "--network", "none", "busybox"});
  out({"commit", "same", "made:4"});
  EXPECT_EQ(out({"image", "inspect", "-f", "{{len .RootFS.Layers}}", "made:4"}), "1\n");
  // Neither do the mount points that a start makes.
  out({"run", "--name", "ran", "--network", "none", "busybox", "true"});
  EXPECT_EQ(out({"diff", "ran"}), "");
  out({"commit", "ran", "made:5"});
  EXPECT_EQ(out({"image", "inspect", "-f", "{{len .RootFS.Layers}}", "made:5"}), "1\n");
  EXPECT_EQ(refused({"commit", "nobody"}), "Error response from daemon: No such container: nobody\n");
  EXPECT_THAT(refused({"commit", "-c", "FOO x", "box"}), HasSubstr("is not a valid change command"));
}

TEST_F(Copy, diff_names_what_has_changed) {
  make_box();
  out({"exec", "box", "rm", "/bin/vi"});
  const std::string changes = out({"diff", "box"});
  for (const char* line : {"A /data\n", "A /data/sub/g\n", "C /bin\n", "D /bin/vi\n"}) EXPECT_THAT(changes, HasSubstr(line));
}

/// No two blocks of it are alike.
std::string varied(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; text.size() < size; ++i) text += std::to_string(i * 2654435761U) + "\n";
  text.resize(size);
  return text;
}

TEST_F(Copy, brings_large_files_over_whole) {
  make_box();
  // Around the sizes from which content takes a way of its own, and what comes behind it.
  const std::vector<std::size_t> sizes = {1, 1 << 20, (1 << 20) + 1, (1 << 20) + (256 << 10) + 511, 7'000'001, 12 << 20};
  fs::create_directory(local + "/in");
  for (const std::size_t size : sizes) write(local + "/in/" + std::to_string(size), varied(size));
  out({"cp", local + "/in", "box:/in"});
  out({"cp", "box:/in", local + "/out"});
  EXPECT_EQ(tree(local + "/out"), tree(local + "/in"));
  EXPECT_EQ(daemon.docker({"cp", "box:/in", local + "/docker"}).code, 0);
  EXPECT_EQ(daemon.docker({"cp", local + "/in", "box:/again"}).code, 0);
  EXPECT_EQ(run({"sh", "-c", "cat " + local + "/in/7000001 | gzip -1 >" + local + "/packed"}).code, 0);
  for (const std::size_t size : sizes) {
    const std::string name = std::to_string(size), wanted = varied(size);
    EXPECT_TRUE(read(local + "/out/" + name) == wanted) << name;
    EXPECT_TRUE(read(local + "/docker/" + name) == wanted) << name;
    EXPECT_EQ(out({"exec", "box", "cmp", "/in/" + name, "/again/" + name}), "");
  }
  // A tar of a client that packs it, or tells its length, or leaves out the end.
  const std::string tar = local + "/x.tar";
  ASSERT_EQ(run({"tar", "-C", local + "/in", "-cf", tar, "7000001"}).code, 0);
  const auto put = [&](const std::string& options, const std::string& to) {
    out({"exec", "box", "mkdir", to});
    EXPECT_EQ(run({"sh", "-c",
                   "curl -sS -f --unix-socket " + daemon.socket() + " -X PUT " + options +
                       " 'http://d/containers/box/archive?path=" + to + "'"})
                  .code,
              0)
        << options;
    EXPECT_EQ(out({"exec", "box", "cmp", "/in/7000001", to + "/7000001"}), "") << options;
  };
  put("-T " + tar, "/sized");
  put("-H 'Transfer-Encoding: chunked' -T " + tar, "/chunked");
  ASSERT_EQ(run({"sh", "-c", "gzip -1 <" + tar + " >" + tar + ".gz; head -c 7000513 " + tar + " >" + tar + ".cut"}).code, 0);
  put("-T " + tar + ".gz", "/packed");
  put("-T " + tar + ".cut", "/unpadded"); // 512 bytes of header, the content, and nothing
  ASSERT_EQ(run({"sh", "-c", "head -c 5000000 " + tar + " >" + tar + ".half"}).code, 0);
  out({"exec", "box", "mkdir", "/half"});
  const Output half = run({"curl", "-sS", "--unix-socket", daemon.socket(), "-X", "PUT", "-T", tar + ".half",
                           "http://d/containers/box/archive?path=/half"});
  EXPECT_THAT(half.out, HasSubstr("entry '7000001' is cut off"));
  EXPECT_EQ(out({"exec", "box", "ls", "-A", "/half"}), "");
}

TEST_F(Copy, onto_a_full_disk_says_so_and_leaves_nothing) {
  make_box({"--tmpfs", "/small:size=3m"});
  fs::create_directory(local + "/in");
  write(local + "/in/a", varied(100'000));
  write(local + "/in/b", varied(8'000'000));
  EXPECT_THAT(refused({"cp", local + "/in/b", "box:/small/b"}), HasSubstr("no space left on device"));
  EXPECT_EQ(out({"exec", "box", "ls", "-A", "/small"}), "");
  EXPECT_THAT(refused({"cp", local + "/in", "box:/small"}), HasSubstr("no space left on device"));
  EXPECT_EQ(out({"exec", "box", "find", "/small/in", "-type", "f"}), "/small/in/a\n") << "what was whole stays, as with docker";
  const Output docker = daemon.docker({"cp", local + "/in/b", "box:/small/b"});
  EXPECT_NE(docker.code, 0);
  EXPECT_THAT(docker.err, HasSubstr("no space left on device"));
  EXPECT_EQ(out({"exec", "box", "ls", "-A", "/small"}), "in\n");
  // The daemon and the container go on.
  out({"cp", local + "/in/a", "box:/small/a"});
  EXPECT_EQ(out({"exec", "box", "wc", "-c", "/small/a"}), "100000 /small/a\n");
}

TEST_F(Copy, out_onto_a_full_disk_says_so_and_leaves_nothing) {
  make_box();
  write(local + "/b", varied(8'000'000));
  out({"cp", local + "/b", "box:/b"});
  const std::string small = local + "/small";
  fs::create_directory(small);
  ASSERT_EQ(run({"mount", "-t", "tmpfs", "-o", "size=3m", "small", small}).code, 0);
  EXPECT_THAT(refused({"cp", "box:/b", small + "/b"}), HasSubstr("no space left on device"));
  EXPECT_EQ(tree(small), "");
  out({"cp", "box:/data/f", small + "/f"});
  EXPECT_EQ(tree(small), "f ");
  EXPECT_EQ(run({"umount", small}).code, 0);
}

TEST_F(Copy, commit_keeps_its_layer_once_and_gives_it_away_whole) {
  make_box();
  write(local + "/large", varied(3'000'000));
  out({"cp", local + "/large", "box:/large"});
  out({"exec", "box", "sh", "-c",
       "ln /large /other; ln -s large /link; mkfifo /fifo; rm -r /home; mkdir /home; chmod 4755 /data/sub/g"});
  const std::string id = out({"commit", "box", "made:1"});
  const auto tars = [&] {
    return run({"sh", "-c", "cd " + daemon.data_root() + " && find . -path '*blobs*' -type f -size +1000k | wc -l"}).out;
  };
  const std::string before = tars();
  EXPECT_THAT(out({"system", "check"}), HasSubstr("nothing is wrong"));
  out({"save", "-o", local + "/saved.tar", "made:1"});
  EXPECT_EQ(std::stoi(tars()), std::stoi(before) + 1) << "the layer's tar was made for it";
  EXPECT_THAT(out({"system", "check"}), HasSubstr("nothing is wrong"));
  out({"rmi", "made:1"});
  out({"load", "-q", "-i", local + "/saved.tar"});
  EXPECT_EQ(out({"image", "inspect", "-f", "{{.Id}}", "made:1"}), id);
  EXPECT_EQ(out({"run", "--rm", "--network", "none", "made:1", "sh", "-c",
                 "cmp /large /other && stat -c '%h %a' /large /data/sub/g && readlink /link && ls -A /home && test -p /fifo"}),
            "2 644\n1 4755\nlarge\n");
}

TEST_F(Copy, commit_keeps_what_is_named_like_a_whiteout) {
  make_box();
  out({"exec", "box", "sh", "-c",
       "echo in the way >/.wh.x; echo opaque >/data/.wh..wh..opq; echo aufs >/data/.wh..wh.aufs; seq 100000 >/data/.wh.large; "
       "echo last >/z"});
  const std::string id = out({"commit", "box", "made:1"});
  EXPECT_THAT(out({"system", "check"}), HasSubstr("nothing is wrong"));
  out({"save", "-o", local + "/saved.tar", "made:1"});
  EXPECT_THAT(out({"system", "check"}), HasSubstr("nothing is wrong"));
  out({"rmi", "made:1"});
  out({"load", "-q", "-i", local + "/saved.tar"});
  EXPECT_EQ(out({"image", "inspect", "-f", "{{.Id}}", "made:1"}), id);
  EXPECT_EQ(out({"run", "--rm", "--network", "none", "made:1", "cat", "/z"}), "last\n");
}

TEST(CopyToFullDisk, a_commit_says_so_and_leaves_nothing) {
  if (auto why = need_root() + need_busybox(); !why.empty()) GTEST_SKIP() << why;
  Daemon daemon;
  fs::create_directory(daemon.data_root());
  ASSERT_EQ(run({"mount", "-t", "tmpfs", "-o", "size=40m", "small", daemon.data_root()}).code, 0);
  daemon.start();
  import_busybox(daemon);
  ASSERT_EQ(daemon
                .gantry({"run", "-d", "--name", "box", "--network", "none", "busybox", "sh", "-c",
                         "head -c 22000000 /dev/zero >/large; : >/ready; exec sleep 1000"})
                .code,
            0);
  ASSERT_TRUE(eventually([&] { return daemon.gantry({"exec", "box", "test", "-e", "/ready"}).code == 0; }));
  const auto everything = [&] {
    return run({"sh", "-c",
                "cd " + daemon.data_root() +
                    " && find . -path '*/s/*' -prune -o -path '*blobs/*' -print -o -path '*ingest/*' -print | sort"})
        .out;
  };
  const std::string before = everything();
  const auto free_before = fs::space(daemon.data_root()).available;
  const Output o = daemon.gantry({"commit", "box", "made:1"});
  EXPECT_NE(o.code, 0) << o.out;
  EXPECT_THAT(o.err, testing::HasSubstr("o space left on device"));
  EXPECT_EQ(everything(), before);
  EXPECT_EQ(daemon.gantry({"images", "-q", "made"}).out, "");
  EXPECT_TRUE(eventually([&] { return fs::space(daemon.data_root()).available + (1 << 20) > free_before; }))
      << "its files are gone";
  EXPECT_EQ(daemon.gantry({"inspect", "-f", "{{.State.Status}}", "box"}).out, "running\n");
  ASSERT_EQ(daemon.gantry({"exec", "box", "rm", "/large"}).code, 0);
  EXPECT_EQ(daemon.gantry({"commit", "box", "made:1"}).code, 0);
  EXPECT_THAT(daemon.gantry({"system", "check"}).out, testing::HasSubstr("nothing is wrong"));
  EXPECT_EQ(daemon.gantry({"rm", "-f", "box"}).code, 0);
  daemon.terminate();
  EXPECT_EQ(run({"umount", daemon.data_root()}).code, 0);
}

} // namespace
} // namespace gantry::test
