// What the service makes of labels, with a policy that it is told of; the kernel need not have one.
#include <set>

#include "../service_fixture.hpp"

namespace gantry::test {
namespace {

using ::testing::ElementsAre;
using ::testing::MatchesRegex;

class LabelledContainers : public ::testing::Test {
 protected:
  LabelledContainers() {
    open({"system_u:system_r:container_t:s0", "system_u:object_r:container_file_t:s0"});
    daemon->add_image();
  }
  void open(selinux::Policy policy) {
    daemon.reset();
    Defaults defaults;
    defaults.selinux = std::move(policy);
    daemon = std::make_unique<Daemon>(root.path(), std::chrono::milliseconds(1), std::move(defaults));
  }
  ContainerPtr create(const std::function<void(HostConfig&)>& change = {}) {
    CreateRequest request = daemon->request();
    if (change) change(request.host_config);
    return daemon->service->find(daemon->create(std::move(request)));
  }
  ContainerPtr create_with(const std::string& option) {
    return create([&](HostConfig& config) { config.security_opt = {option}; });
  }
  /// A member of the specification that the runtime was last given.
  Json spec() { return Json::parse(daemon->runtime.last_create().oci_spec_json); }

  TempDir root;
  std::unique_ptr<Daemon> daemon;
};

TEST_F(LabelledContainers, have_a_pair_each_for_as_long_as_they_exist) {
  std::set<std::string> labels;
  for (int i = 0; i < 50; ++i) labels.insert(create()->process_label);
  EXPECT_EQ(labels.size(), 50U);
  for (const auto& label : labels) EXPECT_THAT(label, MatchesRegex("system_u:system_r:container_t:s0:c[0-9]+,c[0-9]+"));
}

TEST_F(LabelledContainers, keep_their_labels_over_a_restart_of_the_daemon) {
  const ContainerPtr before = create();
  open({"system_u:system_r:container_t:s0", "system_u:object_r:container_file_t:s0"});
  daemon->run(daemon->service->recover());
  const ContainerPtr after = daemon->service->find(before->id);
  EXPECT_EQ(after->process_label, before->process_label);
  EXPECT_EQ(after->mount_label, before->mount_label);
}

TEST_F(LabelledContainers, run_with_their_labels) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root: the engine's files are labelled";
  const ContainerPtr container = create();
  daemon->run(daemon->service->start(container->id));
  EXPECT_EQ(spec()["process"]["selinuxLabel"], container->process_label);
  EXPECT_EQ(spec()["linux"]["mountLabel"], container->mount_label);
}

TEST_F(LabelledContainers, are_not_confined_when_privileged_or_with_the_hosts_processes) {
  const auto changes = {std::function<void(HostConfig&)>([](HostConfig& c) { c.privileged = true; }),
                        std::function<void(HostConfig&)>([](HostConfig& c) { c.pid_mode = "host"; }),
                        std::function<void(HostConfig&)>([](HostConfig& c) { c.ipc_mode = "host"; })};
  for (const auto& change : changes) {
    const ContainerPtr container = create(change);
    EXPECT_EQ(container->process_label, "");
    EXPECT_EQ(container->mount_label, "system_u:object_r:container_file_t:s0:c1022,c1023");
    EXPECT_THAT(container->host_config.security_opt, ElementsAre("label=disable"));
  }
  const ContainerPtr privileged = create([](HostConfig& c) {
    c.privileged = true;
    c.security_opt = {"label=type:other_t"};
  });
  EXPECT_EQ(privileged->process_label, "");
  EXPECT_THAT(privileged->host_config.security_opt, ElementsAre("label=type:other_t"));
}

TEST_F(LabelledContainers, share_the_label_of_the_container_that_they_join) {
  const ContainerPtr one = create_with("label=type:one_t");
  const ContainerPtr two = create([](HostConfig& c) { c.ipc_mode = "shareable"; });
  const ContainerPtr joined = create([&](HostConfig& c) { c.pid_mode = "container:" + one->id; });
  EXPECT_EQ(joined->process_label, one->process_label);
  EXPECT_EQ(joined->host_config.security_opt.size(), 4U);
  EXPECT_EQ(create([&](HostConfig& c) { c.ipc_mode = "container:" + two->id; })->process_label, two->process_label);
  const Error error = error_of([&] {
    create([&](HostConfig& c) {
      c.pid_mode = "container:" + one->id;
      c.ipc_mode = "container:" + two->id;
    });
  });
  EXPECT_STREQ(error.what(), "--ipc and --pid containers SELinux labels aren't the same");
}

TEST_F(LabelledContainers, refuse_a_bad_option_and_leave_nothing) {
  const Error error = error_of([&] { create_with("label=nosuch:x"); });
  EXPECT_EQ(error.code(), Code::invalid);
  EXPECT_THAT(error.what(), ::testing::HasSubstr("bad label option \"nosuch:x\""));
  EXPECT_TRUE(daemon->service->list().empty());
}

TEST_F(LabelledContainers, are_not_labelled_by_a_daemon_without_selinux) {
  const ContainerPtr labelled = create();
  open({});
  daemon->run(daemon->service->recover());
  daemon->run(daemon->service->start(labelled->id));
  EXPECT_FALSE(spec()["process"].contains("selinuxLabel"));
  EXPECT_FALSE(spec()["linux"].contains("mountLabel"));
  const ContainerPtr plain = create_with("label=nonsense");
  EXPECT_EQ(plain->process_label + plain->mount_label, "");
}

} // namespace
} // namespace gantry::test
