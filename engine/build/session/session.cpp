#include "build/session/session.hpp"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include <cerrno>

#include "base/error.hpp"
#include "base/id.hpp"
#include "base/json.hpp"
#include "registry/credentials.hpp"

namespace gantry::build {
namespace {

constexpr std::size_t line_max = 1 << 20;
constexpr int send_patience_ms = 30'000;

/// Empty for what is not there, or is no text.
std::string text_in(const Json& answer, const char* member) {
  const auto at = answer.find(member);
  return at != answer.end() && at->is_string() ? at->get<std::string>() : std::string();
}

Error missing(const std::string& id) { return not_found("no such build session: " + id); }

} // namespace

SecretBytes::~SecretBytes() { ::explicit_bzero(bytes_.data(), bytes_.size()); }

SecretPtr Session::secret(const std::string& id, registry::Cancel& cancel) {
  if (const auto at = lent_.secrets.find(id); at != lent_.secrets.end()) return at->second;
  if (!lent_.on_demand) return nullptr;
  const Json answer = demand({{"Secret", id}}, cancel);
  if (answer.contains("Missing")) return nullptr;
  if (answer.contains("Error")) throw Error(Code::unavailable, text_in(answer, "Error"));
  std::string bytes;
  if (!answer.contains("Value") || !registry::base64_decode(text_in(answer, "Value"), bytes))
    throw Error(Code::unavailable, "the client's answer for the secret " + id + " cannot be read");
  if (bytes.size() > secret_max) throw invalid("invalid secret size " + std::to_string(bytes.size()) + " of \"" + id + "\"");
  return std::make_shared<SecretBytes>(std::move(bytes));
}

bool Session::has_agent(const std::string& id, registry::Cancel& cancel) {
  if (!lent_.on_demand) return lent_.agents.contains(id);
  return demand({{"CheckAgent", id}}, cancel).contains("Ok");
}

std::optional<registry::Credentials> Session::credentials(const std::string& host, registry::Cancel& cancel) {
  if (!lent_.on_demand) return {};
  const Json answer = demand({{"Credentials", host}}, cancel);
  registry::Credentials known;
  known.username = text_in(answer, "Username");
  known.password = text_in(answer, "Password");
  known.identity_token = text_in(answer, "IdentityToken");
  return known.empty() ? std::nullopt : std::optional(known);
}

bool Session::send(const std::string& line) {
  std::string_view left = line;
  while (!left.empty()) {
    const ssize_t n = ::send(socket_.get(), left.data(), left.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n >= 0) {
      left.remove_prefix(static_cast<std::size_t>(n));
      continue;
    }
    pollfd room{socket_.get(), POLLOUT, 0};
    if (errno == EAGAIN && ::poll(&room, 1, send_patience_ms) > 0) continue;
    if (errno != EINTR) return false;
  }
  return true;
}

std::optional<std::string> Session::read_line(registry::Cancel& cancel) {
  for (;;) {
    if (const std::size_t end = buffer_.find('\n'); end != buffer_.npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    if (buffer_.size() > line_max) return {};
    pollfd wanted[] = {{socket_.get(), POLLIN, 0}, {cancel.fd(), POLLIN, 0}};
    if (::poll(wanted, 2, -1) < 0 && errno != EINTR) return {};
    if (cancel.is_set()) return {};
    if (wanted[0].revents == 0) continue;
    char bytes[16 << 10];
    const ssize_t n = ::recv(socket_.get(), bytes, sizeof bytes, MSG_DONTWAIT);
    if (n > 0) buffer_.append(bytes, static_cast<std::size_t>(n));
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) return {};
  }
}

std::optional<std::string> Session::ask(const std::string& agent, int connection, std::string_view message,
                                        registry::Cancel& cancel) {
  const auto answer =
      question({{"Agent", agent}, {"Connection", connection}, {"Message", registry::base64_encode(message)}}, cancel);
  std::string bytes;
  if (!answer || !answer->contains("Message") || !registry::base64_decode(text_in(*answer, "Message"), bytes)) return {};
  return bytes;
}

Json Session::demand(const Json& wanted, registry::Cancel& cancel) {
  auto answer = question(wanted, cancel);
  cancel.check();
  // A step that went on without it would be kept as one that has none.
  if (!answer) throw Error(Code::unavailable, "the client does not answer what it is asked for this build");
  return *std::move(answer);
}

std::optional<Json> Session::question(const Json& wanted, registry::Cancel& cancel) {
  const std::lock_guard lock(guard_);
  if (!send(wanted.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n")) {
    ::shutdown(socket_.get(), SHUT_RDWR); // a part of it may have arrived: nothing behind it would be understood
    return {};
  }
  ++owed_;
  // Answers come in the order of the questions, also those to questions that nobody waits for any more.
  std::optional<std::string> line;
  while (owed_ > 0) {
    line = read_line(cancel);
    if (!line) return {};
    --owed_;
  }
  Json answer = Json::parse(*line, nullptr, false);
  ::explicit_bzero(line->data(), line->size()); // it may be a secret
  if (!answer.is_object()) return {};
  return answer;
}

void Session::add_context(const std::string& name, LentContext context) {
  const std::lock_guard lock(contexts_guard_);
  if (!contexts_.contains(name) && contexts_.size() >= contexts_max)
    throw Error(Code::resource_exhausted, "at most " + std::to_string(contexts_max) + " contexts can be lent to a build");
  contexts_[name] = std::move(context);
}

std::map<std::string, LentContext> Session::contexts() const {
  const std::lock_guard lock(contexts_guard_);
  return contexts_;
}

void Session::drop_contexts() {
  std::map<std::string, LentContext> gone; // outside of the lock
  const std::lock_guard lock(contexts_guard_);
  gone.swap(contexts_);
}

void Session::end_connection(const std::string& agent, int connection) {
  const std::lock_guard lock(guard_);
  (void)send(Json({{"Agent", agent}, {"Connection", connection}}).dump() + "\n");
}

bool Session::gone() const {
  char byte = 0;
  const ssize_t n = ::recv(socket_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

std::string Sessions::add(SessionPtr session) {
  const std::lock_guard lock(guard_);
  if (waiting_.size() >= waiting_max) throw Error(Code::resource_exhausted, "too many build sessions wait for their build");
  std::string id = random_id();
  waiting_[id] = std::move(session);
  return id;
}

SessionPtr Sessions::take(const std::string& id) {
  const std::lock_guard lock(guard_);
  auto node = waiting_.extract(id);
  if (node.empty()) throw missing(id);
  return std::move(node.mapped());
}

SessionPtr Sessions::find(const std::string& id) const {
  const std::lock_guard lock(guard_);
  const auto at = waiting_.find(id);
  if (at == waiting_.end()) throw missing(id);
  return at->second;
}

bool Sessions::waits(const std::string& id) const {
  const std::lock_guard lock(guard_);
  return waiting_.contains(id);
}

bool Sessions::drop(const std::string& id) {
  SessionPtr gone; // its end may take a moment: outside of the lock
  const std::lock_guard lock(guard_);
  if (auto node = waiting_.extract(id); !node.empty()) gone = std::move(node.mapped());
  return gone != nullptr;
}

} // namespace gantry::build
