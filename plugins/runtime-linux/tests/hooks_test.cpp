#include <filesystem>
#include <fstream>
#include <iterator>

#include "container_fixture.hpp"

namespace gantry::runtime_linux::test {

class OciHooks : public ContainerTest {
 protected:
  /// A hook of the host that appends its name, status, whether `pid` is there and its own mount namespace's view to a file.
  Json note(const std::string& name) {
    const std::string script = "s=$(cat); printf '%s %s %s\\n' " + name +
                               " \"$(echo \"$s\" | sed 's/.*\"status\":\"\\([a-z]*\\)\".*/\\1/')\" "
                               "\"$(echo \"$s\" | sed 's/.*\"id\":\"\\([^\"]*\\)\".*/\\1/')\" >>" +
                               notes();
    return {{"path", "/bin/sh"}, {"args", {"sh", "-c", script}}, {"env", {"PATH=/usr/bin:/bin"}}};
  }
  std::string notes() const { return directory_ / "notes"; }
  std::string noted() const {
    std::ifstream in(notes());
    return {std::istreambuf_iterator<char>(in), {}};
  }
  RuntimeCreate with_hooks(const std::vector<std::string>& args, const Json& hooks) {
    Json spec = default_spec(args);
    spec["hooks"] = hooks;
    return request(fresh_id(), spec);
  }
};

TEST_F(OciHooks, run_in_their_order_with_the_state_on_stdin) {
  Json hooks;
  for (const char* stage : {"prestart", "createRuntime", "createContainer", "poststart", "poststop"})
    hooks[stage] = {note(stage)};
  const RuntimeCreate create = with_hooks({"sh", "-c", "sleep 0.2"}, hooks);
  run(create);
  const std::string id = create.id;
  EXPECT_EQ(noted(), "prestart creating " + id + "\ncreateRuntime creating " + id + "\ncreateContainer creating " + id +
                         "\npoststart running " + id + "\npoststop stopped " + id + "\n");
}

TEST_F(OciHooks, start_container_hooks_belong_to_the_container) {
  const Json hook{{"path", "/bin/sh"}, {"args", {"sh", "-c", "echo $$ >/hooked; id -u >>/hooked"}}, {"env", {"PATH=/bin"}}};
  std::filesystem::create_directory(root() + "/open");
  RuntimeCreate create = with_hooks({"cat", "/hooked"}, {{"startContainer", {hook}}});
  EXPECT_EQ(run(create).output, "2\n0\n");
}

TEST_F(OciHooks, one_that_fails_fails_the_container_and_poststop_still_runs) {
  for (const char* stage : {"prestart", "createRuntime", "createContainer"}) {
    std::filesystem::remove(notes());
    const Json bad{{"path", "/bin/sh"}, {"args", {"sh", "-c", "echo sorry >&2; exit 3"}}};
    const RuntimeCreate create = with_hooks({"true"}, {{stage, {bad}}, {"poststop", {note("poststop")}}});
    const Error error = failure_of(create);
    EXPECT_EQ(std::string(error.what()), std::string("error running ") + stage + " hook #0: exit status 3, output: sorry\n");
    driver_->remove(call_, create.id, true);
    EXPECT_EQ(noted(), "poststop stopped " + create.id + "\n") << stage;
  }
}

TEST_F(OciHooks, one_that_takes_too_long_is_ended) {
  const Json slow{{"path", "/bin/sleep"}, {"args", {"sleep", "60"}}, {"timeout", 1}};
  for (const char* stage : {"createRuntime", "createContainer"}) {
    const Error error = failure_of(with_hooks({"true"}, {{stage, {slow}}}));
    EXPECT_NE(std::string(error.what()).find("ran past its timeout of 1s"), std::string::npos) << error.what();
  }
}

TEST_F(OciHooks, failures_after_the_start_are_only_logged) {
  const Json bad{{"path", "/nowhere/hook"}};
  EXPECT_EQ(run(with_hooks({"echo", "fine"}, {{"poststart", {bad}}, {"poststop", {bad}}})).output, "fine\n");
}

TEST_F(OciHooks, malformed_ones_are_refused) {
  EXPECT_EQ(failure_of(with_hooks({"true"}, {{"prestart", {{{"path", "relative"}}}}})).code(), Code::invalid);
}

} // namespace gantry::runtime_linux::test
