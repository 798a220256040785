#include "cli/streams/wait.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>

#include "cli/failure.hpp"

namespace gantry::cli {
namespace {
constexpr std::chrono::milliseconds first_pause{5}, longest_pause{500};
}

Request ExitWait::request(const std::string& id, const std::string& condition) {
  return {"POST", "/containers/" + url_encode(id) + "/wait", Query().add_unless_empty("condition", condition)};
}

ExitWait::ExitWait(Client& client, std::string id, std::string condition)
    : client_(client), id_(std::move(id)), condition_(std::move(condition)) {
  response_.emplace(client_.call(request(id_, condition_), true));
}

ExitWait::ExitWait(Client& client, std::string id, std::string condition, Connection begun)
    : client_(client), id_(std::move(id)), condition_(std::move(condition)) {
  response_.emplace(client_.receive(std::move(begun), request(id_, condition_)));
  throw_unless_ok(*response_);
}

int ExitWait::status(Session* session) {
  const Json got = answer(session);
  if (const auto error = got.find("Error"); error != got.end() && error->is_object() && !error->value("Message", "").empty())
    throw Failure(error->value("Message", ""), 125);
  return got["StatusCode"].get<int>();
}

Json ExitWait::answer(Session* session) {
  while (true) {
    if (auto got = try_read(session)) return std::move(*got);
    register_again();
  }
}

std::optional<Json> ExitWait::try_read(Session* session) {
  try {
    if (session != nullptr && !response_->buffered()) session->wait_for(response_->fd());
    const std::string text = response_->read_all();
    // A daemon that shuts down ends the answer in good order, but before it knows.
    if (text.find_first_not_of(" \r\n") == std::string::npos) return std::nullopt;
    Json got = Json::parse(text, nullptr, false);
    if (!got.is_object() || !got.contains("StatusCode") || !got["StatusCode"].is_number_integer())
      throw Failure("the daemon's answer holds no exit status: " + text.substr(0, 200), 125);
    return got;
  } catch (const ConnectionLost&) {
    return std::nullopt;
  }
}

void ExitWait::register_again() {
  // The container may have ended while nobody listened: "next-exit" would wait for an exit that never comes.
  if (condition_ == "next-exit") condition_ = "not-running";
  for (auto pause = first_pause;; pause = std::min(pause * 2, longest_pause)) {
    std::this_thread::sleep_for(pause);
    try {
      response_.emplace(client_.call(request(id_, condition_), true));
      return;
    } catch (const ConnectionLost&) {
      continue;
    } catch (const DaemonError& e) {
      if (e.status() == 404)
        throw Failure("the container was removed while the daemon was away: its exit status is unknown", 125);
      throw;
    }
  }
}

} // namespace gantry::cli
