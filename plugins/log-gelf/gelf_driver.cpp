#include "log-gelf/gelf_driver.hpp"

#include <sys/random.h>
#include <unistd.h>

#include <optional>

#include "log-common/connection.hpp"
#include "log-gelf/message.hpp"

namespace gantry::log_gelf {
namespace {

using log_common::Connection;
using log_common::Patience;

constexpr std::size_t stream_block = 64 << 10;

std::string host_name() {
  char name[256] = {};
  ::gethostname(name, sizeof name - 1);
  return name[0] == 0 ? "localhost" : name;
}

std::uint64_t random_id() {
  std::uint64_t id = 0;
  (void)!::getrandom(&id, sizeof id, 0);
  return id;
}

} // namespace

struct GelfDriver::Container {
  LogSource source;
  Options options;
  std::string host = host_name();
  std::optional<Connection> connection;

  void connect(const Patience& patience) {
    if (connection && connection->is_stale()) connection.reset();
    if (!connection) connection = Connection::open(patience, options.endpoint);
  }
  void send_stream(const Patience& patience, const std::vector<LogRecord>& records) const {
    std::string block;
    for (const auto& record : records) {
      block += message(source, host, record);
      block += '\0'; // the frame's end
      if (block.size() < stream_block) continue;
      connection->send(patience, block);
      block.clear();
    }
    if (!block.empty()) connection->send(patience, block);
  }
  void send_datagrams(const Patience& patience, const LogRecord& record, Host& log) const {
    const auto pieces = datagrams(compressed(message(source, host, record), options), random_id());
    // Nothing would ever make it smaller: holding it back would hold everything back.
    if (pieces.empty())
      log.log(LogLevel::warn, "container " + source.id + ": a line is too long for GELF over UDP and is left out");
    for (const auto& piece : pieces) connection->send_datagram(patience, piece);
  }
};

void GelfDriver::validate(const LogSettings& options) { (void)read_options(options); }

void GelfDriver::open(Call&, const LogSource& source) {
  auto container = std::make_shared<Container>();
  container->source = source;
  container->options = read_options(source.options);
  containers_.put(source.id, std::move(container));
}

void GelfDriver::write(Call& call, const std::string& id, const std::vector<LogRecord>& records, std::size_t& delivered) {
  const auto container = containers_.get(id);
  const Patience patience(call);
  try {
    container->connect(patience);
    if (container->options.endpoint.protocol == "tcp") {
      container->send_stream(patience, records);
    } else {
      for (const auto& record : records) container->send_datagrams(patience, record, host_);
    }
    container->connection->settle(patience);
    delivered = records.size();
  } catch (const Error&) {
    container->connection.reset();
    throw;
  }
}

void GelfDriver::close(Call&, const std::string& id) { containers_.drop(id); }

} // namespace gantry::log_gelf
