#include "log-fluentd/fluentd_driver.hpp"

#include <sys/random.h>

#include <optional>

#include "log-common/connection.hpp"
#include "log-fluentd/message.hpp"

namespace gantry::log_fluentd {
namespace {

using log_common::Connection;
using log_common::Patience;

/// What one record costs beside its text, roughly.
constexpr std::size_t record_overhead = 512;

std::string random_chunk() {
  constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string name(22, '\0');
  (void)!::getrandom(name.data(), name.size(), 0);
  for (char& c : name) c = alphabet[static_cast<unsigned char>(c) % 64];
  return name;
}

} // namespace

struct FluentdDriver::Container {
  LogSource source;
  Options options;
  std::optional<Connection> connection;

  void connect(const Patience& patience) {
    if (connection && connection->is_stale()) connection.reset();
    if (!connection) connection = Connection::open(patience, options.endpoint);
  }
  /// Behind the last record that fits into a chunk; one at least.
  std::size_t end_of_chunk(const std::vector<LogRecord>& records, std::size_t begin) const {
    std::size_t end = begin, bytes = 0;
    do {
      bytes += records[end++].text.size() + record_overhead;
    } while (end < records.size() && bytes + records[end].text.size() + record_overhead <= options.buffer_limit);
    return end;
  }
  void await_ack(const Patience& patience, const std::string& chunk) const {
    std::string answer;
    while (!acknowledges(answer, chunk)) {
      const std::string more = connection->receive(patience);
      if (more.empty() || answer.size() > 4096)
        throw Error(Code::unavailable, connection->target() + ": the chunk was not acknowledged");
      answer += more;
    }
  }
  void send(const Patience& patience, const std::vector<LogRecord>& records, std::size_t begin, std::size_t end) const {
    const std::string chunk = options.request_ack ? random_chunk() : "";
    connection->send(patience, message(source, options, records, begin, end, chunk));
    if (options.request_ack)
      await_ack(patience, chunk);
    else
      connection->settle(patience);
  }
};

void FluentdDriver::validate(const LogSettings& options) { (void)read_options(options); }

void FluentdDriver::open(Call&, const LogSource& source) {
  auto container = std::make_shared<Container>();
  container->source = source;
  container->options = read_options(source.options);
  containers_.put(source.id, std::move(container));
}

void FluentdDriver::write(Call& call, const std::string& id, const std::vector<LogRecord>& records, std::size_t& delivered) {
  const auto container = containers_.get(id);
  const Patience patience(call, container->options.write_timeout_ms);
  try {
    container->connect(patience);
    while (delivered < records.size()) {
      const std::size_t end = container->end_of_chunk(records, delivered);
      container->send(patience, records, delivered, end);
      delivered = end;
    }
  } catch (const Error&) {
    container->connection.reset();
    throw;
  }
}

void FluentdDriver::close(Call&, const std::string& id) { containers_.drop(id); }

} // namespace gantry::log_fluentd
