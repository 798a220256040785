#include "shim/process.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>

#include "shim/client.hpp"
#include "shim/console_socket.hpp"
#include "shim/init_socket.hpp"
#include "shim/runtime_work.hpp"
#include "shim/streams.hpp"

namespace gantry::runtime_linux::shim {
namespace {

template <typename T>
void erase_one(std::vector<T*>& list, T* item) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i] != item) continue;
    list[i] = list.back();
    list.pop_back();
    return;
  }
}

std::int64_t wall_clock() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
}

} // namespace

Process::Process(Loop& loop, ProcessOwner& owner, const PlanView& plan) : loop_(loop), owner_(owner), plan_(plan) {}

Process::~Process() {
  for (Client* client : clients_) loop_.dispose(client);
  for (Output* output : outputs_)
    if (output) loop_.dispose(output);
  if (input_) loop_.dispose(input_);
  if (init_) loop_.dispose(init_);
  if (runtime_ && runtime_->console) loop_.dispose(runtime_->console);
}

void Process::release() {
  released_ = true;
  if (init_) init_->send_go();
}

void Process::attach(std::unique_ptr<Client> client, UniqueFd pending) {
  Client* raw = client.release();
  clients_.push_back(raw);
  raw->begin(*this, static_cast<UniqueFd&&>(pending));
}

void Process::on_init_report(const InitReport& report, UniqueFd terminal) {
  if (report.kind == InitMessage::failed) {
    loop_.dispose(init_);
    init_ = nullptr;
    return owner_.on_launch_failed(*this, report);
  }
  if (report.kind == InitMessage::ready) return owner_.on_created(*this);
  take_terminal(static_cast<UniqueFd&&>(terminal));
}

void Process::take_terminal(UniqueFd terminal) {
  if (!terminal || outputs_[0]) return;
  ::fcntl(terminal.get(), F_SETFL, O_RDWR | O_NONBLOCK);
  UniqueFd writer(::fcntl(terminal.get(), F_DUPFD_CLOEXEC, 3));
  outputs_[0] = new Output(loop_, *this, StreamKind::out, static_cast<UniqueFd&&>(terminal));
  input_ = new Input(loop_, *this, static_cast<UniqueFd&&>(writer));
  if (runtime_ && (plan_->process.stdio.rows || plan_->process.stdio.cols))
    resize(plan_->process.stdio.rows, plan_->process.stdio.cols);
  balance();
  on_stdin_writable();
}

void Process::on_init_gone() {
  loop_.dispose(init_);
  init_ = nullptr;
  // It has become the runtime, whose end will tell.
  if (runtime_) return;
  if (released_) {
    state_ = ControlState::running;
    return owner_.on_launched(*this);
  }
  InitReport report;
  std::strcpy(report.text, "the container's init ended before it was started");
  owner_.on_launch_failed(*this, report);
}

void Process::on_output(StreamKind stream, const char* data, std::size_t size) {
  log_.write(stream, data, size);
  for (std::size_t i = 0; i < clients_.size();) {
    Client* client = clients_[i];
    client->send(stream, data, size);
    if (i < clients_.size() && clients_[i] == client) ++i;
  }
}

void Process::on_output_end(StreamKind stream) {
  // The clients stay until the exit has been announced.
  log_.finish(stream);
}

bool Process::write_stdin(const char* data, std::size_t size) {
  if (!input_ || !input_->is_open()) return false;
  if (size) input_->write(data, size);
  return true;
}

/// A terminal arrives from init only, so that input has to wait for it.
bool Process::stdin_ready() const {
  if (!input_) return !(tty() && state_ == ControlState::created);
  return !input_->is_open() || input_->ready();
}

void Process::on_stdin_writable() {
  const std::vector<Client*> all(clients_);
  for (Client* client : all) client->listen();
}

void Process::fail_launch() {
  state_ = ControlState::stopped;
  for (Client* client : clients_) loop_.dispose(client);
  clients_.clear();
}

bool Process::on_client_stdin_end() {
  const bool closes = plan_->process.stdio.stdin_once && !tty();
  if (closes) close_stdin();
  return closes;
}

void Process::close_stdin() {
  // A terminal has no half to close.
  if (input_ && !tty()) input_->end();
}

bool Process::resize(std::uint16_t rows, std::uint16_t cols) {
  if (!tty() || !outputs_[0] || !outputs_[0]->is_open()) return false;
  winsize size{};
  size.ws_row = rows;
  size.ws_col = cols;
  return ::ioctl(outputs_[0]->fd(), TIOCSWINSZ, &size) == 0;
}

void Process::drop_client(Client& client) {
  erase_one(clients_, &client);
  loop_.dispose(&client);
  balance();
  if (state_ == ControlState::stopped && idle()) owner_.on_idle(*this);
}

void Process::balance() {
  bool behind = false;
  for (const Client* client : clients_) behind |= client->is_behind();
  // A client that was cut short waits for room in its socket.
  for (Client* client : clients_)
    if (client->has_pending()) client->listen();
  for (Output* output : outputs_)
    if (output) output->want(behind || is_muted() ? 0U : std::uint32_t{EPOLLIN});
}

void Process::finish_clients() {
  const std::vector<Client*> all(clients_);
  for (Client* client : all) client->finish();
}

void Process::hear_init() {
  // At most a terminal and one verdict; on_event may delete us with the latter.
  for (bool terminal = tty() && !outputs_[0]; init_;) {
    InitSocket* socket = init_;
    if (!terminal) return socket->on_event(EPOLLIN);
    socket->on_event(EPOLLIN);
    terminal = false;
    if (!outputs_[0]) return;
  }
}

void Process::finish(int wait_status) {
  exit_.time_ns = wall_clock();
  exit_.signal = WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : 0;
  exit_.code = exit_.signal ? 128 + exit_.signal : WEXITSTATUS(wait_status);
  state_ = ControlState::stopped;
  for (Output* output : outputs_)
    if (output && output->is_open()) output->drain();
  log_.flush();
  if (input_) input_->close();
  pid_ = 0;
}

} // namespace gantry::runtime_linux::shim
