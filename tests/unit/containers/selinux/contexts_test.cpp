#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "containers/selinux/kernel.hpp"
#include "unit/base/temp_dir.hpp"

namespace gantry::containers::selinux {
namespace {

class SelinuxContextFiles : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) {
    const std::filesystem::path path = root.path() + "/" + name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }

  test::TempDir root;
  ContextFiles files{root.path() + "/contexts", root.path() + "/selinux"};
};

TEST_F(SelinuxContextFiles, are_read_as_container_selinux_writes_them) {
  write("contexts",
        "# for containers\nprocess = \"system_u:system_r:container_t:s0\"\ncontent = \"x\"\n"
        "file = \"system_u:object_r:container_file_t:s0\"\nro_file=\"y\"\n; end\n");
  const Policy policy = read_contexts(files);
  EXPECT_EQ(policy.process, "system_u:system_r:container_t:s0");
  EXPECT_EQ(policy.file, "system_u:object_r:container_file_t:s0");
}

TEST_F(SelinuxContextFiles, are_else_those_of_the_configured_policy) {
  write("selinux/config", "# SELINUX= can take …\nSELINUX=enforcing\nSELINUXTYPE=targeted\n");
  write("selinux/targeted/contexts/lxc_contexts", "process = \"a:b:c:s0\"\nfile = \"d:e:f:s0\"\n");
  EXPECT_EQ(read_contexts(files).process, "a:b:c:s0");
}

TEST_F(SelinuxContextFiles, may_be_missing_or_broken) {
  EXPECT_FALSE(read_contexts(files).enabled());
  for (const char* text : {"process = \"a:b:c\"\n", "process = \"a\"\nfile = \"a:b:c\"\n", "\n= =\n", "process\nfile"}) {
    write("contexts", text);
    EXPECT_FALSE(read_contexts(files).enabled()) << text;
  }
}

} // namespace
} // namespace gantry::containers::selinux
