#include "log-syslog/syslog_driver.hpp"

#include <unistd.h>

#include <optional>

#include "log-syslog/message.hpp"
#include "log-syslog/tls.hpp"

namespace gantry::log_syslog {
namespace {

using log_common::Connection;
using log_common::Endpoint;
using log_common::Patience;

/// Messages of a stream travel together.
constexpr std::size_t stream_block = 64 << 10;

std::string host_name() {
  char name[256] = {};
  ::gethostname(name, sizeof name - 1);
  return name[0] == 0 ? "localhost" : name;
}

/// Where the C library would look.
Connection open_local(const Patience& patience) {
  const Endpoint places[] = {{"unix", "", "", "/dev/log"}, {"unix", "", "", "/var/run/syslog"}, {"unix", "", "", "/var/run/log"}};
  for (std::size_t i = 0; i < 2; ++i) {
    try {
      return Connection::open(patience, places[i]);
    } catch (const Error&) {
      // The last one's error is told.
    }
  }
  return Connection::open(patience, places[2]);
}

bool is_stream(const Connection& connection) {
  int type = 0;
  socklen_t size = sizeof type;
  ::getsockopt(connection.fd(), SOL_SOCKET, SO_TYPE, &type, &size);
  return type == SOCK_STREAM;
}

} // namespace

struct SyslogDriver::Container {
  Options options;
  Sender sender;
  std::optional<Connection> connection;
  std::unique_ptr<TlsStream> tls;
  bool stream = false;

  ~Container() { disconnect(); }
  void disconnect() {
    tls.reset();
    connection.reset();
  }
  void connect(const Patience& patience) {
    if (connection && connection->is_stale()) disconnect();
    if (connection) return;
    connection = options.endpoint.protocol.empty() ? open_local(patience) : Connection::open(patience, options.endpoint);
    stream = is_stream(*connection);
    if (options.tls) tls = std::make_unique<TlsStream>(patience, *connection, options);
  }
  std::string framed(const LogRecord& record) const {
    std::string text = message(options, sender, record);
    // RFC 5425: the length in front.
    const bool counted = options.tls && (options.format == Format::rfc5424 || options.format == Format::rfc5424micro);
    return counted ? std::to_string(text.size()) + " " + text : text;
  }
  void send(const Patience& patience, const std::string& bytes) {
    if (tls)
      tls->send(patience, bytes);
    else
      connection->send(patience, bytes);
  }
  void send_stream(const Patience& patience, const std::vector<LogRecord>& records) {
    std::string block;
    for (const auto& record : records) {
      block += framed(record);
      if (block.size() < stream_block) continue;
      send(patience, block);
      block.clear();
    }
    if (!block.empty()) send(patience, block);
  }
};

void SyslogDriver::validate(const LogSettings& options) { (void)read_options(options); }

void SyslogDriver::open(Call&, const LogSource& source) {
  auto container = std::make_shared<Container>();
  try {
    container->options = read_options(source.options);
  } catch (const Error& e) {
    // It was right when the container was created; a socket that is not there now may come back.
    throw Error(Code::unavailable, e.what());
  }
  container->sender = {host_name(), source.tag, ::getpid()};
  containers_.put(source.id, std::move(container));
}

void SyslogDriver::write(Call& call, const std::string& id, const std::vector<LogRecord>& records, std::size_t& delivered) {
  const auto container = containers_.get(id);
  const Patience patience(call);
  try {
    container->connect(patience);
    if (container->stream) {
      container->send_stream(patience, records);
    } else {
      for (const auto& record : records) container->connection->send_datagram(patience, container->framed(record));
    }
    container->connection->settle(patience);
    delivered = records.size();
  } catch (const Error&) {
    container->disconnect();
    throw;
  }
}

void SyslogDriver::close(Call&, const std::string& id) { containers_.drop(id); }

} // namespace gantry::log_syslog
