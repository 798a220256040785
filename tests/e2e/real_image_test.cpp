// A Debian root filesystem as debootstrap makes it, imported and used.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "support/daemon.hpp"
#include "support/need.hpp"

namespace gantry::test {
namespace {

/// Made by scripts/debian-rootfs.sh, since the tests have no network.
std::string debian_tar() { return build_dir() + "/../debian.tar"; }

TEST(RealImage, debian_runs_from_an_imported_debootstrap) {
  if (auto why = need_root(); !why.empty()) GTEST_SKIP() << why;
  const std::string tar = debian_tar();
  if (::access(tar.c_str(), R_OK) != 0) GTEST_SKIP() << "needs " << tar << ": debootstrap and a Debian mirror";
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
