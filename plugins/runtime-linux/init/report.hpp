#pragma once

#include "plan/control.hpp"

// How init ends when something fails: one sentence goes to the shim, then the process is gone. No exceptions here: this
// code runs between clone and exec.
namespace gantry::runtime_linux::init {

/// Must be called first: the socket to the shim.
void set_report_socket(int fd);
int report_socket();

/// Reports "<text>: strerror(err)" (err 0: the text alone) and exits. printf-like.
[[noreturn, gnu::format(printf, 2, 3)]] void fail(int err, const char* format, ...);
[[noreturn, gnu::format(printf, 3, 4)]] void fail_because(ControlReason reason, int err, const char* format, ...);

/// Sends the pty master to the shim.
void send_terminal(int master);

/// Tells the shim that the namespaces and the root filesystem are there.
void send_ready();

/// Blocks until the shim sends one byte; exits quietly when the shim has gone.
void await_shim();

} // namespace gantry::runtime_linux::init
