#include "init/report.hpp"

#include <sys/socket.h>
#include <unistd.h>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>

namespace gantry::runtime_linux::init {
namespace {

int socket_fd = -1;

/// Go's spelling of an errno, which Docker's users know: strerror with a small first letter.
void append_errno(char* text, std::size_t size, int err) {
  const std::size_t used = std::strlen(text);
  if (used + 2 >= size) return;
  std::snprintf(text + used, size - used, ": %s", std::strerror(err));
  char& first = text[used + 2];
  const char second = first ? text[used + 3] : '\0';
  if (first >= 'A' && first <= 'Z' && !(second >= 'A' && second <= 'Z')) first = static_cast<char>(first + 32);
}

[[noreturn]] void report(ControlReason reason, int err, const char* format, va_list args) {
  InitReport message;
  message.reason = reason;
  message.os_errno = err;
  std::vsnprintf(message.text, sizeof message.text, format, args);
  if (err) append_errno(message.text, sizeof message.text, err);
  const std::size_t size = sizeof message - sizeof message.text + std::strlen(message.text) + 1;
  (void)::send(socket_fd, &message, size, MSG_NOSIGNAL);
  ::_exit(127);
}

} // namespace

void set_report_socket(int fd) { socket_fd = fd; }
int report_socket() { return socket_fd; }

void fail(int err, const char* format, ...) {
  va_list args;
  va_start(args, format);
  report(ControlReason::init_failed, err, format, args);
}

void fail_because(ControlReason reason, int err, const char* format, ...) {
  va_list args;
  va_start(args, format);
  report(reason, err, format, args);
}

void send_terminal(int master) {
  InitReport message;
  message.kind = InitMessage::terminal;
  iovec body{&message, sizeof message - sizeof message.text};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr header{};
  header.msg_iov = &body;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  cmsghdr* rights = CMSG_FIRSTHDR(&header);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(rights), &master, sizeof master);
  if (::sendmsg(socket_fd, &header, MSG_NOSIGNAL) < 0) fail(errno, "hand the terminal to the shim");
}

void send_ready() {
  InitReport message;
  message.kind = InitMessage::ready;
  if (::send(socket_fd, &message, sizeof message - sizeof message.text, MSG_NOSIGNAL) < 0) fail(errno, "talk to the shim");
}

void await_shim() {
  char byte = 0;
  ssize_t n;
  do n = ::recv(socket_fd, &byte, 1, 0);
  while (n < 0 && errno == EINTR);
  if (n != 1) ::_exit(127);
}

} // namespace gantry::runtime_linux::init
