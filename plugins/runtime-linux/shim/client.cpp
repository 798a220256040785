#include "shim/client.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>

#include "shim/process.hpp"

namespace gantry::runtime_linux::shim {
namespace {

constexpr std::size_t receive_size = 32 * 1024;
/// Frames in one go while replaying, so that one client does not keep the loop.
constexpr int replay_batch = 64;

} // namespace

Client::Client(Loop& loop, const ControlRequest& request, UniqueFd socket)
    : Handler(loop), flags_(request.attach_flags), detach_size_(request.detach_keys_size) {
  std::memcpy(detach_keys_, request.detach_keys, sizeof detach_keys_);
  open(static_cast<UniqueFd&&>(socket), 0);
}

Client::~Client() = default;

void Client::begin(Process& process, UniqueFd pending) {
  process_ = &process;
  if (flags_ & attach_replay && process.log().enabled()) replay_.reset(new LogReplay(process.log()));
  char bytes[4096];
  for (off_t at = 0; pending && flags_ & attach_in;) {
    const ssize_t n = ::pread(pending.get(), bytes, sizeof bytes, at);
    if (n <= 0) break;
    early_input_.append(bytes, static_cast<std::size_t>(n));
    at += n;
  }
  if (replay_)
    go_on_replaying();
  else if (!(flags_ & attach_stream) || process.state() == ControlState::stopped)
    finish();
  if (!left_) listen();
}

void Client::listen() {
  if (left_) return;
  const bool ready = process_->stdin_ready();
  if (ready && !early_input_.empty()) {
    process_->write_stdin(early_input_.data(), early_input_.size());
    early_input_.clear();
  }
  std::uint32_t events = 0;
  if (!input_ended_ && !finishing_ && (ready || !(flags_ & attach_in))) events |= EPOLLIN;
  if (!pending_.empty() || replay_) events |= EPOLLOUT;
  want(events);
}

void Client::on_event(std::uint32_t events) {
  if (events & EPOLLERR || (events & EPOLLHUP && input_ended_)) return leave();
  if (events & EPOLLOUT) {
    send_pending();
    if (!left_ && pending_.empty() && replay_) go_on_replaying();
  }
  if (!left_ && events & (EPOLLIN | EPOLLHUP)) receive();
  if (left_) return;
  if (finishing_ && pending_.empty() && !replay_) return leave();
  listen();
  process_->balance();
}

void Client::receive() {
  static char bytes[receive_size];
  if (input_ended_ || (flags_ & attach_in && !process_->stdin_ready())) return;
  const ssize_t n = ::recv(fd(), bytes, sizeof bytes, MSG_DONTWAIT);
  if (n < 0) {
    if (errno != EAGAIN && errno != EINTR) leave();
    return;
  }
  if (n == 0) {
    input_ended_ = true;
    // Who has said everything to a process whose stdin stays open is not kept: it would never see an end. As in Docker.
    if (flags_ & attach_in && !process_->on_client_stdin_end()) finish();
    return;
  }
  if (!(flags_ & attach_in)) return;
  loop_.pace().input();
  auto size = static_cast<std::size_t>(n);
  const bool detached = contains_detach_keys(bytes, &size);
  process_->write_stdin(bytes, size);
  if (detached) leave();
}

/// Keys that may be the start of the sequence are held back until it is certain that they are not. `size` becomes what
/// to pass on.
bool Client::contains_detach_keys(const char* data, std::size_t* size) {
  if (!detach_size_ || !process_->tty()) return false;
  for (std::size_t i = 0; i < *size; ++i) {
    if (data[i] == detach_keys_[detach_matched_]) {
      if (++detach_matched_ < detach_size_) continue;
      *size = i + 1 >= detach_size_ ? i + 1 - detach_size_ : 0;
      return true;
    }
    // What was held back of an earlier read goes first.
    if (detach_matched_ > i) process_->write_stdin(detach_keys_, detach_matched_ - i);
    detach_matched_ = data[i] == detach_keys_[0] ? 1 : 0;
  }
  const std::size_t held = detach_matched_ < *size ? detach_matched_ : *size;
  *size -= held;
  return false;
}

void Client::send(StreamKind stream, const char* data, std::size_t size) {
  if (!left_ && !replay_ && flags_ & attach_stream) send_now(stream, data, size);
}

void Client::send_now(StreamKind stream, const char* data, std::size_t size) {
  if (!wants(stream)) return;
  if (!(flags_ & attach_framed)) return transmit(nullptr, 0, data, size);
  const auto n = static_cast<std::uint32_t>(size);
  const unsigned char head[8] = {static_cast<unsigned char>(stream),
                                 0,
                                 0,
                                 0,
                                 static_cast<unsigned char>(n >> 24),
                                 static_cast<unsigned char>(n >> 16),
                                 static_cast<unsigned char>(n >> 8),
                                 static_cast<unsigned char>(n)};
  transmit(head, sizeof head, data, size);
}

void Client::transmit(const void* head, std::size_t head_size, const char* data, std::size_t size) {
  std::size_t sent = 0;
  if (pending_.empty()) {
    iovec parts[2] = {{const_cast<void*>(head), head_size}, {const_cast<char*>(data), size}};
    msghdr message{};
    message.msg_iov = head_size ? parts : parts + 1;
    message.msg_iovlen = head_size ? 2 : 1;
    const ssize_t n = ::sendmsg(fd(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN && errno != EINTR) return leave();
    if (n > 0) sent = static_cast<std::size_t>(n);
  }
  const std::size_t from_head = sent < head_size ? sent : head_size;
  pending_.append(static_cast<const char*>(head) + from_head, head_size - from_head);
  pending_.append(data + (sent - from_head), size - (sent - from_head));
}

void Client::send_pending() {
  while (!pending_.empty()) {
    const ssize_t n = ::send(fd(), pending_.data(), pending_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0) {
      if (errno != EAGAIN && errno != EINTR) leave();
      return;
    }
    pending_.drop(static_cast<std::size_t>(n));
  }
}

void Client::go_on_replaying() {
  LogReplay::Record record;
  for (int i = 0; i < replay_batch && !left_ && pending_.empty(); ++i) {
    if (replay_->next(record)) {
      send_now(record.stream, record.text, record.size);
      continue;
    }
    // Level with the log: what is not a record yet, then live output.
    for (const StreamKind stream : {StreamKind::out, StreamKind::err}) {
      std::size_t size = 0;
      const char* text = process_->log().unfinished(stream, &size);
      if (size && !left_) send_now(stream, text, size);
    }
    replay_.reset();
    if (!(flags_ & attach_stream) || process_->state() == ControlState::stopped) finish();
    return;
  }
}

void Client::finish() {
  finishing_ = true;
  if (left_ || replay_) return;
  if (pending_.empty())
    leave();
  else
    listen();
}

/// Leaving twice happens when a send fails inside an event; the process disposes of us once.
void Client::leave() {
  if (left_) return;
  left_ = true;
  if (!input_ended_ && flags_ & attach_in) process_->on_client_stdin_end();
  pending_.clear();
  replay_.reset();
  ::shutdown(fd(), SHUT_WR);
  // Closing with unread bytes would reset the connection and cost the client output that is still on its way.
  char unread[4096];
  for (int i = 0; i < 64 && ::recv(fd(), unread, sizeof unread, MSG_DONTWAIT) > 0; ++i) {
  }
  process_->drop_client(*this);
}

} // namespace gantry::runtime_linux::shim
