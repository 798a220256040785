#include "relay/pipes.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace gantry::relay {

namespace {
constexpr std::size_t kept_pipes = 16;
}

Pipe Pipes::take() {
  Pipe pipe;
  if (!idle_.empty()) {
    pipe = std::move(idle_.back());
    idle_.pop_back();
    return pipe;
  }
  int ends[2];
  if (::pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) return pipe;
  pipe.out.reset(ends[0]);
  pipe.in.reset(ends[1]);
  // The kernel grants an unprivileged user so much for so many pipes; a smaller one does as well.
  ::fcntl(pipe.in.get(), F_SETPIPE_SZ, static_cast<int>(capacity));
  return pipe;
}

void Pipes::give_back(Pipe pipe) {
  if (pipe.in && idle_.size() < kept_pipes) idle_.push_back(std::move(pipe));
}

} // namespace gantry::relay
