#include "init/terminal.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <termios.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>

#include "init/mounts.hpp"
#include "init/report.hpp"
#include "init/root_path.hpp"

namespace gantry::runtime_linux::init {

int open_terminal(const PlanProcess&, bool console) {
  const int root = ::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) fail(errno, "open /");
  const int master = open_plainly(root, "dev/pts/ptmx", O_RDWR | O_NOCTTY);
  if (master < 0) fail(-master, "open a terminal in /dev/pts");
  if (!on_filesystem(master, DEVPTS_SUPER_MAGIC)) fail(0, "open a terminal: /dev/pts is not a devpts");
  int unlock = 0;
  if (::ioctl(master, TIOCSPTLCK, &unlock) < 0) fail(errno, "unlock the terminal");
  const int terminal = ::ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (terminal < 0) fail(errno, "open the terminal");
  if (console) {
    int number = 0;
    if (::ioctl(master, TIOCGPTN, &number) < 0) fail(errno, "name the terminal");
    char path[32];
    std::snprintf(path, sizeof path, "/dev/pts/%d", number);
    const int tree = ::open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);
    if (tree < 0) fail(errno, "bind the console");
    attach_mount(tree, root, "/dev/console", false);
    ::close(tree);
  }
  send_terminal(master);
  ::close(master);
  ::close(root);
  return terminal;
}

void use_terminal(const PlanStdio& stdio, int terminal) {
  if (stdio.rows || stdio.cols) {
    winsize size{};
    size.ws_row = stdio.rows;
    size.ws_col = stdio.cols;
    ::ioctl(terminal, TIOCSWINSZ, &size);
  }
  if (::ioctl(terminal, TIOCSCTTY, 0) < 0) fail(errno, "take the terminal");
  for (int fd = 0; fd < 3; ++fd)
    if (::dup2(terminal, fd) < 0) fail(errno, "connect stdio to the terminal");
  if (terminal > 2) ::close(terminal);
}

} // namespace gantry::runtime_linux::init
