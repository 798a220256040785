// Work with the network on a thread of its own: how long it takes is not ours to decide.
#include <thread>

#include <boost/asio/this_coro.hpp>

#include "api/error_status.hpp"
#include "api/mailbox.hpp"
#include "api/progress.hpp"

namespace gantry::api {
namespace {

using Lines = Mailbox<std::string>;
using Work = std::function<void(const gantry::images::Progress&, Interrupt)>;

/// From this many waiting lines on, those that only tell bytes are dropped.
constexpr std::size_t lines_max = 512;

/// One transfer, shared by its thread and the handler.
struct Transfer {
  Lines lines;
  std::exception_ptr failure;
  Interrupt interrupt = std::make_shared<gantry::registry::Cancel>();
  std::atomic<std::size_t> waiting = 0;

  void report(const Json& message) {
    const bool bytes = message.contains("progress");
    if (bytes && waiting > lines_max) return;
    make_room();
    waiting = lines.push(dump(message) + "\r\n");
  }

  /// A client that does not read holds the work up instead of filling the memory.
  void make_room() {
    for (auto n = waiting.load(); n > lines_max && !interrupt->is_set(); n = waiting.load()) waiting.wait(n);
  }

  void all_taken() {
    waiting = 0;
    waiting.notify_all();
  }

  /// Never throws: the outcome travels in `failure`.
  void run(const Work& work) {
    try {
      work([this](const Json& message) { report(message); }, interrupt);
    } catch (...) {
      failure = std::current_exception();
    }
    lines.close();
  }
};
using TransferPtr = std::shared_ptr<Transfer>;

/// Begins the work; the thread ends by itself, soon after an interrupt.
TransferPtr begin(Work work) {
  auto transfer = std::make_shared<Transfer>();
  std::thread([transfer, w = std::move(work)] { transfer->run(w); }).detach();
  return transfer;
}

/// Whatever ends the handler ends the work.
struct InterruptAtEnd {
  TransferPtr transfer;
  ~InterruptAtEnd() {
    transfer->interrupt->set();
    transfer->all_taken();
  }
};

std::string error_line(const std::string& message) {
  Json line;
  line["errorDetail"]["message"] = message;
  line["error"] = message;
  return dump(line) + "\r\n";
}

Task<void> pass_on(TransferPtr transfer, Reply& reply) {
  for (;;) {
    const std::vector<std::string> batch = co_await transfer->lines.take();
    if (batch.empty()) co_return;
    transfer->all_taken();
    std::string bytes;
    for (const auto& line : batch) bytes += line;
    if (!reply.begun()) co_await reply.begin_stream("application/json");
    co_await reply.write(std::move(bytes));
  }
}

} // namespace

Task<void> stream_transfer(Reply& reply, Work work) {
  const auto transfer = begin(std::move(work));
  const InterruptAtEnd guard{transfer};
  co_await reply.until_hang_up(pass_on(transfer, reply));
  if (!transfer->failure) co_return;
  if (!reply.begun()) std::rethrow_exception(transfer->failure);
  auto last = error_line(describe(transfer->failure).message);
  co_await reply.write(std::move(last));
}

Task<void> run_transfer(Reply& reply, std::function<void(Interrupt)> work) {
  const auto transfer = begin([w = std::move(work)](const gantry::images::Progress&, Interrupt interrupt) { w(interrupt); });
  const InterruptAtEnd guard{transfer};
  co_await reply.until_hang_up(pass_on(transfer, reply));
  if (transfer->failure) std::rethrow_exception(transfer->failure);
}

} // namespace gantry::api
