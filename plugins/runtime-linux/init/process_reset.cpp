#include "init/process_reset.hpp"

#include <linux/close_range.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <initializer_list>

#include "init/report.hpp"

namespace gantry::runtime_linux::init {

void reset_signals() {
  for (const int signo : {SIGPIPE, SIGHUP, SIGINT, SIGQUIT, SIGTERM}) ::signal(signo, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

void close_inherited(const Inherited& inherited) {
  const int kept[] = {inherited.report, inherited.in, inherited.out, inherited.err, inherited.container};
  for (int first = 3; first >= 0;) {
    int next = -1;
    for (const int fd : kept)
      if (fd >= first && (next < 0 || fd < next)) next = fd;
    const unsigned last = next < 0 ? ~0U : static_cast<unsigned>(next) - 1;
    if (next != first) ::close_range(static_cast<unsigned>(first), last, 0);
    first = next < 0 ? -1 : next + 1;
  }
}

void use_pipes(const Inherited& inherited) {
  if (::dup2(inherited.in, 0) < 0 || ::dup2(inherited.out, 1) < 0 || ::dup2(inherited.err, 2) < 0) fail(errno, "connect stdio");
}

} // namespace gantry::runtime_linux::init
