// A Debian root filesystem as debootstrap makes it, imported and used.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "support/daemon.hpp"
#include "support/need.hpp"

namespace gantry::test {
namespace {

/// Made once per machine and kept beside the build: debootstrap takes a minute.
std::string debian_tar() {
  const std::string tar = build_dir() + "/../debian.tar";
  if (::access(tar.c_str(), R_OK) == 0) return tar;
  CommandOptions options;
  options.deadline = std::chrono::seconds(280);
  const std::string script =
      "set -e; d=$(mktemp -d); trap 'rm -rf $d' EXIT\n"
      "mirror=$(sed -n 's/^deb \\(\\[.*\\] \\)\\?\\([^ ]*\\) bookworm main.*/\\2/p; s/^URIs: *\\([^ ]*\\).*/\\1/p' "
      "/etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -1)\n"
      "debootstrap --variant=minbase bookworm $d/root $mirror >&2; tar -C $d/root -cf $1.part .; mv $1.part $1";
  const Output made = run({"/bin/sh", "-c", script, "sh", tar}, options);
  return made.code == 0 ? tar : "";
}

TEST(RealImage, debian_runs_from_an_imported_debootstrap) {
  if (auto why = need_root(); !why.empty()) GTEST_SKIP() << why;
  const std::string tar = debian_tar();
  if (tar.empty()) GTEST_SKIP() << "needs debootstrap and a Debian mirror";
  Daemon daemon;
  daemon.start();
  const Output imported = daemon.gantry({"import", tar, "debian:12"});
  ASSERT_EQ(imported.code, 0) << imported.err;
  const Output release = daemon.gantry({"run", "--rm", "--network", "none", "debian:12", "cat", "/etc/os-release"});
  EXPECT_NE(release.out.find("bookworm"), std::string::npos) << release.err;
  EXPECT_EQ(daemon.gantry({"run", "--rm", "--network", "none", "-u", "nobody", "debian:12", "id", "-un"}).out, "nobody\n");
  EXPECT_EQ(daemon.gantry({"run", "--rm", "--network", "none", "debian:12", "bash", "-c", "dpkg -l >/dev/null && echo ok"}).out,
            "ok\n");
  EXPECT_EQ(
      daemon.gantry({"run", "--rm", "--network", "none", "debian:12", "sh", "-c", "ls -l /proc/self/fd | grep -c -- '->'"}).out,
      "4\n");
}

} // namespace
} // namespace gantry::test
