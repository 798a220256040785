#include "init/inherited.hpp"

#include <linux/close_range.h>
#include <unistd.h>

namespace gantry::runtime_linux::init {

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

} // namespace gantry::runtime_linux::init
