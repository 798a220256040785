// What a build fetches itself: contexts and sources of ADD, over HTTP and from git. All of it over loopback.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "api/build/fixture.hpp"
#include "images/digest.hpp"
#include "support/http_server.hpp"

namespace gantry::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

namespace fs = std::filesystem;

class BuildRemotes : public BuildTest {
 protected:
  /// Serves what `files_` has, with Last-Modified; "/to/X" redirects to "/X".
  void answer(const ServedRequest& request, const Peer& peer) {
    const std::string path = request.target.substr(0, request.target.find('?'));
    if (path.starts_with("/to/")) return peer.reply(302, {"Location: " + path.substr(3)}, "");
    if (path == "/loop") return peer.reply(302, {"Location: /loop"}, "");
    if (path == "/out") return peer.reply(302, {"Location: file:///etc/passwd"}, "");
    if (path == "/short") return peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this");
    const auto file = files_.find(path);
    if (file == files_.end()) return peer.reply(404, {}, "nothing here");
    std::vector<std::string> headers = {"Last-Modified: Sat, 03 Jan 2009 18:15:05 GMT"};
    if (path == "/named/") headers.emplace_back("Content-Disposition: attachment; filename=\"../../by header\"");
    peer.reply(200, headers, file->second);
  }

  std::string from_remote(const std::string& url, const std::string& query = "") {
    return client().post("/v1.41/build?networkmode=none&forcerm=1&remote=" + url + query).body;
  }
  std::string url(const std::string& path) const { return "http://" + server_.host() + path; }

  std::map<std::string, std::string> files_ = {{"/f.txt", "content"},
                                               {"/a%20b", "blank"},
                                               {"/named/", "n"},
                                               {"/t.tar", TarBuilder().file("in/x", "x").finish()},
                                               {"/*", "star"}};
  HttpServer server_{[this](const ServedRequest& request, const Peer& peer) { answer(request, peer); }};
};

TEST_F(BuildRemotes, add_of_a_url) {
  struct Row {
    std::string name, add, check;
  };
  const std::vector<Row> rows = {
      {"into a directory", "ADD " + url("/f.txt") + " /d/", "test \"$(cat /d/f.txt)\" = content"},
      {"to a path", "ADD " + url("/f.txt?v=1") + " /d", "test \"$(cat /d)\" = content"},
      {"its mode and time", "ADD " + url("/f.txt") + " /d", "test \"$(stat -c %a:%Y /d)\" = 600:1231006505"},
      {"with owner and mode", "ADD --chown=5:6 --chmod=640 " + url("/f.txt") + " /d",
       "test \"$(stat -c %u:%g:%a /d)\" = 5:6:640"},
      {"a name with an escape", "ADD " + url("/a%20b") + " /d/", "test -f '/d/a b'"},
      {"a name that is a pattern", "ADD " + url("/*") + " /d/", "test -f '/d/*'"},
      {"a name of the server's", "ADD " + url("/named/") + " /d/", "test -f '/d/by header' -a \"$(ls /d)\" = 'by header'"},
      {"a redirect keeps the first name", "ADD " + url("/to/f.txt") + " /d/", "test -f /d/f.txt"},
      {"a tar stays one", "ADD " + url("/t.tar") + " /d/", "test -f /d/t.tar"},
      {"unless it is unpacked", "ADD --unpack=true " + url("/t.tar") + " /d/", "test -f /d/in/x"},
      {"with the right checksum", "ADD --checksum=" + images::sha256_of("content") + " " + url("/f.txt") + " /d", "test -f /d"},
      {"with a variable", "ARG U=" + url("/f.txt") + "\nADD $U /d", "test -f /d"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_THAT(build("FROM busybox\n" + row.add + "\nRUN " + row.check + "\n"), HasSubstr("Successfully built"));
  }
}

TEST_F(BuildRemotes, add_of_a_url_that_cannot_be) {
  struct Row {
    std::string add, error;
  };
  const std::string wrong = "sha256:" + std::string(64, '0');
  const std::vector<Row> rows = {
      {"ADD " + url("/nope") + " /d", "ADD failed: failed to GET " + url("/nope") + " with status 404 Status: nothing here"},
      {"ADD " + url("/loop") + " /d", "too many redirects"},
      {"ADD " + url("/out") + " /d", "ADD failed: "},
      {"ADD " + url("/short") + " /d", "ADD failed: "},
      {"ADD " + url("/") + " /d/", "404"},
      {"ADD --checksum=" + wrong + " " + url("/f.txt") + " /d", "digest mismatch " + images::sha256_of("content") + ": " + wrong},
      {"ADD --checksum=md5:00 " + url("/f.txt") + " /d", "invalid checksum digest format: md5:00"},
      {"ADD " + url("/f.txt") + " a /d/", "ADD of URLs and heredocs takes one source"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.add);
    EXPECT_THAT(build("FROM busybox\n" + row.add + "\n"), HasSubstr(row.error));
  }
  EXPECT_TRUE(fs::is_empty(daemon().data_root() + "/content/ingest"));
}

TEST_F(BuildRemotes, add_of_a_url_runs_again_when_the_content_changes) {
  const std::string dockerfile = "FROM busybox\nADD " + url("/f.txt") + " /d\n";
  EXPECT_THAT(build(dockerfile), Not(HasSubstr("Using cache")));
  EXPECT_THAT(build(dockerfile), HasSubstr("Using cache"));
  files_["/f.txt"] = "other";
  EXPECT_THAT(build(dockerfile), Not(HasSubstr("Using cache")));
}

TEST_F(BuildRemotes, a_context_by_url) {
  files_["/context.tar.gz"] = TarBuilder(Compression::gzip)
                                  .file("Dockerfile", "FROM busybox\nCOPY . /c/\nRUN test -f /c/keep -a ! -e /c/no\n")
                                  .file(".dockerignore", "no")
                                  .file("keep", "")
                                  .file("no", "")
                                  .finish();
  files_["/lone"] = "FROM busybox\nRUN echo alone\n";
  EXPECT_THAT(from_remote(url("/context.tar.gz")), HasSubstr("Successfully built"));
  EXPECT_THAT(from_remote(url("/lone")), HasSubstr("alone"));
  EXPECT_THAT(from_remote(url("/to/lone")), HasSubstr("Successfully built"));
  EXPECT_THAT(from_remote(url("/nope")), HasSubstr("404"));
  files_["/lone"] = "FROM busybox\nCOPY /etc/passwd /x\n";
  EXPECT_THAT(from_remote(url("/lone")), HasSubstr("file not found in build context"));
}

/// A repository, served by git's own daemon.
class BuildFromGit : public BuildTest {
 protected:
  void SetUp() override {
    if (run({"git", "--version"}).code != 0 || !fs::exists("/usr/lib/git-core/git-daemon")) GTEST_SKIP() << "needs git";
    BuildTest::SetUp();
    if (IsSkipped()) return;
    root_ = daemon().dir() + "/git";
    repository("part");
    commit("part", {{"p", "of a submodule"}}, "part");
    repository("app");
    commit("app", {{"Dockerfile", "FROM busybox\nCOPY . /c/\nRUN ls -A /c\n"}, {"f", "one"}}, "first");
    git("app", {"tag", "v1"});
    commit("app", {{"f", "two"}, {"sub/Dockerfile", "FROM busybox\nCOPY . /c/\nRUN cat /c/g\n"}, {"sub/g", "in sub"}}, "second");
    fs::create_symlink("/etc", root_ + "/app/evil");
    commit("app", {}, "third");
    port_ = free_port();
    server_ = std::make_unique<Command>(std::vector<std::string>{"/usr/lib/git-core/git-daemon", "--reuseaddr", "--export-all",
                                                                 "--listen=127.0.0.1", "--port=" + std::to_string(port_),
                                                                 "--base-path=" + root_, root_});
    ASSERT_TRUE(eventually([&] { return git("app", {"ls-remote", "-q", url("app")}).code == 0; }));
  }

  Output git(const std::string& name, std::vector<std::string> words) {
    words.insert(words.begin(), {"git", "-C", root_ + "/" + name, "-c", "user.name=t", "-c", "user.email=t@t", "-c",
                                 "protocol.file.allow=always"});
    return run(words);
  }
  void repository(const std::string& name) {
    fs::create_directories(root_ + "/" + name);
    git(name, {"init", "-q"});
  }
  void commit(const std::string& name, const std::map<std::string, std::string>& files, const std::string& message) {
    for (const auto& [path, content] : files) {
      fs::create_directories(fs::path(root_ + "/" + name + "/" + path).parent_path());
      std::ofstream(root_ + "/" + name + "/" + path) << content;
    }
    git(name, {"add", "-A"});
    EXPECT_EQ(git(name, {"commit", "-q", "-m", message}).code, 0);
  }
  std::string head(const std::string& name, const std::string& ref) {
    const std::string out = git(name, {"rev-parse", ref}).out;
    return out.substr(0, out.find('\n'));
  }
  std::string url(const std::string& name) const { return "git://127.0.0.1:" + std::to_string(port_) + "/" + name; }
  std::string from_remote(const std::string& url) {
    std::string escaped;
    for (const char c : url) escaped += c == '#' ? std::string("%23") : std::string(1, c);
    return client().post("/v1.41/build?networkmode=none&forcerm=1&nocache=1&remote=" + escaped).body;
  }

  std::string root_;
  int port_ = 0;
  std::unique_ptr<Command> server_;
};

TEST_F(BuildFromGit, a_context) {
  EXPECT_THAT(from_remote(url("app")), HasSubstr("Dockerfile\\nevil\\nf\\nsub\\n"));
  EXPECT_THAT(from_remote(url("app") + "#v1"), HasSubstr("Dockerfile\\nf\\n"));
  EXPECT_THAT(from_remote(url("app") + "#:sub"), HasSubstr("in sub"));
  EXPECT_THAT(from_remote(url("app") + "#" + head("app", "v1")), HasSubstr("Dockerfile\\nf\\n"));
  EXPECT_THAT(from_remote(url("app") + "#" + head("app", "v1").substr(0, 10)), HasSubstr("Dockerfile\\nf\\n"));
}

TEST_F(BuildFromGit, a_context_with_a_name) {
  const auto naming = [&](const std::string& fragment) {
    return "&buildcontexts=%7B%22src%22:%22" + url("app") + "%23" + fragment + "%22%7D";
  };
  const std::string dockerfile = "FROM busybox\nCOPY --from=src f /\nRUN --mount=from=src,target=/m echo $(cat /f)+$(cat /m/f)\n";
  EXPECT_THAT(build(dockerfile, naming("v1")), HasSubstr("one+one"));
  EXPECT_THAT(build(dockerfile, naming("master")), HasSubstr("two+two"));
  EXPECT_THAT(build(dockerfile, naming("nope")), HasSubstr("failed to load build context src: "));
  EXPECT_TRUE(fs::is_empty(daemon().data_root() + "/content/ingest"));
}

TEST_F(BuildFromGit, a_context_that_cannot_be) {
  EXPECT_THAT(from_remote(url("app") + "#nope"), HasSubstr("error initializing context: git failed"));
  EXPECT_THAT(from_remote(url("nope")), HasSubstr("error initializing context: git failed"));
  EXPECT_THAT(from_remote(url("app") + "#:nope"), HasSubstr("no directory \\\"nope\\\" in the repository"));
  EXPECT_THAT(from_remote(url("app") + "#:evil"), HasSubstr("in the repository"));
  EXPECT_THAT(from_remote(url("app") + "#:../.."), HasSubstr("Dockerfile\\nevil\\nf\\nsub\\n")); // there is nothing above
  EXPECT_THAT(from_remote(url("app") + "#--upload-pack=x"), HasSubstr("invalid git reference"));
  EXPECT_TRUE(fs::is_empty(daemon().data_root() + "/content/ingest"));
}

TEST_F(BuildFromGit, submodules_come_along) {
  git("app", {"submodule", "--quiet", "add", url("part"), "part"});
  commit("app", {{"Dockerfile", "FROM busybox\nCOPY part/p /p\nRUN cat /p\n"}}, "with a submodule");
  EXPECT_THAT(from_remote(url("app")), HasSubstr("of a submodule"));
}

TEST_F(BuildFromGit, add_of_a_repository) {
  const std::string first = head("app", "v1");
  struct Row {
    std::string name, add, check;
  };
  const std::vector<Row> rows = {
      {"its head", "ADD " + url("app") + " /d", "test \"$(cat /d/f)\" = two -a ! -e /d/.git"},
      {"a tag", "ADD " + url("app") + "#v1 /d", "test \"$(cat /d/f)\" = one"},
      {"a directory", "ADD " + url("app") + "#:sub /d", "test \"$(cat /d/g)\" = 'in sub'"},
      {"with .git", "ADD --keep-git-dir=true " + url("app") + " /d", "test -f /d/.git/HEAD -a -f /d/f"},
      {"with its commit", "ADD --checksum=" + first.substr(0, 12) + " " + url("app") + "#v1 /d", "test -f /d/f"},
      {"without some files", "ADD --exclude=sub --exclude=Dockerfile " + url("app") + "#v1 /d", "test \"$(ls -A /d)\" = f"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_THAT(build("FROM busybox\n" + row.add + "\nRUN " + row.check + "\n"), HasSubstr("Successfully built"));
  }
  EXPECT_THAT(build("FROM busybox\nADD --checksum=0000000 " + url("app") + "#v1 /d\n"),
              HasSubstr("expected checksum to match 0000000, got " + first));
  EXPECT_THAT(build("FROM busybox\nADD " + url("nope") + " /d\n"), HasSubstr("ADD failed: "));
  const std::string kept = "FROM busybox\nADD --keep-git-dir " + url("app") + " /d\n";
  build(kept);
  EXPECT_THAT(build(kept), HasSubstr("Using cache"));
}

} // namespace
} // namespace gantry::test
