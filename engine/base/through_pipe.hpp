#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <future>
#include <utility>

#include <gantry/sdk/fd.hpp>

#include "base/error.hpp"

namespace gantry {

/// `write` writes to a pipe, on a thread of its own, what `read` reads from it; the result of `write`. Throws what either throws.
template <class Write, class Read>
auto through_pipe(const Write& write, const Read& read) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw os_error("make a pipe", errno);
  UniqueFd in(ends[0]), written(ends[1]);
  auto writing = std::async(std::launch::async, [&] {
    const UniqueFd end = std::move(written);
    return write(end.get());
  });
  try {
    read(in.get());
  } catch (...) {
    in.reset(); // ends the writer
    try {
      writing.get();
    } catch (const Error& cause) {
      if (cause.os_errno() != EPIPE) throw;
    }
    throw;
  }
  return writing.get();
}

} // namespace gantry
