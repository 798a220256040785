// Mounts that come and go while a container runs, also one that tries to make use of it.
#include <sys/stat.h>
#include <unistd.h>
#include <fstream>

#include "container_fixture.hpp"

namespace gantry::runtime_linux::test {
namespace {

std::optional<Error> failure(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

} // namespace

class LiveMount : public ContainerTest {
 protected:
  void SetUp() override {
    ContainerTest::SetUp();
    if (IsSkipped()) return;
    source_ = directory_ / "source";
    std::filesystem::create_directories(source_);
    std::ofstream(source_ + "/f") << "seen\n";
  }
  std::string start(const RuntimeCreate& create) {
    driver_->create(call_, create);
    driver_->start(call_, create.id);
    return create.id;
  }
  std::string start(const Json& spec) { return start(request(fresh_id(), spec)); }
  void mount(const std::string& id, const std::string& target, std::vector<std::string> options = {"rbind", "rprivate"}) {
    driver_->mount(call_, id, {"bind", source_, target, std::move(options)});
  }
  /// What a shell in the container prints.
  std::string shell(const std::string& id, const std::string& script) {
    const std::string exec_id = "e" + std::to_string(++execs_);
    RuntimeExec exec = exec_request(id, exec_id, {"sh", "-c", script});
    ClientPair client = make_client();
    exec.attach.emplace();
    exec.attach->id = id;
    exec.attach->exec_id = exec_id;
    exec.attach->client = std::move(client.theirs);
    exec.attach->out = exec.attach->err = true;
    exec.attach->framed = false;
    const RuntimeProcess process = driver_->exec(call_, std::move(exec));
    return read_all(client.mine.get());
  }
  static Json sleeper() { return default_spec({"sleep", "1000"}); }

  std::string source_;
  int execs_ = 0;
};

TEST_F(LiveMount, is_seen_by_what_runs_and_makes_its_target) {
  const std::string id = start(sleeper());
  mount(id, "/a/b");
  EXPECT_EQ(shell(id, "cat /a/b/f; touch /a/b/made; stat -c %a:%u /a"), "seen\n755:0\n");
  EXPECT_TRUE(std::filesystem::exists(source_ + "/made"));
  driver_->unmount(call_, id, "/a/b");
  EXPECT_EQ(shell(id, "ls /a/b | wc -l"), "0\n");
}

TEST_F(LiveMount, of_a_file) {
  const std::string id = start(sleeper());
  source_ += "/f";
  mount(id, "/conf/here");
  EXPECT_EQ(shell(id, "cat /conf/here"), "seen\n");
  const auto error = failure([&] { mount(id, "/tmp"); });
  ASSERT_TRUE(error);
  EXPECT_NE(std::string(error->what()).find("Are you trying to mount a directory onto a file"), std::string::npos);
  driver_->unmount(call_, id, "/conf/here");
  EXPECT_EQ(shell(id, "cat /conf/here"), "");
}

TEST_F(LiveMount, works_while_it_is_paused) {
  const std::string id = start(sleeper());
  driver_->pause(call_, id);
  mount(id, "/m");
  driver_->resume(call_, id);
  EXPECT_EQ(shell(id, "cat /m/f"), "seen\n");
}

TEST_F(LiveMount, needs_its_target_in_a_read_only_root) {
  Json spec = sleeper();
  spec["root"]["readonly"] = true;
  const std::string id = start(spec);
  mount(id, "/tmp");
  EXPECT_EQ(shell(id, "cat /tmp/f"), "seen\n");
  const auto error = failure([&] { mount(id, "/missing"); });
  ASSERT_TRUE(error);
  EXPECT_STREQ(error->what(), "create mountpoint \"/missing\": read-only file system");
}

TEST_F(LiveMount, shows_the_ids_of_a_user_namespace) {
  if (!driver_->features().userns) GTEST_SKIP() << "needs Linux 5.19: overlay layers with mapped owners";
  Json spec = sleeper();
  const Json map = Json::array({{{"containerID", 0}, {"hostID", 700000}, {"size", 65536}}});
  spec["linux"]["uidMappings"] = spec["linux"]["gidMappings"] = map;
  spec["linux"]["namespaces"].push_back({{"type", "user"}});
  const std::string id = start(spec);
  mount(id, "/mapped", {"rbind", "ridmap"});
  EXPECT_EQ(shell(id, "stat -c %u /mapped/f /mapped; touch /mapped/made && chown 7 /mapped/made"), "0\n0\n");
  struct stat info {};
  ASSERT_EQ(::stat((source_ + "/made").c_str(), &info), 0);
  EXPECT_EQ(info.st_uid, 7U);
  mount(id, "/plain/dir");
  EXPECT_EQ(shell(id, "stat -c %u /plain/dir/f /plain"), "65534\n0\n");
  driver_->unmount(call_, id, "/mapped");
  EXPECT_EQ(shell(id, "ls /mapped"), "");
}

TEST_F(LiveMount, stays_inside_whatever_the_links_say) {
  const std::string outside = directory_ / "outside";
  std::filesystem::create_directories(outside);
  const std::string id = start(sleeper());
  shell(id, "mkdir -p /real; ln -s ../../../../../.." + outside + " /out; ln -s /real /link; ln -s /proc /p; ln -s / /slash");
  mount(id, "/link/deep");
  EXPECT_EQ(shell(id, "cat /real/deep/f"), "seen\n");
  EXPECT_TRUE(failure([&] { mount(id, "/out/deep"); }));
  EXPECT_TRUE(std::filesystem::is_empty(outside));
  for (const char* target : {"/p", "/p/self/attr", "/p/sys", "/slash"})
    EXPECT_TRUE(failure([&] { mount(id, target); })) << target;
  driver_->unmount(call_, id, "/link/deep");
  EXPECT_EQ(shell(id, "ls /real/deep"), "");
}

TEST_F(LiveMount, a_link_does_not_make_the_engine_uncover_what_is_masked) {
  const std::string id = start(sleeper());
  mount(id, "/srv/data/timer_list");
  // The mount point stays where it is; its parent gets another name, and a link to /proc takes that.
  shell(id, "mv /srv /moved; mkdir /srv; ln -s /proc /srv/data");
  const auto error = failure([&] { driver_->unmount(call_, id, "/srv/data/timer_list"); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), Code::not_found);
  EXPECT_EQ(shell(id, "grep -c ' /proc/timer_list ' /proc/self/mountinfo"), "1\n");
  EXPECT_EQ(failure([&] { driver_->unmount(call_, id, "/"); })->code(), Code::not_found);
}

TEST_F(LiveMount, leaves_no_process_and_no_descriptor) {
  const std::string id = start(sleeper());
  const auto open = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator{});
  };
  mount(id, "/m");
  const auto before = open();
  for (int i = 0; i < 5; ++i) {
    driver_->unmount(call_, id, "/m");
    mount(id, "/m");
  }
  EXPECT_EQ(open(), before);
}

class LiveMountOfExternal : public LiveMount, public ::testing::WithParamInterface<const char*> {};
INSTANTIATE_TEST_SUITE_P(Runtimes, LiveMountOfExternal, ::testing::Values("runc", "crun"),
                         [](const auto& row) { return std::string(row.param); });

TEST_P(LiveMountOfExternal, comes_and_goes) {
  if (::access((std::string("/usr/bin/") + GetParam()).c_str(), X_OK) &&
      ::access((std::string("/usr/sbin/") + GetParam()).c_str(), X_OK))
    GTEST_SKIP() << "needs " << GetParam();
  const Json config{{"runtimes", {{"there", {{"path", GetParam()}}}}}};
  driver_ = std::make_unique<LinuxDriver>(*host_, config.dump());
  RuntimeCreate create = request(fresh_id(), sleeper());
  create.runtime = "there";
  const std::string id = start(create);
  mount(id, "/new/dir", {"rbind", "rro"});
  EXPECT_EQ(shell(id, "cat /new/dir/f; touch /new/dir/x 2>/dev/null || echo refused"), "seen\nrefused\n");
  driver_->unmount(call_, id, "/new/dir");
  EXPECT_EQ(shell(id, "ls /new/dir"), "");
}

} // namespace gantry::runtime_linux::test
