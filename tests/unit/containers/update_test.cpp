#include <filesystem>
#include <fstream>

#include "service_fixture.hpp"

namespace gantry::test {
namespace {

constexpr std::int64_t mib = 1 << 20;

class ContainerUpdate : public ServiceTest {
 protected:
  std::string running(HostConfig config = {}) {
    CreateRequest request = daemon->request();
    config.network_mode = "none";
    request.host_config = std::move(config);
    const std::string id = daemon->create(std::move(request));
    daemon->run(service().start(id));
    return id;
  }
  std::vector<std::string> update(const std::string& id, const UpdateRequest& request) {
    return daemon->run(service().update(id, request));
  }
  std::string refusal(const std::string& id, const UpdateRequest& request, Code code = Code::forbidden_state) {
    const Error error = error_of([&] { update(id, request); });
    EXPECT_EQ(error.code(), code) << error.what();
    return error.what();
  }
  std::string cannot(const std::string& id, const std::string& why) { return "Cannot update container " + id + ": " + why; }
  const HostConfig& config(const std::string& id) {
    shown = service().find(id);
    return shown->host_config;
  }
  std::string mark(const std::string& id) const { return daemon->paths.container(id) + "/updating"; }
  static HostConfig limited() {
    HostConfig config;
    config.resources.memory = 64 * mib;
    config.resources.memory_swap = 128 * mib;
    return config;
  }

  UpdateRequest request;
  ContainerPtr shown;
};

TEST_F(ContainerUpdate, tells_the_kernel_only_what_changes_and_stores_it) {
  const std::string id = running(limited());
  request.resources.memory = 100 * mib;
  EXPECT_TRUE(update(id, request).empty());
  ASSERT_EQ(daemon->runtime.updates().size(), 1U);
  EXPECT_EQ(Json::parse(daemon->runtime.updates()[0]), Json::parse(R"({"memory":{"limit":104857600,"swap":134217728}})"));
  EXPECT_EQ(config(id).resources.memory, 100 * mib);
  EXPECT_EQ(config(id).resources.memory_swap, 128 * mib);
  EXPECT_EQ(daemon->actions().back(), "update");
  EXPECT_FALSE(std::filesystem::exists(mark(id)));
  restart_daemon();
  EXPECT_EQ(config(id).resources.memory, 100 * mib);
}

TEST_F(ContainerUpdate, of_a_stopped_container_counts_at_its_next_start) {
  const std::string id = daemon->create();
  request.resources.pids_limit = 7;
  request.resources.cpuset_cpus = "0";
  update(id, request);
  EXPECT_TRUE(daemon->runtime.updates().empty());
  daemon->run(service().start(id));
  const Json resources = Json::parse(daemon->runtime.last_create().oci_spec_json)["linux"]["resources"];
  EXPECT_EQ(resources["pids"]["limit"], 7);
  EXPECT_EQ(resources["cpu"]["cpus"], "0");
}

TEST_F(ContainerUpdate, a_pids_limit_of_zero_is_none) {
  HostConfig limits;
  limits.resources.pids_limit = 5;
  const std::string id = running(limits);
  request.resources.pids_limit = 0;
  update(id, request);
  EXPECT_EQ(Json::parse(daemon->runtime.updates().back()), Json::parse(R"({"pids":{"limit":-1}})"));
  EXPECT_EQ(config(id).resources.pids_limit, 0);
}

TEST_F(ContainerUpdate, with_nothing_in_it_changes_nothing) {
  const std::string id = running(limited());
  update(id, request);
  EXPECT_TRUE(daemon->runtime.updates().empty());
  EXPECT_EQ(config(id).resources.memory, 64 * mib);
}

TEST_F(ContainerUpdate, what_only_create_can_set_is_ignored) {
  const std::string id = running();
  request.resources.memory_swappiness = 5;
  request.resources.ulimits = {{"nofile", 5, 5}};
  request.resources.cgroup_parent = "/elsewhere";
  update(id, request);
  EXPECT_TRUE(daemon->runtime.updates().empty());
  EXPECT_EQ(config(id).resources.memory_swappiness, std::nullopt);
  EXPECT_EQ(config(id).resources.cgroup_parent, "");
}

TEST_F(ContainerUpdate, a_kernel_that_refuses_leaves_everything_as_it_was) {
  const std::string id = running(limited());
  daemon->runtime.fail_next_update(Error(Code::in_use, "unable to set memory limit"));
  request.resources.memory = 32 * mib;
  request.restart_policy.name = "always";
  EXPECT_EQ(refusal(id, request, Code::in_use), cannot(id, "unable to set memory limit"));
  EXPECT_EQ(config(id).resources.memory, 64 * mib);
  EXPECT_EQ(config(id).restart_policy.name, "no");
  EXPECT_FALSE(std::filesystem::exists(mark(id)));
  EXPECT_NE(daemon->actions().back(), "update");
}

TEST_F(ContainerUpdate, that_cannot_be_stored_is_undone_in_the_kernel) {
  const std::string id = running(limited());
  daemon->database->transaction([](state::Database::Transaction& tx) {
    tx.run("CREATE TRIGGER full BEFORE UPDATE OF doc ON containers BEGIN SELECT RAISE(ABORT, 'disk full'); END");
  });
  request.resources.memory = 32 * mib;
  EXPECT_THAT(refusal(id, request, Code::internal), ::testing::HasSubstr("disk full"));
  ASSERT_EQ(daemon->runtime.updates().size(), 2U);
  const Json undo = Json::parse(daemon->runtime.updates()[1]);
  EXPECT_EQ(undo["memory"], Json::parse(R"({"limit":67108864,"swap":134217728,"reservation":-1})"));
  EXPECT_EQ(undo["pids"]["limit"], -1);
  EXPECT_EQ(undo["cpu"]["quota"], -1);
  EXPECT_EQ(config(id).resources.memory, 64 * mib);
  EXPECT_FALSE(std::filesystem::exists(mark(id)));
}

TEST_F(ContainerUpdate, half_done_by_a_daemon_that_was_killed_is_settled_by_the_next_one) {
  const std::string id = running(limited());
  std::ofstream(mark(id)).flush();
  restart_daemon();
  ASSERT_EQ(daemon->runtime.updates().size(), 1U);
  EXPECT_EQ(Json::parse(daemon->runtime.updates()[0])["memory"]["limit"], 64 * mib);
  EXPECT_FALSE(std::filesystem::exists(mark(id)));
}

TEST_F(ContainerUpdate, what_conflicts_with_what_is_set_is_refused_in_dockers_words) {
  struct Row {
    std::function<void(Resources&)> set, wanted;
    const char* error;
  };
  const auto conflict = [](const char* what, const char* set) {
    return std::string("Conflicting options: ") + what + " cannot be updated as " + set + " has already been set";
  };
  const std::string nano_period = conflict("Nano CPUs", "CPU Period"), nano_quota = conflict("Nano CPUs", "CPU Quota"),
                    period_nano = conflict("CPU Period", "NanoCPUs"), quota_nano = conflict("CPU Quota", "NanoCPUs");
  const char* memory = "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time";
  const std::vector<Row> rows = {
      {[](Resources& r) { r.cpu_period = 50000; }, [](Resources& r) { r.nano_cpus = 1'000'000'000; }, nano_period.c_str()},
      {[](Resources& r) { r.cpu_quota = 50000; }, [](Resources& r) { r.nano_cpus = 1'000'000'000; }, nano_quota.c_str()},
      {[](Resources& r) { r.nano_cpus = 1'000'000'000; }, [](Resources& r) { r.cpu_period = 50000; }, period_nano.c_str()},
      {[](Resources& r) { r.nano_cpus = 1'000'000'000; }, [](Resources& r) { r.cpu_quota = 50000; }, quota_nano.c_str()},
      {[](Resources&) {}, [](Resources& r) { r.memory = 64 * mib; }, memory},
      {[](Resources& r) { r.memory = 32 * mib; }, [](Resources& r) { r.memory = 100 * mib; }, memory},
      {[](Resources& r) { r.memory = 64 * mib; }, [](Resources& r) { r.memory_swap = 32 * mib; },
       "Minimum memoryswap limit should be larger than memory limit, see usage"},
      {[](Resources&) {}, [](Resources& r) { r.memory_swap = 64 * mib; },
       "You should always set the Memory limit when using Memoryswap limit, see usage"},
  };
  for (const Row& row : rows) {
    HostConfig limits;
    row.set(limits.resources);
    const std::string id = running(limits);
    UpdateRequest wanted;
    row.wanted(wanted.resources);
    EXPECT_EQ(refusal(id, wanted), cannot(id, row.error));
  }
  EXPECT_TRUE(daemon->runtime.updates().empty());
}

TEST_F(ContainerUpdate, bad_values_are_refused_before_the_container_is_looked_for) {
  request.resources.memory = 1;
  EXPECT_EQ(refusal("nobody", request, Code::invalid), "Minimum memory limit allowed is 6MB");
  request.resources.memory = 64 * mib;
  request.restart_policy.name = "sometimes";
  EXPECT_EQ(refusal("nobody", request, Code::invalid),
            "invalid restart policy: unknown policy 'sometimes'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'");
  request.restart_policy.name.clear();
  EXPECT_EQ(refusal("nobody", request, Code::not_found), "No such container: nobody");
}

TEST_F(ContainerUpdate, the_restart_policy_changes_without_the_kernel) {
  const std::string id = running();
  request.restart_policy = {"on-failure", 3};
  update(id, request);
  EXPECT_EQ(config(id).restart_policy.name, "on-failure");
  EXPECT_EQ(config(id).restart_policy.maximum_retry_count, 3);
  EXPECT_TRUE(daemon->runtime.updates().empty());
}

TEST_F(ContainerUpdate, a_container_that_removes_itself_gets_no_restart_policy) {
  HostConfig passing;
  passing.auto_remove = true;
  const std::string id = running(passing);
  request.restart_policy.name = "always";
  EXPECT_EQ(refusal(id, request), cannot(id, "Restart policy cannot be updated because AutoRemove is enabled for the container"));
  request.restart_policy.name = "no";
  update(id, request);
  EXPECT_EQ(config(id).restart_policy.name, "no");
}

TEST_F(ContainerUpdate, a_dead_container_stays_as_it_is) {
  const std::string id = daemon->create();
  daemon->storage.fail_next_remove();
  (void)error_of([&] { daemon->run(service().remove(id, {})); });
  ASSERT_EQ(daemon->phase(id), Phase::dead);
  request.resources.pids_limit = 5;
  EXPECT_EQ(refusal(id, request), cannot(id, "container is marked for removal and cannot be \"update\""));
}

class ContainerMounts : public ContainerUpdate {
 protected:
  static Json bind(const std::string& source, const std::string& target) {
    return {{"Type", "bind"}, {"Source", source}, {"Target", target}};
  }
  std::vector<std::string> at(const std::string& id) {
    std::vector<std::string> targets;
    for (const auto& point : service().find(id)->mounts) targets.push_back(point.destination);
    return targets;
  }
  void add(const std::string& id, Json mounts) {
    UpdateRequest more;
    more.mounts.add = std::move(mounts);
    update(id, more);
  }
};

TEST_F(ContainerMounts, come_and_go_while_it_runs_and_are_kept) {
  const std::string id = running();
  Json read_only = bind("/tmp", "/more");
  read_only["ReadOnly"] = true;
  add(id, Json::array({bind("/", "/host/"), read_only}));
  EXPECT_EQ(daemon->runtime.mounts(),
            (std::vector<std::string>{id + " / /host rbind,rprivate,rw", id + " /tmp /more rbind,rprivate,rro"}));
  EXPECT_EQ(at(id), (std::vector<std::string>{"/host", "/more"}));
  EXPECT_TRUE(service().find(id)->mounts[0].live);
  restart_daemon();
  EXPECT_EQ(at(id), (std::vector<std::string>{"/host", "/more"}));
  add(id, Json::array({bind("/", "/last")})); // the fake forgets its mounts with its engine
  request.mounts.remove = {"/last/"};
  update(id, request);
  EXPECT_TRUE(daemon->runtime.mounts().empty());
  EXPECT_EQ(at(id), (std::vector<std::string>{"/host", "/more"}));
  // Nobody is told that a mount is gone which the container may have moved.
  request.mounts.remove = {"/host"};
  EXPECT_NE(refusal(id, request, Code::already_exists).find("nothing is mounted at /host any more"), std::string::npos);
  EXPECT_EQ(at(id), (std::vector<std::string>{"/host", "/more"}));
}

TEST_F(ContainerMounts, of_a_stopped_container_are_there_at_its_next_start) {
  const std::string id = daemon->create();
  add(id, Json::array({bind("/tmp", "/more")}));
  EXPECT_TRUE(daemon->runtime.mounts().empty());
  EXPECT_FALSE(service().find(id)->mounts[0].live);
  daemon->run(service().start(id));
  EXPECT_NE(daemon->runtime.last_create().oci_spec_json.find("\"/more\""), std::string::npos);
}

TEST_F(ContainerMounts, are_undone_when_a_later_one_fails) {
  const std::string id = running();
  add(id, Json::array({bind("/tmp", "/first")}));
  UpdateRequest wrong;
  wrong.mounts.remove = {"/first"};
  wrong.mounts.add = Json::array({bind("/", "/second")});
  daemon->runtime.fail_next_mount(Error(Code::not_found, "no luck"));
  EXPECT_EQ(refusal(id, wrong, Code::invalid), cannot(id, "no luck"));
  EXPECT_EQ(daemon->runtime.mounts(), (std::vector<std::string>{id + " /tmp /first rbind,rprivate,rw"}));
  EXPECT_EQ(at(id), (std::vector<std::string>{"/first"}));
  EXPECT_FALSE(std::filesystem::exists(mark(id)));
}

TEST_F(ContainerMounts, that_cannot_be_are_refused) {
  struct Row {
    Json add;
    StringList remove;
    Code code;
    const char* why;
  };
  const Json tmpfs = {{"Type", "tmpfs"}, {"Target", "/t"}};
  const Row rows[] = {
      {Json::array({bind("/", "relative")}),
       {},
       Code::invalid,
       "invalid mount config for type \"bind\": invalid mount path: 'relative' mount path must be absolute"},
      {Json::array({bind("/", "/")}),
       {},
       Code::invalid,
       "invalid mount config for type \"bind\": invalid specification: destination can't be '/'"},
      {Json::array({bind("/no/such", "/a")}),
       {},
       Code::invalid,
       "invalid mount config for type \"bind\": bind source path does not exist: /no/such"},
      {Json::array({bind("/", "/a"), bind("/", "/a/")}), {}, Code::invalid, "Duplicate mount point: /a"},
      {Json::array({bind("/", "/deep/there")}), {}, Code::invalid, "Duplicate mount point: /deep/there"},
      {Json::array({bind("/", "/deep/there")}), {"/deep/there"}, Code::invalid, "Duplicate mount point: /deep/there"},
      {Json::array({bind("/", "/deep")}), {}, Code::already_exists, "a mount at /deep would cover the one at /deep/there"},
      {Json::array({bind("/", "/proc/x")}),
       {},
       Code::invalid,
       "invalid mount config for type \"bind\": /proc/x is the engine's in a running container"},
      {Json::array({tmpfs}),
       {},
       Code::invalid,
       "invalid mount config for type \"tmpfs\": only binds and volumes can be added by an update"},
      {nullptr, {"/nothing"}, Code::invalid, "the container has no bind or volume at /nothing"},
      {Json::array({Json{{"Type", "volume"}, {"Source", "data"}, {"Target", "/d"}}}),
       {},
       Code::invalid,
       "create data: error looking up volume plugin local: plugin \"local\" not found"},
  };
  const std::string id = running();
  add(id, Json::array({bind("/tmp", "/deep/there")}));
  for (const Row& row : rows) {
    UpdateRequest wrong;
    wrong.mounts.add = row.add;
    wrong.mounts.remove = row.remove;
    EXPECT_EQ(refusal(id, wrong, row.code), cannot(id, row.why));
  }
  EXPECT_EQ(at(id), (std::vector<std::string>{"/deep/there"}));
  EXPECT_EQ(daemon->runtime.mounts().size(), 1U);
}

/// Written by an engine that died while it mounted: it had stored nothing yet.
TEST_F(ContainerMounts, that_an_engine_did_not_finish_are_settled_by_the_next) {
  const std::string id = running();
  add(id, Json::array({bind("/tmp", "/first"), bind("/tmp", "/kept")}));
  std::ofstream(mark(id)) << R"({"mount":["/half"],"unmount":["/first"],"volumes":["gone"]})";
  restart_daemon();
  EXPECT_EQ(at(id), (std::vector<std::string>{"/kept"}));
  EXPECT_FALSE(std::filesystem::exists(mark(id)));
}

TEST_F(ContainerMounts, that_cannot_be_settled_at_a_start_are_settled_later) {
  const std::string id = running();
  add(id, Json::array({bind("/tmp", "/first"), bind("/tmp", "/kept")}));
  std::ofstream(mark(id)) << R"({"mount":["/half"],"unmount":["/first"],"volumes":[]})";
  daemon.reset();
  daemon = std::make_unique<Daemon>(root.path(), std::chrono::milliseconds(1));
  daemon->runtime.fail_unmounts(3); // both of them at the start, and one of the next try
  daemon->run(daemon->service->recover());
  EXPECT_TRUE(std::filesystem::exists(mark(id)));
  EXPECT_EQ(at(id), (std::vector<std::string>{"/first", "/kept"})) << "stored as it is for as long as it may be mounted";
  EXPECT_TRUE(eventually([&] { return !std::filesystem::exists(mark(id)); }));
  EXPECT_EQ(daemon->runtime.failing_unmounts(), 0);
  EXPECT_EQ(at(id), (std::vector<std::string>{"/kept"}));
}

TEST_F(ContainerMounts, that_cannot_be_settled_refuse_the_next_update_and_are_tried_again_by_it) {
  const std::string id = running();
  add(id, Json::array({bind("/tmp", "/first")}));
  std::ofstream(mark(id)) << R"({"mount":[],"unmount":["/first"],"volumes":[]})";
  daemon->runtime.fail_unmounts(1);
  UpdateRequest wanted;
  wanted.mounts.add = Json::array({bind("/tmp", "/second")});
  EXPECT_EQ(refusal(id, wanted, Code::unavailable),
            cannot(id, "what an earlier update has left half-done when the engine died cannot be undone yet; see the log"));
  add(id, Json::array({bind("/tmp", "/second")}));
  EXPECT_EQ(at(id), (std::vector<std::string>{"/second"}));
  EXPECT_FALSE(std::filesystem::exists(mark(id)));
}

} // namespace
} // namespace gantry::test
