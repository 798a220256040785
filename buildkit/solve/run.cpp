#include "buildkit/solve/run.hpp"

#include <algorithm>

#include "buildkit/encoding.hpp"
#include "buildkit/solve/subrequests.hpp"

namespace gantry::buildkit {
namespace {

std::string attribute(const BuildWish& wish, const std::string& key) {
  const auto found = wish.attributes.find(key);
  return found == wish.attributes.end() ? "" : found->second;
}

std::vector<Json> warnings_of(const Json& message) {
  std::vector<Json> all;
  const auto lint = message.find("lint");
  if (lint == message.end() || !lint->is_object()) return all;
  const auto warnings = lint->find("warnings");
  if (warnings == lint->end() || !warnings->is_array()) return all;
  for (const Json& warning : *warnings)
    if (warning.is_object()) all.push_back(warning);
  return all;
}

} // namespace

Run::Run(Daemon& daemon, Sessions& sessions, const BuildWish& wish, Progress& progress, Cancellation& cancellation)
    : daemon_(daemon), sessions_(sessions), wish_(wish), progress_(progress), cancellation_(cancellation), sources_(sources_of(wish)),
      steps_(progress, wish.ref) {}

Solved Run::run() {
  check_wish(wish_);
  if (!wish_.session.empty()) {
    session_ = sessions_.find(wish_.session, cancellation_);
    if (session_ == nullptr) throw BuildFailed({"no active session for " + wish_.session + ": context deadline exceeded"});
  }
  const bool from_session = sources_.remote.empty() && sources_.upload.empty();
  if (from_session || sources_.own_dockerfile) {
    if (session_ == nullptr) throw BuildFailed({"failed to read dockerfile: no active sessions"});
    if (!from_session) throw BuildFailed({"a Dockerfile of the client's for a context from elsewhere is not supported by this daemon"});
    load_dockerfile();
    look_at_images();
    load_ignore();
  } else {
    dockerfile_name_ = sources_.dockerfile;
  }
  if (const std::string question = attribute(wish_, "requestid"); !question.empty()) return answer(question);
  if (session_ != nullptr) lending_ = std::make_unique<Lending>(daemon_, session_, cancellation_);
  lend_contexts();
  return build();
}

void Run::look_at_images() {
  const auto contexts = with_prefix(wish_.attributes, "context:");
  std::set<std::string> names;
  for (const auto& [full, address] : contexts) names.insert(full.substr(0, full.find("::")));
  needs_ = needs_of(*dockerfile_, attribute(wish_, "target"), with_prefix(wish_.attributes, "build-arg:"), names);
  for (const auto& image : needs_.images) {
    bool is_here = false;
    try {
      const Json json = daemon_.call("GET", "/images/" + url_encode(image) + "/json", {}, cancellation_);
      is_here = attribute(wish_, "image-resolve-mode") != "pull";
      const auto config = json.find("Config");
      const bool has_triggers = config != json.end() && config->is_object() && config->contains("OnBuild") && (*config)["OnBuild"].is_array() &&
                                !(*config)["OnBuild"].empty();
      if (has_triggers || !is_here) needs_.whole_context = true; // they may copy anything
    } catch (const DaemonError&) {
      needs_.whole_context = true;
    }
    steps_.expect_image(image, is_here);
  }
  if (!needs_.sure_of_images) needs_.whole_context = true;
}

Query Run::query() const {
  Query query = parameters_of(wish_);
  query.add("dockerfile", dockerfile_name_).add("positions", sources_.dockerfile);
  if (!sources_.remote.empty()) query.add("remote", sources_.remote);
  if (lending_ != nullptr) query.add("gantrysession", lending_->id());
  return query;
}

void Run::fail(const std::string& text) {
  const EngineError error = take_apart(text, sources_.dockerfile);
  Failure failure{in_buildkits_words(error.message, session_ ? session_->id() + "::" + wish_.ref : wish_.ref)};
  failure.vertex = steps_.fail(failure.message);
  const bool is_checksum = failure.message.starts_with("failed to calculate checksum");
  if (is_checksum) failure.message = "failed to compute cache key: " + failure.message;
  if (failure.vertex.empty() && error.column > 0)
    failure.message = "dockerfile parse error on line " + std::to_string(error.line) + ": " + failure.message;
  if (error.line > 0 && dockerfile_) failure.place = {sources_.dockerfile, *dockerfile_, error.line};
  throw BuildFailed(std::move(failure));
}

void Run::read_answer(Exchange& exchange, const std::function<void(const Json&)>& take) {
  const int status = exchange.status();
  if (status >= 400) {
    try {
      throw_error(exchange, status);
    } catch (const DaemonError& e) {
      fail(e.what());
    }
  }
  std::string error;
  for (std::string line; exchange.read_line(line);) {
    const Json message = Json::parse(line, nullptr, false);
    if (!message.is_object()) continue;
    if (const auto detail = message.find("errorDetail"); detail != message.end() && detail->is_object())
      error = detail->value("message", "unknown error");
    take(message);
  }
  cancellation_.check();
  if (!error.empty()) fail(error);
}

Solved Run::build() {
  const auto exchange = daemon_.open(cancellation_);
  exchange->begin("POST", "/build" + query().text(), "Content-Type: application/x-tar\r\n");
  send_body(*exchange);
  std::string image;
  read_answer(*exchange, [&](const Json& message) {
    if (const auto aux = message.find("aux"); aux != message.end() && aux->is_object()) image = aux->value("ID", image);
    for (const Json& warning : warnings_of(message))
      if (auto told = wire_warning(warning, definition_, sources_.dockerfile, dockerfile_.value_or("")); !definition_.empty())
        progress_.warn(std::move(told));
    steps_.take(message);
  });
  if (image.empty()) throw BuildFailed({"the daemon has ended the build without an image"});
  return {image};
}

Solved Run::answer(const std::string& question) {
  if (question == "frontend.lint") return check();
  if (question == "frontend.targets") return {"", targets_of(needs_, attribute(wish_, "target"), sources_.dockerfile, dockerfile_.value_or(""))};
  if (question == "frontend.subrequests.describe") return {"", descriptions()};
  throw BuildFailed({"unsupported request " + question, grpc::StatusCode::UNIMPLEMENTED});
}

Solved Run::check() {
  needs_.whole_context = false;
  needs_.context_paths.clear();
  const auto exchange = daemon_.open(cancellation_);
  Query asked = query();
  asked.add("check", "1");
  exchange->begin("POST", "/build" + asked.text(), "Content-Type: application/x-tar\r\n");
  send_body(*exchange);
  std::vector<Json> warnings;
  read_answer(*exchange, [&](const Json& message) {
    for (Json& warning : warnings_of(message)) warnings.push_back(std::move(warning));
  });
  return {"", lint_of(warnings, sources_.dockerfile, dockerfile_.value_or(""))};
}

} // namespace gantry::buildkit
