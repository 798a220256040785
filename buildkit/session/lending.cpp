#include "buildkit/session/lending.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <chrono>
#include <stdexcept>

#include "buildkit/encoding.hpp"
#include "buildkit/sockets.hpp"
#include "filesync.grpc.pb.h"
#include "secrets.grpc.pb.h"
#include "ssh.grpc.pb.h"

namespace gantry::buildkit {
namespace {

constexpr std::size_t secret_max = 500 << 10, agent_message_max = 256 << 10, question_max = 1 << 20, agents_max = 64;

std::chrono::system_clock::time_point soon() { return std::chrono::system_clock::now() + std::chrono::seconds(30); }

std::string with_length(const std::string& message) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(message.size() >> shift & 0xff);
  return out + message;
}

/// Clients know Docker Hub by the name of its registry.
std::string clients_host(const std::string& host) {
  return host == "docker.io" || host == "index.docker.io" ? "registry-1.docker.io" : host;
}

} // namespace

/// A connection of a program to an agent.
struct Lending::Agent {
  using Bytes = gantry::buildkit::raw::Bytes;
  grpc::ClientContext context;
  std::unique_ptr<moby::sshforward::v1::SSH::Stub> stub;
  std::unique_ptr<grpc::ClientReaderWriter<Bytes, Bytes>> stream;
  std::string received;

  ~Agent() {
    if (!stream) return;
    context.TryCancel();
    Bytes rest;
    while (stream->Read(&rest)) {
    }
    (void)stream->Finish();
  }
};

Lending::Lending(Daemon& daemon, std::shared_ptr<Session> session, Cancellation& cancellation)
    : session_(std::move(session)), with_build_(cancellation, [this] { cancellation_.cancel(); }) {
  const auto exchange = daemon.open(cancellation);
  exchange->send("POST", "/build/session", "Connection: Upgrade\r\nUpgrade: tcp\r\nContent-Type: application/json\r\n",
                 Json({{"Ask", true}}).dump());
  const int status = exchange->status();
  if (status != 101) throw_error(*exchange, status);
  connection_ = exchange->take(buffer_);
  std::string line;
  if (!read_line(line)) throw std::runtime_error("the daemon has ended the connection");
  const Json first = Json::parse(line, nullptr, false);
  if (!first.is_object() || !first.contains("Id"))
    throw std::runtime_error(first.is_object() ? first.value("Error", "no session") : "no session");
  id_ = first.value("Id", "");
  thread_ = std::thread([this] { serve(); });
}

/// An agent of the client's may never answer.
Lending::~Lending() {
  cancellation_.cancel();
  ::shutdown(connection_.get(), SHUT_RDWR);
  if (thread_.joinable()) thread_.join();
}

bool Lending::read_line(std::string& line) {
  std::size_t end = 0;
  while ((end = buffer_.find('\n')) == std::string::npos) {
    char bytes[16 << 10];
    const ssize_t n = ::recv(connection_.get(), bytes, sizeof bytes, 0);
    if (n > 0) {
      buffer_.append(bytes, static_cast<std::size_t>(n));
    } else if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
      pollfd wanted{connection_.get(), POLLIN, 0};
      ::poll(&wanted, 1, 200);
      if (cancellation_.cancelled()) return false;
    } else {
      return false;
    }
    if (buffer_.size() > question_max) return false;
  }
  line = buffer_.substr(0, end);
  buffer_.erase(0, end + 1);
  return true;
}

void Lending::serve() {
  for (std::string line; read_line(line);) {
    const Json question = Json::parse(line, nullptr, false);
    if (!question.is_object()) return;
    Json reply;
    try {
      reply = answer(question);
    } catch (const std::exception& e) {
      reply = {{"Error", e.what()}};
    }
    if (!reply.is_null() &&
        !send_all(connection_.get(), reply.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n", cancellation_))
      return;
  }
}

Json Lending::answer(const Json& question) {
  if (question.contains("Secret")) return secret(question.value("Secret", ""));
  if (question.contains("CheckAgent")) return check_agent(question.value("CheckAgent", ""));
  if (question.contains("Credentials")) return credentials(question.value("Credentials", ""));
  if (!question.contains("Agent")) return {{"Error", "unknown question"}};
  const std::string id = question.value("Agent", "");
  const int number = question.value("Connection", 0);
  if (!question.contains("Message")) {
    agents_.erase({id, number});
    return {};
  }
  std::string message;
  if (!base64_decode(question.value("Message", ""), message)) return {{"Message", ""}};
  return ask_agent(id, number, message);
}

Json Lending::secret(const std::string& id) {
  if (!session_->serves("/moby.buildkit.secrets.v1.Secrets/GetSecret")) return {{"Missing", true}};
  grpc::ClientContext context;
  context.set_deadline(soon());
  const Cancellation::Hook hook(cancellation_, [&context] { context.TryCancel(); });
  moby::buildkit::secrets::v1::GetSecretRequest request;
  moby::buildkit::secrets::v1::GetSecretResponse response;
  request.set_id(id);
  const auto status = moby::buildkit::secrets::v1::Secrets::NewStub(session_->channel())->GetSecret(&context, request, &response);
  if (status.error_code() == grpc::StatusCode::NOT_FOUND || status.error_code() == grpc::StatusCode::UNIMPLEMENTED)
    return {{"Missing", true}};
  if (!status.ok()) return {{"Error", status.error_message()}};
  if (response.data().size() > secret_max) return {{"Error", "invalid secret size " + std::to_string(response.data().size())}};
  return {{"Value", base64_encode(response.data())}};
}

Json Lending::check_agent(const std::string& id) {
  if (!session_->serves("/moby.sshforward.v1.SSH/CheckAgent"))
    return {{"Error", "no SSH key \"" + id + "\" forwarded from the client"}};
  grpc::ClientContext context;
  context.set_deadline(soon());
  const Cancellation::Hook hook(cancellation_, [&context] { context.TryCancel(); });
  moby::sshforward::v1::CheckAgentRequest request;
  moby::sshforward::v1::CheckAgentResponse response;
  request.set_id(id);
  const auto status = moby::sshforward::v1::SSH::NewStub(session_->channel())->CheckAgent(&context, request, &response);
  if (!status.ok()) return {{"Error", status.error_message()}};
  return {{"Ok", true}};
}

Json Lending::credentials(const std::string& host) {
  if (!session_->serves("/moby.filesync.v1.Auth/Credentials")) return Json::object();
  grpc::ClientContext context;
  context.set_deadline(soon());
  const Cancellation::Hook hook(cancellation_, [&context] { context.TryCancel(); });
  moby::filesync::v1::CredentialsRequest request;
  moby::filesync::v1::CredentialsResponse response;
  request.set_host(clients_host(host));
  const auto status = moby::filesync::v1::Auth::NewStub(session_->channel())->Credentials(&context, request, &response);
  if (!status.ok() || response.secret().empty()) return Json::object();
  // A token in place of a password has no user.
  if (response.username().empty()) return {{"IdentityToken", response.secret()}};
  return {{"Username", response.username()}, {"Password", response.secret()}};
}

Json Lending::ask_agent(const std::string& id, int number, const std::string& message) {
  if (message.size() > agent_message_max || agents_.size() > agents_max ||
      !session_->serves("/moby.sshforward.v1.SSH/ForwardAgent"))
    return {{"Message", ""}};
  auto& agent = agents_[{id, number}];
  if (!agent) {
    agent = std::make_unique<Agent>();
    agent->stub = moby::sshforward::v1::SSH::NewStub(session_->channel());
    agent->context.AddMetadata("buildkit.ssh.id", id);
    agent->stream = agent->stub->ForwardAgent(&agent->context);
  }
  const Cancellation::Hook hook(cancellation_, [&agent] { agent->context.TryCancel(); });
  Agent::Bytes piece;
  piece.set_data(with_length(message));
  std::string& received = agent->received;
  const auto size = [&received] {
    std::size_t n = 0;
    for (std::size_t i = 0; i < 4; ++i) n = n << 8 | static_cast<unsigned char>(received[i]);
    return n;
  };
  bool good = agent->stream->Write(piece);
  while (good && (received.size() < 4 || received.size() < 4 + size())) {
    good = (received.size() < 4 || size() <= agent_message_max) && agent->stream->Read(&piece);
    if (good) received += piece.data();
  }
  if (!good) {
    received.clear();
    return {{"Message", ""}};
  }
  const std::string reply = received.substr(4, size());
  received.erase(0, 4 + size());
  return {{"Message", base64_encode(reply)}};
}

} // namespace gantry::buildkit
