#include "support/rootfs.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

namespace gantry::test {

std::string need_busybox() { return ::access("/bin/busybox", X_OK) == 0 ? "" : "needs busybox-static at /bin/busybox"; }

void import_busybox(const Daemon& daemon) {
  const std::string script =
      "set -e; d=$1/busybox; mkdir -p $d/bin $d/etc $d/tmp $d/root; cp /bin/busybox $d/bin/busybox\n"
      "for a in $(/bin/busybox --list); do [ $a = busybox ] || ln -s busybox $d/bin/$a; done\n"
      "echo 'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh' >$d/etc/passwd\n"
      "echo 'root:x:0:\nuser:x:1000:\nextra:x:2000:user' >$d/etc/group\n"
      "tar -C $d -cf $1/busybox.tar .; rm -r $d";
  const Output made = run({"/bin/sh", "-c", script, "sh", daemon.dir()});
  ASSERT_EQ(made.code, 0) << made.err;
  const Output imported = daemon.gantry({"import", "-c", "CMD [\"sh\"]", daemon.dir() + "/busybox.tar", "busybox:latest"});
  ASSERT_EQ(imported.code, 0) << imported.err;
}

} // namespace gantry::test
