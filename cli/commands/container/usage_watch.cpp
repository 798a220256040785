#include "cli/commands/container/usage_watch.hpp"

#include <poll.h>

#include <algorithm>
#include <chrono>

#include "cli/failure.hpp"

namespace gantry::cli {
namespace {

using Clock = std::chrono::steady_clock;

/// Takes the complete lines off `pending` as JSON.
std::vector<Json> take_lines(std::string& pending) {
  std::vector<Json> lines;
  for (auto end = pending.find('\n'); end != std::string::npos; end = pending.find('\n')) {
    Json json = Json::parse(pending.substr(0, end), nullptr, false);
    pending.erase(0, end + 1);
    if (json.is_object()) lines.push_back(std::move(json));
  }
  return lines;
}

} // namespace

void UsageWatch::add(const std::string& name) {
  const Request request{"GET", "/containers/" + url_encode(name) + "/stats", Query({{"stream", "1"}})};
  streams_.push_back({name, name, client_.call(request, true)});
}

void UsageWatch::follow_events(bool stopped) {
  stopped_too_ = stopped;
  nlohmann::json filters;
  filters["type"]["container"] = true;
  for (const char* event : {"create", "start", "die", "destroy"}) filters["event"][event] = true;
  events_.emplace(client_.call({"GET", "/events", Query({{"filters", filters.dump()}})}, true));
}

void UsageWatch::run(int milliseconds) {
  const auto deadline = Clock::now() + std::chrono::milliseconds(milliseconds);
  while (!streams_.empty() || events_) {
    std::vector<pollfd> polled;
    bool waiting = false;
    if (events_) polled.push_back({events_->fd(), POLLIN, 0});
    for (Stream& stream : streams_) {
      polled.push_back({stream.response.fd(), POLLIN, 0});
      waiting |= stream.response.buffered();
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return;
    if (::poll(polled.data(), polled.size(), waiting ? 0 : static_cast<int>(left)) < 0) continue;
    std::size_t at = events_ ? 1 : 0;
    for (Stream& stream : streams_)
      if (polled[at++].revents != 0 || stream.response.buffered()) read(stream);
    streams_.remove_if([](const Stream& stream) { return stream.ended; });
    if (events_ && (polled[0].revents != 0 || events_->buffered())) read_events();
  }
}

void UsageWatch::read(Stream& stream) {
  const std::string piece = stream.response.next();
  stream.ended = piece.empty();
  stream.pending += piece;
  for (Json& sample : take_lines(stream.pending)) {
    stream.id = sample.value("id", stream.id);
    stream.sample = std::move(sample);
  }
}

void UsageWatch::read_events() {
  const std::string piece = events_->next();
  if (piece.empty()) throw ConnectionLost("the daemon has gone");
  pending_events_ += piece;
  for (const Json& event : take_lines(pending_events_)) handle(event);
}

void UsageWatch::handle(const Json& event) {
  const std::string action = event.value("Action", ""), id = event.value("Actor", Json::object()).value("ID", "");
  const auto known = [&id](const Stream& stream) {
    return stream.id == id || (stream.id.size() >= 12 && id.starts_with(stream.id));
  };
  if (action == "destroy" || (action == "die" && !stopped_too_)) {
    streams_.remove_if(known);
  } else if ((action == "start" || (action == "create" && stopped_too_)) &&
             std::none_of(streams_.begin(), streams_.end(), known)) {
    try {
      add(id.substr(0, 12));
    } catch (const DaemonError&) {
      // It has gone again.
    }
  }
}

bool UsageWatch::complete() const {
  return std::all_of(streams_.begin(), streams_.end(), [](const Stream& stream) { return !stream.sample.is_null(); });
}

std::vector<UsageWatch::Container> UsageWatch::containers() const {
  std::vector<Container> all;
  for (const Stream& stream : streams_) all.push_back({stream.name, stream.sample});
  return all;
}

} // namespace gantry::cli
