#include "images/layer_stream.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <string_view>

#include "base/error.hpp"
#include "base/file.hpp"

namespace gantry::images {
namespace {

bool is_packed(int fd) {
  std::array<char, packing_head> head{};
  auto n = ::pread(fd, head.data(), head.size(), 0);
  return packing_of({head.data(), n < 0 ? 0 : static_cast<std::size_t>(n)}) != Packing::plain;
}

/// False when nobody reads any more.
bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    auto n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EPIPE) return false;
    if (n < 0) throw os_error("write a layer to the storage driver", errno);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

ByteReader file_reader(UniqueFd file) {
  auto shared = std::make_shared<UniqueFd>(std::move(file));
  return [shared](char* buffer, std::size_t size) {
    for (;;) {
      auto n = ::read(shared->get(), buffer, size);
      if (n >= 0) return static_cast<std::size_t>(n);
      if (errno != EINTR) throw os_error("read a layer", errno);
    }
  };
}

} // namespace

LayerStream::LayerStream(const std::string& path) {
  auto file = open_file(path, O_RDONLY);
  if (is_packed(file.get()))
    start(file_reader(std::move(file)));
  else
    out_ = std::move(file);
}

LayerStream::LayerStream(ByteReader read) { start(std::move(read)); }

LayerStream::~LayerStream() {
  out_.reset();
  if (feeder_.joinable()) feeder_.join();
}

void LayerStream::start(ByteReader read) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC)) throw os_error("make a pipe", errno);
  out_.reset(ends[0]);
  UniqueFd in(ends[1]);
  ::fcntl(in.get(), F_SETPIPE_SZ, 1 << 20);
  feeder_ = std::thread([this, r = std::move(read), p = std::move(in)]() mutable { feed(r, std::move(p)); });
}

void LayerStream::feed(const ByteReader& read, UniqueFd pipe) {
  // A driver that stops reading is an error of its own, not a SIGPIPE for the daemon.
  sigset_t broken_pipe;
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
  try {
    decompress(read, [&pipe](std::string_view bytes) { return write_all(pipe.get(), bytes); });
  } catch (...) {
    failure_ = std::current_exception();
  }
}

void LayerStream::finish() {
  out_.reset();
  if (feeder_.joinable()) feeder_.join();
  if (failure_) std::rethrow_exception(failure_);
}

} // namespace gantry::images
