// A plugin author's build: the installed SDK, another compiler, another standard library, an older language.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "support/command.hpp"

namespace {

namespace fs = std::filesystem;
using gantry::test::CommandOptions;
using gantry::test::run;

class ForeignCompiler : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists("/usr/bin/clang++-16")) GTEST_SKIP() << "needs clang++-16";
    if (!fs::exists("/usr/lib/llvm-16/lib/libc++.a")) GTEST_SKIP() << "needs libc++-16-dev and libc++abi-16-dev";
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    std::string pattern = (fs::temp_directory_path() / "gantry-sdk-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
  }
  void TearDown() override {
    if (!root_.empty()) fs::remove_all(root_);
  }
  void must(const std::vector<std::string>& command) {
    CommandOptions options;
    options.deadline = std::chrono::seconds(240);
    const auto output = run(command, options);
    ASSERT_EQ(output.code, 0) << command[0] << "\n" << output.out << output.err;
  }

  std::string root_;
};

class ForeignExample : public ForeignCompiler, public testing::WithParamInterface<const char*> {};

TEST_P(ForeignExample, builds_against_the_installed_sdk_and_conforms) {
  must({"cmake", "--install", GANTRY_BUILD, "--component", "sdk", "--prefix", root_ + "/sdk"});
  // Away from the tree: what an author has is a copy of the example and the installed files.
  fs::copy(std::string(GANTRY_SOURCE "/sdk/examples/") + GetParam(), root_ + "/source", fs::copy_options::recursive);
  must({"cmake", "-S", root_ + "/source", "-B", root_ + "/build", "-DCMAKE_C_COMPILER=clang-16",
        "-DCMAKE_CXX_COMPILER=clang++-16", "-DCMAKE_CXX_FLAGS=-stdlib=libc++ -Wall -Wextra -Werror", "-DCMAKE_CXX_EXTENSIONS=OFF",
        "-DCMAKE_PREFIX_PATH=" + root_ + "/sdk"});
  must({"cmake", "--build", root_ + "/build"});
  const std::string plugin = root_ + "/build/examples/" + GetParam() + ".so";
  EXPECT_EQ(run({"nm", "-D", "--defined-only", "--format=just-symbols", plugin}).out, "gantry_plugin_entry_v1\n");
  const std::string libraries = run({"ldd", plugin}).out;
  EXPECT_EQ(libraries.find("libc++"), std::string::npos) << libraries;
  EXPECT_EQ(libraries.find("libstdc++"), std::string::npos) << libraries;
  must({root_ + "/sdk/bin/gantry-plugin-check", plugin});
}

INSTANTIATE_TEST_SUITE_P(Sdk, ForeignExample, testing::Values("storage-dir", "volume-dir"),
                         [](const auto& info) { return std::string(info.param) == "storage-dir" ? "storage" : "volume"; });

} // namespace
