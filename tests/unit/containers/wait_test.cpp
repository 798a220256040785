#include "service_fixture.hpp"

namespace gantry::test {
namespace {

class ContainerWait : public ServiceTest {};

TEST_F(ContainerWait, not_running_answers_at_once_for_a_container_that_never_ran) {
  EXPECT_EQ(daemon->wait_now(daemon->create()).status_code, 0);
}

TEST_F(ContainerWait, not_running_answers_at_once_with_the_code_of_the_last_run) {
  const std::string id = daemon->create();
  daemon->run(service().start(id));
  daemon->run(service().kill(id, ""));
  EXPECT_EQ(daemon->wait_now(id).status_code, 137);
}

TEST_F(ContainerWait, next_exit_waits_for_a_run_that_is_still_to_come) {
  const std::string id = daemon->create();
  auto waiter = service().wait(id, WaitCondition::next_exit);
  auto result = daemon->begin(waiter->result());
  daemon->run(service().start(id));
  EXPECT_EQ(result.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  daemon->runtime.finish(id, 9);
  EXPECT_EQ(result.get().status_code, 9);
}

TEST_F(ContainerWait, misses_nothing_that_happens_between_wait_and_result) {
  const std::string id = daemon->create();
  auto waiter = service().wait(id, WaitCondition::next_exit);
  daemon->run(service().start(id));
  daemon->run(service().kill(id, ""));
  EXPECT_EQ(daemon->run(waiter->result()).status_code, 137);
}

TEST_F(ContainerWait, removed_is_told_of_a_removal_that_fails_and_waits_for_the_next_one) {
  const std::string id = daemon->create();
  auto waiter = service().wait(id, WaitCondition::removed);
  daemon->runtime.fail_next_remove(Error(Code::internal, "busy"));
  EXPECT_THROW(daemon->run(service().remove(id, {})), Error);
  EXPECT_EQ(daemon->run(waiter->result()).error, "busy");
  auto again = service().wait(id, WaitCondition::removed);
  daemon->run(service().remove(id, {}));
  EXPECT_EQ(daemon->run(again->result()).error, "");
}

TEST_F(ContainerWait, of_an_unknown_container_is_refused) {
  EXPECT_EQ(error_of([&] { (void)service().wait("nope", WaitCondition::removed); }).code(), Code::not_found);
}

} // namespace
} // namespace gantry::test
