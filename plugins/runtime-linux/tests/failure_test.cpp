#include <sys/stat.h>
#include <fstream>

#include "container_fixture.hpp"

namespace gantry::runtime_linux::test {

class Failure : public ContainerTest {
 protected:
  void expect(const RuntimeCreate& create, const std::string& message, const std::string& reason) {
    const Error error = failure_of(create);
    EXPECT_EQ(error.what(), message);
    EXPECT_EQ(error.reason(), reason);
    EXPECT_TRUE(leftovers().empty()) << leftovers().front();
  }
};

TEST_F(Failure, names_a_program_that_is_not_in_the_path) {
  expect(program({"nonsense"}), "exec: \"nonsense\": executable file not found in $PATH", "command_not_found");
}

TEST_F(Failure, names_a_file_that_does_not_exist) {
  expect(program({"/bin/nonsense"}), "exec: \"/bin/nonsense\": stat /bin/nonsense: no such file or directory",
         "command_not_found");
}

TEST_F(Failure, says_when_a_file_is_not_executable) {
  expect(program({"/etc/passwd"}), "exec: \"/etc/passwd\": permission denied", "command_not_executable");
}

TEST_F(Failure, says_when_the_program_is_a_directory) {
  expect(program({"/etc"}), "exec: \"/etc\": is a directory", "command_not_executable");
}

TEST_F(Failure, names_an_unknown_user) {
  RuntimeCreate create = program({"true"});
  create.user = "nobodyknows";
  expect(create, "unable to find user nobodyknows: no matching entries in passwd file", "user_not_found");
}

TEST_F(Failure, names_an_unknown_group) {
  RuntimeCreate create = program({"true"});
  create.user = "alice:strangers";
  expect(create, "unable to find group strangers: no matching entries in group file", "user_not_found");
}

TEST_F(Failure, refuses_proc_that_the_image_made_a_symlink) {
  std::filesystem::remove(root() + "/proc");
  std::filesystem::create_symlink("/etc", root() + "/proc");
  expect(program({"true"}), "filesystem \"proc\" must be mounted on ordinary directory", "init_failed");
}

TEST_F(Failure, a_symlink_does_not_lead_a_mountpoint_out_of_the_root) {
  std::filesystem::create_directories(directory_ / "outside");
  std::filesystem::create_symlink((directory_ / "outside").string(), root() + "/escape");
  Json spec = default_spec({"true"});
  spec["mounts"].push_back(
      {{"destination", "/escape/made"}, {"type", "bind"}, {"source", root() + "/etc"}, {"options", {"rbind"}}});
  driver_->create(call_, request(fresh_id(), spec));
  EXPECT_ANY_THROW(driver_->start(call_, ids_.back()));
  EXPECT_TRUE(std::filesystem::is_empty(directory_ / "outside"));
}

TEST_F(Failure, a_fifo_in_place_of_passwd_does_not_block) {
  std::filesystem::remove(root() + "/etc/passwd");
  ASSERT_EQ(::mkfifo((root() + "/etc/passwd").c_str(), 0644), 0);
  RuntimeCreate create = program({"true"});
  create.user = "alice";
  expect(create, "unable to find user alice: no matching entries in passwd file", "user_not_found");
}

TEST_F(Failure, names_a_bind_source_that_does_not_exist) {
  Json spec = default_spec({"true"});
  spec["mounts"].push_back({{"destination", "/x"}, {"type", "bind"}, {"source", "/nonexistent/source"}, {"options", {"rbind"}}});
  expect(request(fresh_id(), spec), "bind \"/nonexistent/source\" to \"/x\": no such file or directory", "init_failed");
}

TEST_F(Failure, of_a_spec_leaves_nothing) {
  RuntimeCreate create = program({"true"});
  create.oci_spec_json = "{";
  EXPECT_EQ(failure_of(create).code(), Code::invalid);
  EXPECT_TRUE(leftovers().empty());
  Json spec = default_spec({"true"});
  spec["process"]["capabilities"]["bounding"] = {"CAP_NONSENSE"};
  const Error error = failure_of(request(fresh_id(), spec));
  EXPECT_STREQ(error.what(), "unknown capability \"CAP_NONSENSE\"");
  EXPECT_TRUE(leftovers().empty());
}

TEST_F(Failure, of_a_limit_leaves_nothing) {
  Json spec = default_spec({"true"});
  spec["linux"]["resources"]["cpu"]["cpus"] = "4000";
  EXPECT_EQ(failure_of(request(fresh_id(), spec)).code(), Code::internal);
  EXPECT_TRUE(leftovers().empty());
}

TEST_F(Failure, of_the_root_mount_leaves_nothing) {
  RuntimeCreate create = program({"true"});
  create.rootfs[0].options[0] = "lowerdir=/nonexistent";
  EXPECT_EQ(failure_of(create).reason(), "init_failed");
  EXPECT_TRUE(leftovers().empty());
}

TEST_F(Failure, of_a_script_with_a_missing_interpreter_is_told) {
  std::ofstream(root() + "/bin/script") << "#!/missing\n";
  std::filesystem::permissions(root() + "/bin/script", std::filesystem::perms(0755));
  expect(program({"script"}), "exec script: no such file or directory", "command_not_found");
}

/// The request to start and init's end cross each other.
TEST_F(Failure, of_init_is_told_however_early_it_comes) {
  for (int i = 0; i < 25; ++i) {
    RuntimeCreate create = program({"true"});
    create.rootfs = {{"overlay", "overlay", "", {"lowerdir=/nonexistent"}}};
    ASSERT_EQ(failure_of(create).reason(), "init_failed") << "attempt " << i;
  }
}

} // namespace gantry::runtime_linux::test
