#include "images/layer_stream.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "images/archive_handle.hpp"
#include "images/expansion_guard.hpp"

namespace gantry::images {
namespace {

constexpr std::size_t chunk = 256 << 10;

bool is_compressed(int fd) {
  using namespace std::string_view_literals;
  constexpr std::array magics{"\x1f\x8b"sv, "BZh"sv,
                              "\xfd"
                              "7zXZ\0"sv,
                              "\x28\xb5\x2f\xfd"sv};
  std::array<char, 8> head{};
  auto n = ::pread(fd, head.data(), head.size(), 0);
  std::string_view seen(head.data(), n < 0 ? 0 : static_cast<std::size_t>(n));
  return std::any_of(magics.begin(), magics.end(), [&](auto magic) { return seen.starts_with(magic); });
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

void decompress(int file, int out) {
  auto reader = make_archive_reader();
  auto broken = [&] { return invalid("layer cannot be decompressed: " + archive_reason(reader.get())); };
  archive_read_support_format_raw(reader.get());
  archive_entry* entry = nullptr;
  if (archive_read_open_fd(reader.get(), file, chunk) != ARCHIVE_OK) throw broken();
  if (archive_read_next_header(reader.get(), &entry) != ARCHIVE_OK) throw broken();
  std::vector<char> buffer(chunk);
  for (std::uint64_t expanded = 0;;) {
    auto n = archive_read_data(reader.get(), buffer.data(), buffer.size());
    if (n < 0) throw broken();
    if (n == 0) return;
    expanded += static_cast<std::uint64_t>(n);
    check_expansion(static_cast<std::uint64_t>(archive_filter_bytes(reader.get(), -1)), expanded);
    if (!write_all(out, {buffer.data(), static_cast<std::size_t>(n)})) return;
  }
}

} // namespace

LayerStream::LayerStream(const std::string& path) {
  auto file = open_file(path, O_RDONLY);
  if (!is_compressed(file.get())) {
    out_ = std::move(file);
    return;
  }
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC)) throw os_error("make a pipe", errno);
  out_.reset(ends[0]);
  UniqueFd in(ends[1]);
  ::fcntl(in.get(), F_SETPIPE_SZ, 1 << 20);
  feeder_ = std::thread([this, f = std::move(file), p = std::move(in)]() mutable { feed(std::move(f), std::move(p)); });
}

LayerStream::~LayerStream() {
  out_.reset();
  if (feeder_.joinable()) feeder_.join();
}

void LayerStream::feed(UniqueFd file, UniqueFd pipe) {
  // A driver that stops reading is an error of its own, not a SIGPIPE for the daemon.
  sigset_t broken_pipe;
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
  try {
    decompress(file.get(), pipe.get());
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
