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
  EXPECT_TRUE(eventually([&] { return service().list().empty(); }));
  EXPECT_THAT(daemon->storage.active(), IsEmpty());
}

class HeldRemoval : public ContainerRecovery {
 protected:
  /// "web" with AutoRemove, which ended with 7 while no daemon ran.
  std::string ended() {
    CreateRequest request = daemon->request("web");
    request.host_config.auto_remove = true;
    const std::string id = daemon->create(std::move(request));
    daemon->run(service().start(id));
    daemon.reset();
    FakeRuntime(root / "runtime").finish(id, 7);
    daemon = std::make_unique<Daemon>(root.path(), std::chrono::hours(1));
    daemon->run(service().recover());
    return id;
  }
};

TEST_F(HeldRemoval, a_client_that_comes_back_is_told_the_exit_code) {
  const std::string id = ended();
  EXPECT_EQ(daemon->phase(id), Phase::exited);
  EXPECT_EQ(daemon->wait_now(id, WaitCondition::removed).status_code, 7);
  EXPECT_TRUE(eventually([&] { return service().list().empty(); }));
}

TEST_F(HeldRemoval, its_name_can_be_had_at_once) {
  ended();
  const std::string other = daemon->create("web");
  EXPECT_EQ(service().find("web")->id, other);
  EXPECT_EQ(service().list().size(), 1U);
}

TEST_F(HeldRemoval, it_can_be_removed_by_hand) {
  const std::string id = ended();
  daemon->run(service().remove(id, {}));
  EXPECT_THAT(service().list(), IsEmpty());
}

TEST_F(HeldRemoval, the_next_daemon_finishes_what_this_one_put_off) {
  ended();
  restart_daemon();
  EXPECT_TRUE(eventually([&] { return service().list().empty(); }));
}

TEST_F(HeldRemoval, nobody_waits_for_a_process_that_was_lost_with_the_machine) {
  CreateRequest request = daemon->request("web");
  request.host_config.auto_remove = true;
  const std::string id = daemon->create(std::move(request));
  daemon->run(service().start(id));
  daemon.reset();
  std::filesystem::remove(root / "runtime/" + id);
  daemon = std::make_unique<Daemon>(root.path(), std::chrono::hours(1));
  daemon->run(service().recover());
  EXPECT_THAT(service().list(), IsEmpty());
}

TEST_F(ContainerRecovery, always_comes_back_after_a_stop_and_what_never_ran_does_not_start) {
  const std::string stopped = started("always");
  daemon->run(service().stop(stopped, {}));
  CreateRequest request = daemon->request("fresh");
  request.host_config.restart_policy.name = "always";
  const std::string fresh = daemon->create(std::move(request));
  restart_daemon();
  EXPECT_TRUE(eventually([&] { return daemon->phase(stopped) == Phase::running; }));
  EXPECT_EQ(daemon->phase(fresh), Phase::created);
}

TEST_F(ContainerRecovery, a_container_in_anothers_namespace_is_started_after_it) {
  CreateRequest guest = daemon->request("guest");
  guest.host_config.restart_policy.name = "always";
  const std::string host = started("always");
  guest.host_config.network_mode = "container:" + host;
  const std::string id = daemon->create(std::move(guest));
  daemon->run(service().start(id));
  daemon->run(service().shutdown(true));
  restart_daemon();
  // The event comes after the phase.
  std::vector<std::string> order;
  EXPECT_TRUE(eventually([&] {
    const std::lock_guard lock(daemon->events_guard);
    order.clear();
    for (const auto& event : daemon->events) {
      if (event.action == "start") order.push_back(event.actor_id);
    }
    return order.size() == 2;
  }));
  EXPECT_THAT(order, ElementsAre(host, id));
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
