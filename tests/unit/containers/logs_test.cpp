#include <filesystem>
#include <fstream>
#include <future>

#include "service_fixture.hpp"

namespace gantry::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ContainerLogs : public ServiceTest {
 protected:
  void add(const std::string& id, const std::string& text, const std::string& stream = "stdout", int second = 1) {
    char line[512];
    std::snprintf(line, sizeof line, R"({"log":"%s","stream":"%s","time":"1970-01-01T00:00:%02dZ"})", text.c_str(),
                  stream.c_str(), second);
    std::ofstream(daemon->paths.container_log(id), std::ios::app) << line << "\n";
  }
  LogSink sink() {
    return [this](const std::vector<LogLine>& lines) -> Task<void> {
      const std::lock_guard lock(guard);
      for (const auto& line : lines) texts.push_back(line.text);
      co_return;
    };
  }
  std::vector<std::string> seen() {
    const std::lock_guard lock(guard);
    return texts;
  }
  void wait_for(std::size_t count) {
    while (seen().size() < count) std::this_thread::yield();
  }
  static LogOptions both() {
    LogOptions options;
    options.out = options.err = true;
    return options;
  }
  std::mutex guard;
  std::vector<std::string> texts;
};

TEST_F(ContainerLogs, need_a_stream) {
  const std::string id = daemon->create();
  const Error error = error_of([&] { daemon->run(service().logs(id, {}, sink())); });
  EXPECT_STREQ(error.what(), "Bad parameters: you must choose at least one stream");
}

TEST_F(ContainerLogs, choose_streams_and_times) {
  const std::string id = daemon->create();
  add(id, "a", "stdout", 1);
  add(id, "b", "stderr", 2);
  add(id, "c", "stdout", 3);
  add(id, "d", "stdout", 4);
  LogOptions options;
  options.out = true;
  options.since_ns = 2'000'000'000;
  options.until_ns = 3'000'000'000;
  daemon->run(service().logs(id, options, sink()));
  EXPECT_THAT(seen(), ElementsAre("c"));
}

TEST_F(ContainerLogs, following_a_stopped_container_ends) {
  const std::string id = daemon->create();
  add(id, "a");
  LogOptions options = both();
  options.follow = true;
  daemon->run(service().logs(id, options, sink()));
  EXPECT_THAT(seen(), ElementsAre("a"));
}

TEST_F(ContainerLogs, following_goes_on_across_rotation_until_the_container_ends) {
  const std::string id = daemon->create();
  daemon->run(service().start(id));
  LogOptions options = both();
  options.follow = true;
  auto following = daemon->begin(service().logs(id, options, sink()));
  add(id, "one");
  wait_for(1);
  add(id, "two");
  std::filesystem::rename(daemon->paths.container_log(id), daemon->paths.container_log(id) + ".1");
  add(id, "three");
  wait_for(3);
  add(id, "last");
  daemon->runtime.finish(id, 0);
  following.get();
  EXPECT_THAT(seen(), ElementsAre("one", "two", "three", "last"));
}

TEST_F(ContainerLogs, following_ends_with_the_run_even_when_a_policy_starts_another) {
  CreateRequest request = daemon->request();
  request.host_config.restart_policy.name = "always";
  const std::string id = daemon->create(std::move(request));
  daemon->run(service().start(id));
  LogOptions options = both();
  options.follow = true;
  auto following = daemon->begin(service().logs(id, options, sink()));
  add(id, "last");
  daemon->runtime.finish(id, 1);
  following.get();
  EXPECT_THAT(seen(), ElementsAre("last"));
}

TEST_F(ContainerLogs, following_ends_before_the_exit_is_published) {
  const std::string id = daemon->create();
  daemon->run(service().start(id));
  LogOptions options = both();
  options.follow = true;
  auto following = daemon->begin(service().logs(id, options, sink()));
  add(id, "last");
  wait_for(1);
  std::promise<bool> ended;
  const auto subscription = daemon->bus.subscribe(0, [&](const events::EventPtr& event) {
    if (event->action == "die") ended.set_value(following.wait_for(std::chrono::seconds(10)) == std::future_status::ready);
  });
  daemon->runtime.finish(id, 0);
  EXPECT_TRUE(ended.get_future().get());
}

TEST_F(ContainerLogs, following_ends_when_the_container_is_removed) {
  const std::string id = daemon->create();
  daemon->run(service().start(id));
  LogOptions options = both();
  options.follow = true;
  auto following = daemon->begin(service().logs(id, options, sink()));
  RemoveOptions force;
  force.force = true;
  daemon->run(service().remove(id, force));
  following.get();
}

TEST_F(ContainerLogs, of_the_driver_none_cannot_be_read) {
  CreateRequest request = daemon->request();
  request.host_config.log_config.type = "none";
  const std::string id = daemon->create(std::move(request));
  const Error error = error_of([&] { daemon->run(service().logs(id, both(), sink())); });
  EXPECT_EQ(error.code(), Code::not_implemented);
  EXPECT_STREQ(error.what(), "configured logging driver does not support reading");
  EXPECT_THAT(seen(), IsEmpty());
}

} // namespace
} // namespace gantry::test
