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
  while (true) {
    if (const auto code = try_read(session)) return *code;
    register_again();
  }
}

std::optional<int> ExitWait::try_read(Session* session) {
  try {
    if (session != nullptr && !response_->buffered()) session->wait_for(response_->fd());
    const Json answer = Json::parse(response_->read_all(), nullptr, false);
    if (!answer.is_object() || !answer.contains("StatusCode")) return std::nullopt;
    if (const auto error = answer.find("Error"); error != answer.end() && error->is_object() && !error->value("Message", "").empty())
      throw Failure(error->value("Message", ""), 125);
    return answer["StatusCode"].get<int>();
  } catch (const ConnectionLost&) {
    return std::nullopt;
  }
}

void ExitWait::register_again() {
  // The container may have ended while nobody listened: "next-exit" would wait for an exit that never comes.
  if (condition_ == "next-exit") condition_ = "not-running";
  for (auto pause = first_pause;; pause = std::min(pause * 2, longest_pause)) {
    try {
      response_.emplace(client_.call(request(id_, condition_), true));
      return;
    } catch (const ConnectionLost&) {
      std::this_thread::sleep_for(pause);
    } catch (const DaemonError& e) {
      if (e.status() == 404) throw Failure("the container was removed while the daemon was away: its exit status is unknown", 125);
      throw;
    }
  }
}

} // namespace gantry::cli
