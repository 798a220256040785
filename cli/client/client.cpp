#include "cli/client/client.hpp"

#include <cstdlib>

#include "cli/failure.hpp"

namespace gantry::cli {
namespace {

std::string message_of(const std::string& body) {
  const Json json = Json::parse(body, nullptr, false);
  if (json.is_object() && json.contains("message") && json["message"].is_string()) return json["message"];
  std::string text = body;
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

} // namespace

Response::Response(Client& client, Connection connection, Head head, bool without_body)
    : client_(client),
      connection_(std::move(connection)),
      head_(std::move(head)),
      body_(head_, without_body || head_.status == 101) {
  if (body_.done() && body_.reusable() && head_.status != 101) client_.keep(std::move(connection_));
}

std::string Response::next() {
  if (body_.done()) return {};
  std::string piece = body_.next(connection_);
  if (body_.done() && body_.reusable()) client_.keep(std::move(connection_));
  return piece;
}

std::string Response::read_all() {
  std::string all;
  while (!body_.done()) all += next();
  return all;
}

Json Response::read_json() {
  const std::string text = read_all();
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) throw Failure("the daemon's answer is not JSON: " + text.substr(0, 200));
  return json;
}

Client::Client(Host host) : host_(std::move(host)), version_(newest_version) {
  for (const char* name : {"GANTRY_API_VERSION", "DOCKER_API_VERSION"})
    if (const char* value = std::getenv(name); value != nullptr && *value != '\0') version_ = value;
}

ConnectionLost Client::during_connect(const Request& request, const TlsFailure& failure) const {
  // "Get", as Go's clients say it.
  std::string verb = request.method;
  for (std::size_t i = 1; i < verb.size(); ++i) verb[i] = static_cast<char>(verb[i] | 0x20);
  const bool bare = host_.name.find(':') == std::string::npos;
  return ConnectionLost("error during connect: " + verb + " \"https://" + (bare ? host_.name : "[" + host_.name + "]") + ":" +
                        host_.port + host_.path + "/v" + version_ + request.path + request.query.text() +
                        "\": " + failure.what());
}

Connection Client::dial(const Request& request) const {
  try {
    return connect(host_);
  } catch (const TlsFailure& failure) {
    throw during_connect(request, failure);
  }
}

std::string Client::head_of(const Request& request, const std::string& extra) const {
  std::string out =
      request.method + " " + (host_.name.empty() ? "" : host_.path) + "/v" + version_ + request.path + request.query.text();
  out += " HTTP/1.1\r\nHost: " + (host_.name.empty() ? std::string("gantry") : host_.name) +
         "\r\nUser-Agent: gantry/" GANTRY_VERSION "\r\n";
  for (const auto& [name, value] : request.headers) out += name + ": " + value + "\r\n";
  return out + extra + "\r\n";
}

Connection Client::begin(const Request& request, bool upgrade) {
  std::string extra = upgrade ? "Connection: Upgrade\r\nUpgrade: tcp\r\n" : "";
  const std::string body = request.body ? request.body->dump(-1, ' ', false, Json::error_handler_t::replace) : "";
  if (request.body) extra += "Content-Type: application/json\r\n";
  if (request.body || request.method == "POST") extra += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  Connection connection = dial(request);
  connection.write(head_of(request, extra) + body);
  return connection;
}

Response Client::receive(Connection connection, const Request& request) {
  Head head;
  try {
    head = read_head(connection);
  } catch (const TlsFailure& failure) {
    throw during_connect(request, failure); // a daemon that wants no such client says so after the handshake
  }
  return {*this, std::move(connection), std::move(head), request.method == "HEAD"};
}

Response Client::send(const Request& request, bool stream) {
  const std::string body = request.body ? request.body->dump(-1, ' ', false, Json::error_handler_t::replace) : "";
  std::string extra = request.body ? "Content-Type: application/json\r\n" : "";
  if (request.body || request.method == "POST") extra += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  while (true) {
    Connection connection = stream ? Connection{} : std::exchange(idle_, {});
    const bool reused = static_cast<bool>(connection.fd);
    if (!reused) connection = dial(request);
    try {
      connection.write(head_of(request, extra) + body);
      if (reused && !connection.fill()) throw ConnectionLost("");
    } catch (const ConnectionLost&) {
      // A daemon may close a connection that was idle; a fresh one tells whether it is still there.
      if (reused) continue;
      throw;
    }
    Response response = receive(std::move(connection), request);
    if (response.status() != 400 || negotiated_) return response;
    const std::string message = message_of(response.read_all());
    if (!downgrade(response.status(), message)) throw DaemonError(400, message);
  }
}

bool Client::downgrade(int status, const std::string& message) {
  constexpr std::string_view says = "Maximum supported API version is ";
  const auto at = message.find(says);
  if (status != 400 || at == std::string::npos || message.find("too new") == std::string::npos) return false;
  version_ = message.substr(at + says.size());
  negotiated_ = true;
  return true;
}

Response Client::call(const Request& request, bool stream) {
  Response response = send(request, stream);
  throw_unless_ok(response);
  return response;
}

const std::string& Client::negotiate() {
  if (!negotiated_) {
    send({"GET", "/_ping"}).read_all();
    negotiated_ = true;
  }
  return version_;
}

Response Client::upload(const Request& request, const std::string& content_type, const std::function<std::string()>& next) {
  negotiate();
  Connection connection = dial(request);
  connection.write(head_of(request, "Content-Type: " + content_type + "\r\nTransfer-Encoding: chunked\r\n"));
  try {
    for (std::string piece = next(); !piece.empty(); piece = next()) {
      char size[32];
      std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
      connection.write(size + piece + "\r\n");
    }
    connection.write("0\r\n\r\n");
  } catch (const ConnectionLost&) {
    // A daemon that refuses the body answers and closes: the answer says more than EPIPE.
  }
  Response response = receive(std::move(connection), request);
  throw_unless_ok(response);
  return response;
}

Response Client::upload(const Request& request, const std::string& content_type, int file, std::uint64_t size) {
  negotiate();
  Connection connection = dial(request);
  connection.write(head_of(request, "Content-Type: " + content_type + "\r\nContent-Length: " + std::to_string(size) + "\r\n"));
  try {
    connection.write_file(file, size);
  } catch (const ConnectionLost&) {
    // As above.
  }
  Response response = receive(std::move(connection), request);
  throw_unless_ok(response);
  return response;
}

void throw_unless_ok(Response& response) {
  if (response.status() < 400) return;
  throw DaemonError(response.status(), message_of(response.read_all()));
}

} // namespace gantry::cli
