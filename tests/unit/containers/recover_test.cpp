#include <filesystem>
#include <fstream>

#include "service_fixture.hpp"

namespace gantry::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ContainerRecovery : public ServiceTest {
 protected:
  std::string started(const std::string& policy = "") {
    CreateRequest request = daemon->request("web");
    request.host_config.restart_policy.name = policy;
    const std::string id = daemon->create(std::move(request));
    daemon->run(service().start(id));
    return id;
  }
};

TEST_F(ContainerRecovery, everything_that_was_stored_is_there_again) {
  CreateRequest request = daemon->request("web");
  request.config.labels["a"] = "b";
  const std::string id = daemon->create(std::move(request));
  restart_daemon();
  const ContainerPtr container = service().find("web");
  EXPECT_EQ(container->id, id);
  EXPECT_EQ(container->phase, Phase::created);
  EXPECT_EQ(container->config.labels.at("a"), "b");
  EXPECT_EQ(error_of([&] { daemon->create("web"); }).code(), Code::already_exists);
}

TEST_F(ContainerRecovery, a_running_container_is_adopted_and_its_exit_seen) {
  const std::string id = started();
  const std::int64_t began = service().find(id)->started_ns;
  restart_daemon();
  EXPECT_EQ(daemon->phase(id), Phase::running);
  EXPECT_EQ(service().find(id)->started_ns, began);
  auto waiter = service().wait(id, WaitCondition::not_running);
  daemon->runtime.finish(id, 8);
  EXPECT_EQ(daemon->run(waiter->result()).status_code, 8);
}

TEST_F(ContainerRecovery, a_paused_container_stays_paused) {
  const std::string id = started();
  daemon->run(service().pause(id));
  restart_daemon();
  EXPECT_EQ(daemon->phase(id), Phase::paused);
}

TEST_F(ContainerRecovery, an_exit_without_a_daemon_has_its_true_code_and_time) {
  const std::string id = started();
  const std::string runtime_file = root / "runtime/" + id;
  daemon.reset();
  std::filesystem::remove(runtime_file);
  {
    FakeRuntime offline(root / "runtime");
    offline.finish(id, 9);
  }
  daemon = std::make_unique<Daemon>(root.path());
  daemon->run(service().recover());
  const ContainerPtr container = service().find(id);
  EXPECT_EQ(container->phase, Phase::exited);
  EXPECT_EQ(container->exit_code, 9);
  EXPECT_GT(container->finished_ns, container->started_ns);
  EXPECT_THAT(daemon->actions(), ElementsAre("die"));
  EXPECT_THAT(daemon->runtime.ids(), IsEmpty());
}

TEST_F(ContainerRecovery, a_process_that_vanished_is_an_exit_with_255) {
  const std::string id = started();
  daemon.reset();
  std::filesystem::remove(root / "runtime/" + id);
  daemon = std::make_unique<Daemon>(root.path());
  daemon->run(service().recover());
  EXPECT_EQ(daemon->phase(id), Phase::exited);
  EXPECT_EQ(service().find(id)->exit_code, 255);
}

TEST_F(ContainerRecovery, unless_stopped_comes_back_only_when_nobody_stopped_it) {
  const std::string id = started("unless-stopped");
  daemon->run(service().stop(id, {}));
  restart_daemon();
  EXPECT_EQ(daemon->phase(id), Phase::exited);
  daemon->run(service().start(id));
  daemon->run(service().shutdown(true)); // ends it, but not by the user's wish
  EXPECT_EQ(daemon->phase(id), Phase::exited);
  restart_daemon();
  while (daemon->phase(id) != Phase::running) std::this_thread::yield();
}

TEST_F(ContainerRecovery, auto_remove_is_done_after_the_fact) {
  CreateRequest request = daemon->request("web");
  request.host_config.auto_remove = true;
  const std::string id = daemon->create(std::move(request));
  daemon->run(service().start(id));
  daemon.reset();
  {
    FakeRuntime offline(root / "runtime");
    offline.finish(id, 0);
  }
  daemon = std::make_unique<Daemon>(root.path());
  daemon->run(service().recover());
  EXPECT_THAT(service().list(), IsEmpty());
  EXPECT_THAT(daemon->storage.active(), IsEmpty());
}

TEST_F(ContainerRecovery, strays_of_drivers_and_directories_are_removed) {
  daemon->create("web");
  daemon.reset();
  std::filesystem::create_directories(root / "data/containers/stray");
  {
    std::ofstream(root / "storage/active-stray");
    std::ofstream(root / "runtime/stray") << "running";
  }
  daemon = std::make_unique<Daemon>(root.path());
  daemon->run(service().recover());
  EXPECT_FALSE(std::filesystem::exists(root / "data/containers/stray"));
  EXPECT_THAT(daemon->runtime.ids(), IsEmpty());
  EXPECT_EQ(daemon->storage.active().size(), 1U);
}

} // namespace
} // namespace gantry::test
