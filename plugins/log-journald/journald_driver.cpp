#include "log-journald/journald_driver.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include <nlohmann/json.hpp>

#include "log-common/connection.hpp"
#include "log-common/options.hpp"
#include "log-journald/entry.hpp"

namespace gantry::log_journald {
namespace {

using log_common::Connection;
using log_common::Patience;

/// Entries that no datagram holds travel as a sealed file.
constexpr std::size_t largest_datagram = 128 << 10;

Error failed(const std::string& what) { return {Code::unavailable, what + ": " + std::strerror(errno), errno}; }

UniqueFd sealed(std::string_view bytes) {
  UniqueFd file(::memfd_create("journal-entry", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file || ::write(file.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()) ||
      ::fcntl(file.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0)
    throw failed("prepare a large journal entry");
  return file;
}

void send_file(const Connection& connection, std::string_view bytes) {
  const UniqueFd file = sealed(bytes);
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  const int fd = file.get();
  std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  if (::sendmsg(connection.fd(), &message, MSG_NOSIGNAL) < 0) throw failed(connection.target() + ": send");
}

} // namespace

struct JournaldDriver::Container {
  LogSource source;
  std::string common;
  std::optional<Connection> connection;
};

JournaldDriver::JournaldDriver(Host&, const std::string& config_json)
    : socket_(nlohmann::json::parse(config_json).at("socket").get<std::string>()) {}

void JournaldDriver::validate(const LogSettings& options) {
  log_common::refuse_unknown(options, {}, "unknown log opt '", "' for journald log driver");
}

void JournaldDriver::open(Call&, const LogSource& source) {
  auto container = std::make_shared<Container>();
  container->source = source;
  container->common = common_fields(source);
  containers_.put(source.id, std::move(container));
}

void JournaldDriver::write(Call& call, const std::string& id, const std::vector<LogRecord>& records, std::size_t& delivered) {
  const auto container = containers_.get(id);
  const Patience patience(call);
  try {
    // A journal that was restarted has a new socket under the same name.
    container->connection = Connection::open(patience, {"unixgram", "", "", socket_});
    for (const auto& record : records) {
      const std::string text = entry(container->common, container->source, record);
      if (text.size() > largest_datagram)
        send_file(*container->connection, text);
      else
        container->connection->send_datagram(patience, text);
      ++delivered;
    }
  } catch (const Error&) {
    container->connection.reset();
    throw;
  }
}

void JournaldDriver::close(Call&, const std::string& id) { containers_.drop(id); }

} // namespace gantry::log_journald
