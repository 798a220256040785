#include <string.h>
#include <sys/socket.h>

#include <chrono>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "api/build/handlers.hpp"
#include "api/json_members.hpp"
#include "build/build_service.hpp"
#include "build/session/session.hpp"
#include "registry/credentials.hpp"

namespace gantry::api {
namespace {

using gantry::build::Lent;

constexpr std::size_t secret_max = 500 << 10; // as BuildKit has it
constexpr std::size_t secrets_max = 256;

/// {"Secrets": {id: base64}, "Ssh": [id]}
Lent lent_by(const Request& request) {
  const Json body = request.json();
  require_object(body);
  Lent lent;
  const Json secrets = body.value("Secrets", Json::object()), agents = body.value("Ssh", Json::array());
  if (!secrets.is_object()) throw invalid("Secrets: expected an object of base64 by id");
  if (!agents.is_array()) throw invalid("Ssh: expected a list of ids");
  if (secrets.size() + agents.size() > secrets_max)
    throw invalid("at most " + std::to_string(secrets_max) + " secrets and agents can be lent to a build");
  for (const auto& secret : secrets.items()) {
    std::string bytes;
    // No value in the message: it may be a secret that was only written wrongly.
    if (!secret.value().is_string() || !gantry::registry::base64_decode(secret.value().get<std::string>(), bytes))
      throw invalid("the secret \"" + secret.key() + "\" is not base64");
    if (bytes.size() > secret_max)
      throw invalid("invalid secret size " + std::to_string(bytes.size()) + " of \"" + secret.key() + "\": at most " +
                    std::to_string(secret_max) + " bytes are allowed");
    lent.secrets[secret.key()] = std::make_shared<gantry::build::SecretBytes>(std::move(bytes));
  }
  for (const auto& agent : agents) {
    if (!agent.is_string() || agent.get<std::string>().empty()) throw invalid("Ssh: expected a list of ids");
    lent.agents.insert(agent.get<std::string>());
  }
  return lent;
}

} // namespace

/// Ours: what a client lends to the build that says the id which comes as the first line (`?gantrysession=ID`). Until a build has
/// taken it, for a minute at most, this sees to it that a client that has gone leaves nothing behind.
Task<void> post_build_session(Services& services, Request& request, Reply& reply) {
  if (services.builds == nullptr) throw not_implemented("this daemon does not build images");
  Lent lent = lent_by(request);
  ::explicit_bzero(request.body.data(), request.body.size());
  Hijacked taken = co_await reply.hijack("application/vnd.gantry.build-session");
  const int socket = taken.socket.get();
  const auto session = std::make_shared<gantry::build::Session>(std::move(lent), std::move(taken.socket));
  auto& sessions = services.builds->sessions();
  std::string id;
  try {
    id = sessions.add(session);
  } catch (const Error& e) {
    const std::string line = Json({{"Error", e.what()}}).dump() + "\n";
    (void)::send(socket, line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    co_return;
  }
  const std::string line = Json({{"Id", id}}).dump() + "\n";
  (void)::send(socket, line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  boost::asio::steady_timer pause(co_await boost::asio::this_coro::executor);
  const auto end = std::chrono::steady_clock::now() + gantry::build::Sessions::patience;
  while (sessions.waits(id) && !session->gone() && std::chrono::steady_clock::now() < end) {
    pause.expires_after(std::chrono::milliseconds(250));
    co_await pause.async_wait(boost::asio::use_awaitable);
  }
  sessions.drop(id);
}

} // namespace gantry::api
