#include "cli/streams/demux.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "cli/failure.hpp"

namespace gantry::cli {
namespace {
constexpr std::size_t header_size = 8;
constexpr int error_stream = 3;
} // namespace

void Demux::feed(std::string_view data) {
  while (!data.empty()) {
    if (left_ == 0) {
      const std::size_t n = std::min(header_size - header_.size(), data.size());
      header_.append(data.substr(0, n));
      data.remove_prefix(n);
      if (header_.size() == header_size) read_header();
      continue;
    }
    const std::string_view piece = data.substr(0, left_);
    data.remove_prefix(piece.size());
    left_ -= static_cast<std::uint32_t>(piece.size());
    if (stream_ != error_stream) {
      out_(stream_, piece);
      continue;
    }
    error_ += piece;
    if (left_ == 0) throw Failure("error from daemon in stream: " + error_);
  }
}

void Demux::read_header() {
  const auto byte = [this](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(header_[i])); };
  stream_ = static_cast<int>(byte(0));
  left_ = byte(4) << 24 | byte(5) << 16 | byte(6) << 8 | byte(7);
  header_.clear();
  if (stream_ > error_stream) throw Failure("Unrecognized input header: " + std::to_string(stream_));
  if (stream_ == 0) stream_ = 1;
}

void write_all(int fd, std::string_view data) {
  while (!data.empty()) {
    const ssize_t n = ::write(fd, data.data(), data.size());
    if (n >= 0) {
      data.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN) {
      pollfd ready{fd, POLLOUT, 0};
      ::poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      throw Failure(std::string("write: ") + std::strerror(errno));
    }
  }
}

} // namespace gantry::cli
