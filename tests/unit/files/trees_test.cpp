// Trees that are made like others, and archives that do not fit where they are unpacked.
#include <fcntl.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gantry/sdk/fd.hpp>

#include "files/copy_tree.hpp"
#include "files/extract.hpp"
#include "files/mirror.hpp"
#include "unit/base/temp_dir.hpp"

namespace gantry::test {
namespace {

namespace fs = std::filesystem;

UniqueFd open_directory(const std::string& path) { return UniqueFd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)); }

/// Runs `f` with the working directory as it was before, which it has to itself.
template <class F>
void at_home(const F& f) {
  const auto home = fs::current_path();
  f();
  fs::current_path(home);
}

void write_text(const std::string& path, const std::string& text) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream(path) << text;
}

std::string text_of(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Mirror, makes_of_one_tree_what_the_other_is_at_the_paths) {
  const TempDir dir;
  const std::string from = dir.path() + "/from", to = dir.path() + "/to", out = dir.path() + "/out";
  write_text(out + "/victim", "as it was");
  write_text(to + "/same", "mine");
  write_text(to + "/gone/deep/f", "");
  write_text(to + "/again/old", "");
  write_text(to + "/was-file", "");
  write_text(to + "/was-directory/f", "");
  fs::create_directory_symlink(out, to + "/was-link");
  write_text(from + "/same", "theirs");
  write_text(from + "/again/new", "new");
  write_text(from + "/was-file/f", "in");
  write_text(from + "/was-directory", "file");
  write_text(from + "/was-link/victim", "inside");
  write_text(from + "/one", "linked");
  fs::create_hard_link(from + "/one", from + "/two");
  at_home([&] {
    files::mirror(open_directory(from).get(), open_directory(to).get(),
                  {"/again", "/again/new", "/gone", "/gone/deep", "/one", "/two", "/was-directory", "/was-directory/f",
                   "/was-file", "/was-file/f", "/was-link", "/was-link/victim"});
  });
  EXPECT_EQ(text_of(to + "/same"), "mine"); // is not among them
  EXPECT_FALSE(fs::exists(to + "/gone"));
  EXPECT_FALSE(fs::exists(to + "/again/old"));
  EXPECT_EQ(text_of(to + "/again/new"), "new");
  EXPECT_EQ(text_of(to + "/was-file/f"), "in");
  EXPECT_EQ(text_of(to + "/was-directory"), "file");
  EXPECT_EQ(text_of(to + "/was-link/victim"), "inside");
  EXPECT_EQ(text_of(out + "/victim"), "as it was");
  EXPECT_TRUE(fs::equivalent(to + "/one", to + "/two"));
  EXPECT_EQ(fs::last_write_time(to), fs::last_write_time(from));
  EXPECT_EQ(fs::last_write_time(to + "/again"), fs::last_write_time(from + "/again"));
}

/// Unpacks `in` (a directory's archive) where only `room` bytes are, and elsewhere from there on.
class ExtractWithLittleRoom : public testing::Test {
 protected:
  void unpack(std::uint64_t room) {
    fs::create_directories(small);
    fs::create_directories(large);
    ASSERT_EQ(std::system(("tar --sort=name -C " + in + " -cf " + in + ".tar .").c_str()), 0);
    const UniqueFd tar(::open((in + ".tar").c_str(), O_RDONLY | O_CLOEXEC));
    at_home([&] {
      const UniqueFd first = open_directory(small), second = open_directory(large);
      files::Extraction options;
      options.set_owners = false;
      options.unwatched = true;
      options.room = room;
      options.move = [&] {
        ++moves;
        files::copy_tree(first.get(), second.get());
        return second.get();
      };
      files::extract(tar.get(), first.get(), "/", options);
    });
  }

  const TempDir dir;
  const std::string in = dir.path() + "/in", small = dir.path() + "/small", large = dir.path() + "/large";
  int moves = 0;
};

TEST_F(ExtractWithLittleRoom, goes_on_elsewhere_before_it_is_full) {
  for (int i = 10; i < 30; ++i) write_text(in + "/d/f" + std::to_string(i), std::string(3000, 'x'));
  fs::create_hard_link(in + "/d/f10", in + "/d/z");
  write_text(in + "/d/f20", std::string(100'000, 'y'));
  unpack(100'000);
  EXPECT_EQ(moves, 1);
  for (int i = 10; i < 30; ++i) {
    const std::string name = "/d/f" + std::to_string(i);
    EXPECT_EQ(text_of(large + name), text_of(in + name)) << name;
  }
  EXPECT_TRUE(fs::exists(small + "/d/f10"));
  EXPECT_FALSE(fs::exists(small + "/d/f20"));
  EXPECT_TRUE(fs::equivalent(large + "/d/f10", large + "/d/z")); // its first name came before the move
}

TEST_F(ExtractWithLittleRoom, stays_where_it_fits) {
  write_text(in + "/d/f", std::string(3000, 'x'));
  unpack(100'000);
  EXPECT_EQ(moves, 0);
  EXPECT_EQ(text_of(small + "/d/f"), text_of(in + "/d/f"));
  EXPECT_TRUE(fs::is_empty(large));
}

} // namespace
} // namespace gantry::test
