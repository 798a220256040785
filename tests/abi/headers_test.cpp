// The public headers compile alone, in every language version that they promise, without a warning.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "support/command.hpp"

namespace {

namespace fs = std::filesystem;
using gantry::test::CommandOptions;
using gantry::test::run;

const fs::path include = GANTRY_SOURCE "/sdk/include";

std::vector<fs::path> headers(const std::string& folder, const std::string& extension) {
  std::vector<fs::path> result;
  for (const auto& entry : fs::recursive_directory_iterator(include / folder)) {
    if (entry.path().extension() == extension) result.push_back(fs::relative(entry.path(), include));
  }
  return result;
}

struct Dialect {
  const char* name;
  std::vector<std::string> compiler;
  const char* folder;
  const char* extension;
};

class Headers : public testing::TestWithParam<Dialect> {};

TEST_P(Headers, compile_alone_without_a_warning) {
  const auto& dialect = GetParam();
  const auto files = headers(dialect.folder, dialect.extension);
  ASSERT_FALSE(files.empty());
  for (const auto& header : files) {
    auto command = dialect.compiler;
    for (const char* flag : {"-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only"}) command.emplace_back(flag);
    command.push_back("-I" + include.string());
    command.emplace_back("-");
    CommandOptions options;
    options.input = "#include <" + header.string() + ">\n";
    const auto output = run(command, options);
    EXPECT_EQ(output.code, 0) << header << "\n" << output.err;
  }
}

INSTANTIATE_TEST_SUITE_P(Dialects, Headers,
                         testing::Values(Dialect{"abi_c11", {"cc", "-x", "c", "-std=c11", "-Wpadded"}, "gantry/abi", ".h"},
                                         Dialect{"abi_cxx17", {"c++", "-x", "c++", "-std=c++17", "-Wpadded"}, "gantry/abi", ".h"},
                                         Dialect{"abi_cxx20", {"c++", "-x", "c++", "-std=c++20", "-Wpadded"}, "gantry/abi", ".h"},
                                         Dialect{"sdk_cxx17", {"c++", "-x", "c++", "-std=c++17"}, "gantry/sdk", ".hpp"},
                                         Dialect{"sdk_cxx20", {"c++", "-x", "c++", "-std=c++20"}, "gantry/sdk", ".hpp"}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(AbiHeaders, stay_short) {
  for (const auto& header : headers("gantry/abi", ".h")) {
    const auto output = run({"wc", "-l", (include / header).string()});
    EXPECT_LT(std::stoi(output.out), 200) << header;
  }
}

} // namespace
