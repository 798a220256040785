#include "cli/build/lending.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include "cli/commands/container/flag_values.hpp"
#include "cli/credentials/base64.hpp"
#include "cli/failure.hpp"

namespace gantry::cli {
namespace {

constexpr std::size_t secret_max = 500 << 10; // the daemon's limit, BuildKit's
constexpr std::size_t message_max = 256 << 10;

std::string file_content(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) throw Failure("failed to stat " + path + ": " + std::strerror(errno));
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf() || info.st_size == 0)) throw Failure("failed to read " + path + ": " + std::strerror(errno));
  return text.str();
}

UniqueFd connect_agent(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return {};
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return {};
  return socket;
}

bool send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

bool receive(int socket, std::string& bytes, std::size_t size) {
  bytes.resize(size);
  return size == 0 || ::recv(socket, bytes.data(), size, MSG_WAITALL) == static_cast<ssize_t>(size);
}

std::string length_of(const std::string& message) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(message.size() >> shift & 0xff);
  return out;
}

Failure unexpected(const std::string& key, const std::string& field) {
  return Failure("unexpected key '" + key + "' in '" + field + "'");
}

} // namespace

void add_secret(Loan& loan, const std::string& text) {
  std::string id, path, env, type;
  for (const auto& field : split_csv(text)) {
    auto [key, value] = cut(field, '=');
    std::transform(key.begin(), key.end(), key.begin(), [](unsigned char c) { return std::tolower(c); });
    if (!value) throw Failure("invalid field '" + field + "' must be a key=value pair");
    if (key == "type" && value != "file" && value != "env") throw Failure("unsupported secret type \"" + *value + "\"");
    if (key == "type") {
      type = *value;
    } else if (key == "id") {
      id = *value;
    } else if (key == "source" || key == "src") {
      path = *value;
    } else if (key == "env") {
      env = *value;
    } else {
      throw unexpected(key, field);
    }
  }
  if (id.empty()) throw Failure("secret missing ID");
  if (type == "env" && env.empty()) env = std::exchange(path, {});
  if (env.empty() && path.empty()) (std::getenv(id.c_str()) != nullptr ? env : path) = id;
  std::string content;
  if (path.empty()) {
    if (const char* value = std::getenv(env.c_str()); value != nullptr) content = value;
  } else {
    content = file_content(path);
  }
  if (content.size() > secret_max) throw Failure("secret " + id + " too big. max size 500KB");
  loan.secrets[id] = base64_encode(content);
}

void add_agent(Loan& loan, const std::string& text) {
  auto [id, given] = cut(text, '=');
  std::string path = given.value_or("");
  if (path.empty()) {
    const char* own = std::getenv("SSH_AUTH_SOCK");
    if (own == nullptr || *own == '\0') throw Failure("invalid empty ssh agent socket: make sure SSH_AUTH_SOCK is set");
    path = own;
  }
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) throw Failure("failed to open " + path + ": " + std::strerror(errno));
  if (!S_ISSOCK(info.st_mode)) throw Failure(path + " is no socket: only agents can be forwarded, add keys to one with ssh-add");
  if (!loan.agents.emplace(id.empty() ? "default" : id, path).second) throw Failure("invalid duplicate ID " + id);
}

Lending::Lending(Client& client, Loan loan) : agents_(std::move(loan.agents)) {
  client.negotiate();
  Request request{"POST", "/build/session"};
  request.body = Json{{"Secrets", std::move(loan.secrets)}, {"Ssh", Json::array()}};
  for (const auto& [id, path] : agents_) (*request.body)["Ssh"].push_back(id);
  Response response = client.receive(client.begin(request, true), request);
  throw_unless_ok(response);
  if (response.status() != 101) throw Failure("the daemon does not take secrets and ssh agents for builds");
  connection_ = std::move(response).hijack();
  const Json first = Json::parse(read_line(), nullptr, false);
  if (first.is_object() && first.contains("Error")) throw Failure(first.value("Error", ""));
  if (!first.is_object() || !first.contains("Id")) throw Failure("the daemon gave no id to what is lent to the build");
  id_ = first.value("Id", "");
  thread_ = std::thread([this] { serve(); });
}

Lending::~Lending() {
  ::shutdown(connection_.fd.get(), SHUT_RDWR);
  if (thread_.joinable()) thread_.join();
}

std::string Lending::read_line() {
  std::size_t end = 0;
  while ((end = connection_.buffer.find('\n')) == std::string::npos)
    if (!connection_.fill()) return {};
  std::string line = connection_.buffer.substr(0, end);
  connection_.buffer.erase(0, end + 1);
  return line;
}

void Lending::serve() {
  try {
    for (std::string line = read_line(); !line.empty(); line = read_line()) {
      const Json question = Json::parse(line, nullptr, false);
      if (!question.is_object()) return;
      const std::string agent = question.value("Agent", "");
      const int number = question.value("Connection", 0);
      if (!question.contains("Message")) {
        open_.erase({agent, number});
        continue;
      }
      std::string message;
      (void)base64_decode(question.value("Message", ""), message);
      connection_.write(Json{{"Message", base64_encode(ask(agent, number, message))}}.dump() + "\n");
    }
  } catch (const std::exception&) {
    // The daemon has gone, which the build itself tells.
  }
}

/// Empty: the agent does not answer.
std::string Lending::ask(const std::string& agent, int number, const std::string& message) {
  const auto path = agents_.find(agent);
  if (path == agents_.end()) return {};
  UniqueFd& socket = open_[{agent, number}];
  if (!socket) socket = connect_agent(path->second);
  std::string length, answer;
  if (!socket || !send_all(socket.get(), length_of(message) + message) || !receive(socket.get(), length, 4)) return {};
  std::size_t size = 0;
  for (const char c : length) size = size << 8 | static_cast<unsigned char>(c);
  if (size > message_max || !receive(socket.get(), answer, size)) return {};
  return answer;
}

} // namespace gantry::cli
