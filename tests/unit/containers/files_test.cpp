// Files that containers may be changing: links, modes and tars of them.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gantry/sdk/fd.hpp>

#include "base/error.hpp"
#include "files/copy_tree.hpp"
#include "files/remove_tree.hpp"
#include "files/set_mode.hpp"
#include "files/tar_tail.hpp"
#include "unit/base/temp_dir.hpp"

namespace gantry::test {
namespace {

namespace fs = std::filesystem;

UniqueFd open_directory(const std::string& path) { return UniqueFd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)); }

TEST(RemoveTree, goes_deeper_than_there_are_descriptors) {
  const TempDir dir;
  constexpr int deep = 3000;
  UniqueFd at(::open(dir.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (int i = 0; i < deep; ++i) {
    ASSERT_EQ(::mkdirat(at.get(), "d", 0700), 0);
    at = UniqueFd(::openat(at.get(), "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    UniqueFd(::openat(at.get(), "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  }
  at.reset();
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  const rlimit few{100, before.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &few);
  EXPECT_NO_THROW(files::remove_tree(dir.path() + "/d"));
  ::setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_TRUE(fs::is_empty(dir.path()));
  EXPECT_NO_THROW(files::remove_tree(dir.path() + "/d"));
}

TEST(CopyTree, hard_links_take_no_descriptors) {
  const TempDir dir;
  const std::string from = dir.path() + "/from", to = dir.path() + "/to";
  fs::create_directories(from + "/a");
  fs::create_directories(from + "/b");
  fs::create_directory(to);
  constexpr int many = 300;
  for (int i = 0; i < many; ++i) {
    const std::string name = std::to_string(i);
    std::ofstream(from + "/a/" + name) << i;
    fs::create_hard_link(from + "/a/" + name, from + "/b/" + name);
  }
  const auto home = fs::current_path(); // copy_tree has the thread's working directory to itself
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  rlimit few = before;
  few.rlim_cur = 100;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  EXPECT_NO_THROW(files::copy_tree(open_directory(from).get(), open_directory(to).get()));
  ::setrlimit(RLIMIT_NOFILE, &before);
  fs::current_path(home);
  for (int i = 0; i < many; ++i) EXPECT_TRUE(fs::equivalent(to + "/a/" + std::to_string(i), to + "/b/" + std::to_string(i))) << i;
}

TEST(SetMode, does_not_follow_a_link_however_often_it_is_swapped) {
  const TempDir dir;
  const std::string fifo = dir.path() + "/fifo", link = dir.path() + "/link", victim = dir.path() + "/victim";
  std::ofstream(victim) << "x";
  fs::permissions(victim, fs::perms::owner_read);
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  fs::create_symlink(victim, link);
  const UniqueFd place = open_directory(dir.path());
  EXPECT_EQ(files::set_mode(place.get(), "fifo", 0640), 0);
  struct stat info {};
  ASSERT_EQ(::lstat(fifo.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0640U);
  EXPECT_EQ(files::set_mode(place.get(), "link", 0777), -1);
  EXPECT_EQ(files::set_mode(place.get(), "missing", 0777), -1);
  EXPECT_EQ(errno, ENOENT);
  std::atomic<bool> stop = false;
  std::thread swaps([&] {
    while (!stop) (void)::renameat2(place.get(), "fifo", place.get(), "link", 1U << 1 /* RENAME_EXCHANGE */);
  });
  for (int i = 0; i < 2000; ++i) (void)files::set_mode(place.get(), "fifo", 0777);
  stop = true;
  swaps.join();
  ASSERT_EQ(::stat(victim.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0400U);
}

/// `tar` of GNU tar's making, copied with the items; what is in the result.
class TarTail : public testing::Test {
 protected:
  std::string copy(const std::string& in_path, const std::vector<files::TarItem>& items) {
    const std::string out_path = dir.path() + "/out.tar";
    const UniqueFd out(::open(out_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const UniqueFd in(ends[0]);
    std::thread writer([&, end = UniqueFd(ends[1])] {
      std::ifstream file(in_path, std::ios::binary);
      std::string bytes{std::istreambuf_iterator<char>(file), {}};
      for (std::size_t done = 0; done < bytes.size();) {
        const ssize_t n = ::write(end.get(), bytes.data() + done, bytes.size() - done);
        if (n <= 0) break;
        done += static_cast<std::size_t>(n);
      }
    });
    std::exception_ptr failure;
    try {
      files::copy_tar_with(in.get(), out.get(), items, 1'000'000'000);
    } catch (...) {
      failure = std::current_exception();
      char rest[4096];
      while (::read(in.get(), rest, sizeof rest) > 0) {
      }
    }
    writer.join();
    if (failure) std::rethrow_exception(failure);
    return out_path;
  }
  std::string shell(const std::string& command) {
    std::string text;
    FILE* const pipe = ::popen(("cd " + dir.path() + " && " + command + " 2>&1").c_str(), "r");
    char bytes[512];
    for (std::size_t n = 0; (n = std::fread(bytes, 1, sizeof bytes, pipe)) > 0;) text.append(bytes, n);
    ::pclose(pipe);
    return text;
  }
  const std::vector<files::TarItem> items = {{"etc", '5', ""}, {"etc/mtab", '2', "/proc/mounts"}, {"etc/hosts", '0', ""}};
  const TempDir dir;
};

TEST_F(TarTail, adds_what_is_missing_and_keeps_the_rest) {
  const std::string long_name(180, 'n');
  shell("mkdir -p t/etc t/deep && echo mine >t/etc/hosts && head -c 3000000 /dev/urandom >t/big && echo y >t/deep/" + long_name +
        " && tar --format=pax -C t -cf in.tar .");
  copy(dir.path() + "/in.tar", items);
  EXPECT_EQ(shell("tar tf out.tar | sort"), shell("(tar tf in.tar; echo etc/mtab) | sort"));
  EXPECT_EQ(shell("mkdir o && tar -C o -xf out.tar && cmp t/big o/big; cat o/etc/hosts o/deep/*; readlink o/etc/mtab"),
            "mine\ny\n/proc/mounts\n");
}

TEST_F(TarTail, an_empty_tar_gets_everything) {
  shell("mkdir t && tar -C t -cf in.tar -T /dev/null");
  copy(dir.path() + "/in.tar", items);
  EXPECT_EQ(shell("tar tvf out.tar --utc | awk '{print $1, $2, $4, $5, $6, $7, $8}'"),
            "drwxr-xr-x 0/0 2001-09-09 01:46 etc/  \nlrwxrwxrwx 0/0 2001-09-09 01:46 etc/mtab -> /proc/mounts\n"
            "-rwxr-xr-x 0/0 2001-09-09 01:46 etc/hosts  \n");
}

TEST_F(TarTail, damaged_ones_are_refused) {
  shell(
      "mkdir t && head -c 100000 /dev/urandom >t/f && tar -C t -cf in.tar f && head -c 50000 in.tar >cut.tar && "
      "head -c 5000 /dev/urandom >garbage.tar");
  EXPECT_THROW(copy(dir.path() + "/cut.tar", items), Error);
  EXPECT_THROW(copy(dir.path() + "/garbage.tar", items), Error);
}

} // namespace
} // namespace gantry::test
