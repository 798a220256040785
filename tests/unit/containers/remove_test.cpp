#include <filesystem>

#include "service_fixture.hpp"

namespace gantry::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ContainerRemove : public ServiceTest {
 protected:
  Error refusal(const std::string& reference) {
    return error_of([&] { daemon->run(service().remove(reference, {})); });
  }
  static RemoveOptions forced() {
    RemoveOptions options;
    options.force = true;
    return options;
  }
};

TEST_F(ContainerRemove, leaves_nothing) {
  const std::string id = daemon->create("web");
  daemon->run(service().remove("web", {}));
  EXPECT_THAT(service().list(), IsEmpty());
  EXPECT_THAT(daemon->storage.active(), IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(daemon->paths.container(id)));
  EXPECT_THAT(daemon->actions(), ElementsAre("create", "destroy"));
  daemon->create("web");
}

TEST_F(ContainerRemove, refuses_a_running_container_in_dockers_words) {
  const std::string id = daemon->create("web");
  daemon->run(service().start(id));
  const Error error = refusal("web");
  EXPECT_EQ(error.code(), Code::forbidden_state);
  EXPECT_STREQ(error.what(),
               "cannot remove container \"web\": container is running: stop the container before removing or "
               "force remove");
  daemon->run(service().pause(id));
  EXPECT_STREQ(refusal("web").what(), "cannot remove container \"web\": container is paused and must be unpaused first");
  EXPECT_EQ(daemon->phase(id), Phase::paused);
}

TEST_F(ContainerRemove, by_force_kills_first) {
  const std::string id = daemon->create("web");
  daemon->run(service().start(id));
  daemon->run(service().remove(id, forced()));
  EXPECT_THAT(daemon->runtime.signals(), ElementsAre(9));
  EXPECT_THAT(daemon->runtime.ids(), IsEmpty());
  EXPECT_THAT(daemon->actions(), ElementsAre("create", "start", "kill", "die", "destroy"));
}

TEST_F(ContainerRemove, wakes_who_waits_for_it) {
  const std::string id = daemon->create("web");
  auto waiter = service().wait(id, WaitCondition::removed);
  daemon->run(service().remove(id, {}));
  EXPECT_EQ(daemon->run(waiter->result()).error, "");
}

TEST_F(ContainerRemove, a_failure_leaves_it_dead_and_can_be_tried_again) {
  const std::string id = daemon->create("web");
  auto waiter = service().wait(id, WaitCondition::removed);
  daemon->storage.fail_next_remove();
  EXPECT_EQ(refusal("web").what(), "container " + id + ": removal failed: device or resource busy");
  EXPECT_EQ(daemon->phase(id), Phase::dead);
  EXPECT_EQ(daemon->run(waiter->result()).error, "device or resource busy");
  daemon->run(service().remove("web", {}));
  EXPECT_THAT(service().list(), IsEmpty());
}

TEST_F(ContainerRemove, a_second_removal_at_the_same_time_is_a_conflict) {
  daemon->runtime.ignore_signal(9); // the first removal waits for an exit that we decide about
  const std::string id = daemon->create("web");
  daemon->run(service().start(id));
  auto first = daemon->begin(service().remove(id, forced()));
  while (daemon->runtime.signals().empty()) std::this_thread::yield();
  const Error error = refusal("web");
  EXPECT_EQ(error.code(), Code::forbidden_state);
  EXPECT_STREQ(error.what(), "removal of container web is already in progress");
  daemon->runtime.finish(id, 137);
  first.get();
}

} // namespace
} // namespace gantry::test
