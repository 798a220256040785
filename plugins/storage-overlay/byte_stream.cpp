#include "byte_stream.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "system_error.hpp"

namespace gantry::storage_overlay {
namespace {

constexpr std::size_t block_size = 256 << 10;

/// Waits until `fd` is ready; cancelled when the call is.
void wait_for(Call& call, int fd, short events) {
  pollfd fds[] = {{fd, events, 0}, {call.cancel_fd(), POLLIN, 0}};
  while (true) {
    if (call.cancelled()) throw Error(Code::cancelled, "the operation was cancelled");
    const int ready = ::poll(fds, 2, -1);
    if (ready < 0 && errno != EINTR) throw system_error("cannot wait for a layer's data", errno);
    if (ready > 0 && fds[0].revents != 0) return;
  }
}

} // namespace

ByteSource::ByteSource(Call& call, int fd) : call_(call), fd_(fd), buffer_(block_size) {
  ::fcntl(fd_, F_SETPIPE_SZ, 1 << 20); // fewer wake-ups of the writer; refused for files, which is fine
}

std::size_t ByteSource::read(const void*& data) {
  while (true) {
    wait_for(call_, fd_, POLLIN);
    const ssize_t size = ::read(fd_, buffer_.data(), buffer_.size());
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (size < 0) throw system_error("cannot read the layer", errno);
    digest_.update(buffer_.data(), static_cast<std::size_t>(size));
    count_ += static_cast<std::uint64_t>(size);
    call_.progress(count_, 0);
    data = buffer_.data();
    return static_cast<std::size_t>(size);
  }
}

std::string ByteSource::drain() {
  const void* data = nullptr;
  while (read(data) > 0) {
  }
  return digest_.finish();
}

void ByteSink::write(const void* data, std::size_t size) {
  digest_.update(data, size);
  const auto* next = static_cast<const char*>(data);
  while (size > 0) {
    wait_for(call_, fd_, POLLOUT);
    const ssize_t written = ::write(fd_, next, size);
    if (written < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (written < 0) throw system_error("cannot write the layer", errno);
    next += written;
    size -= static_cast<std::size_t>(written);
    count_ += static_cast<std::uint64_t>(written);
    call_.progress(count_, 0);
  }
}

} // namespace gantry::storage_overlay
