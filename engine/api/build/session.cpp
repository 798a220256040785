#include <string.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <functional>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "api/build/handlers.hpp"
#include "api/json_members.hpp"
#include "api/progress.hpp"
#include "build/build_service.hpp"
#include "build/session/session.hpp"
#include "registry/credentials.hpp"

namespace gantry::api {
namespace {

using gantry::build::Lent;

constexpr std::size_t secret_max = gantry::build::Session::secret_max;
constexpr std::size_t secrets_max = 256;

/// Until `is_over`; looks four times a second.
Task<void> wait_until(const std::function<bool()>& is_over) {
  boost::asio::steady_timer pause(co_await boost::asio::this_coro::executor);
  while (!is_over()) {
    pause.expires_after(std::chrono::milliseconds(250));
    co_await pause.async_wait(boost::asio::use_awaitable);
  }
}

/// {"Secrets": {id: base64}, "Ssh": [id]}, or {"Ask": true}
Lent lent_by(const Request& request) {
  const Json body = request.json();
  require_object(body);
  Lent lent;
  const Json ask = body.value("Ask", Json(false));
  if (!ask.is_boolean()) throw invalid("Ask: expected true or false");
  lent.on_demand = ask.get<bool>();
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
  const auto is_late = [&] {
    return std::chrono::steady_clock::now() > session->idle_since() + gantry::build::Sessions::patience;
  };
  const std::function<bool()> is_over = [&] { return !sessions.waits(id) || session->gone() || is_late(); };
  co_await wait_until(is_over);
  if (!sessions.drop(id)) co_return; // a build has taken it
  auto drop = [&session] { session->drop_contexts(); };
  co_await on(services.pool, drop);
}

/// Ours: files, or an OCI layout, that the build of a session calls `name`.
Task<void> post_build_session_context(Services& services, Request& request, Reply& reply) {
  if (services.builds == nullptr) throw not_implemented("this daemon does not build images");
  const std::string id = request.query.get("id"), name = request.query.get("name"), kind = request.query.get("kind");
  if (name.empty()) throw invalid("name: expected the name of a context");
  if (!kind.empty() && kind != "files" && kind != "oci-layout")
    throw invalid("kind: expected \"files\" or \"oci-layout\", got \"" + kind + "\"");
  (void)services.builds->sessions().find(id);
  const auto body = std::make_shared<UniqueFd>(request.source->pipe());
  auto work = [builds = services.builds, id, name, body, is_layout = kind == "oci-layout"](const Interrupt&) {
    builds->lend_context(id, name, std::move(*body), is_layout);
  };
  co_await run_transfer(reply, work);
  reply.empty(204);
}

} // namespace gantry::api
