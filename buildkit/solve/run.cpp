#include "buildkit/solve/run.hpp"

#include <algorithm>

#include "buildkit/encoding.hpp"
#include "buildkit/solve/subrequests.hpp"

namespace gantry::buildkit {
namespace {

std::string attribute(const BuildWish& wish, const std::string& key) { return value_of(wish.attributes, key); }

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

Run::Run(Daemon& daemon, Sessions& sessions, BuildWish wish, Progress& progress, Cancellation& cancellation)
    : daemon_(daemon),
      sessions_(sessions),
      wish_(std::move(wish)),
      progress_(progress),
      cancellation_(cancellation),
      sources_(sources_of(wish_)),
      steps_(progress) {}

std::map<std::string, std::string> Run::prepare() {
  check_wish(wish_);
  if (!wish_.session.empty()) {
    session_ = sessions_.find(wish_.session, cancellation_);
    if (session_ == nullptr) throw BuildFailed({"no active session for " + wish_.session + ": context deadline exceeded"});
  }
  const bool from_session = sources_.remote.empty() && sources_.upload.empty();
  const std::string question = attribute(wish_, "requestid");
  if (!from_session) {
    if (sources_.own_dockerfile)
      throw BuildFailed({"a Dockerfile of the client's for a context from elsewhere is not supported by this daemon"});
    if (!question.empty())
      throw BuildFailed({"unsupported request " + question + " for a context from elsewhere", grpc::StatusCode::UNIMPLEMENTED});
    dockerfile_name_ = sources_.dockerfile;
    return {};
  }
  if (session_ == nullptr) throw BuildFailed({"failed to read dockerfile: no active sessions"});
  load_dockerfile();
  std::set<std::string> contexts;
  for (const auto& [full, address] : with_prefix(wish_.attributes, "context:")) contexts.insert(full.substr(0, full.find("::")));
  needs_ = needs_of(*dockerfile_, attribute(wish_, "target"), with_prefix(wish_.attributes, "build-arg:"), contexts);
  if (!question.empty()) return answer(question);
  try {
    for (const Json& warning : check()) show(warning);
  } catch (const BuildFailed&) {
    progress_.finish(definition_);
    throw;
  }
  progress_.finish(definition_);
  name_stages();
  look_at_images();
  load_ignore();
  return {};
}

std::size_t Run::bytes() const {
  std::size_t bytes = 4096;
  for (const auto& [name, value] : wish_.attributes) bytes += name.size() + value.size() + 64;
  // What is known of the Dockerfile is about as much as its text.
  bytes += 2 * dockerfile_.value_or("").size() + own_ignore_.value_or("").size();
  for (const auto& pattern : ignored_) bytes += pattern.size() + 32;
  return bytes;
}

void Run::name_stages() {
  for (const auto& [told, shown] : needs_.here_documents) steps_.expect_text(told, shown);
  for (std::size_t i = 0; i < needs_.stages.size(); ++i) {
    const StageOutline& stage = needs_.stages[i];
    const bool is_alone = needs_.stages.size() == 1;
    const std::string told = !stage.name.empty() ? stage.name : is_alone ? "" : "stage-" + std::to_string(i);
    std::string shown = !stage.name.empty() ? stage.name : "stage-" + std::to_string(i);
    // A name tells nothing where there is nothing else.
    if (is_alone && !needs_.takes_from_elsewhere) shown.clear();
    steps_.expect_stage(told, shown, stage.base != "scratch" && !stage.on_stage);
  }
}

void Run::show(const Json& warning) {
  if (definition_.empty() ||
      !shown_.insert(warning.value("rule", "") + std::to_string(warning.value("line", 0)) + warning.value("detail", "")).second)
    return;
  progress_.warn(wire_warning(warning, definition_, sources_.dockerfile, dockerfile_.value_or("")));
}

void Run::look_at_images() {
  for (const auto& image : needs_.images) {
    bool is_here = false;
    try {
      const Json json = daemon_.call("GET", "/images/" + url_encode(image) + "/json", {}, cancellation_);
      is_here = attribute(wish_, "image-resolve-mode") != "pull";
      const auto config = json.find("Config");
      const bool has_triggers = config != json.end() && config->is_object() && config->contains("OnBuild") &&
                                (*config)["OnBuild"].is_array() && !(*config)["OnBuild"].empty();
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
  query.add("dockerfile", dockerfile_name_).add("positions", sources_.dockerfile).add("setuid", "1");
  if (!sources_.remote.empty()) query.add("remote", sources_.remote);
  if (lending_ != nullptr) query.add("gantrysession", lending_->id());
  return query;
}

void Run::fail(const std::string& text) {
  const EngineError error = take_apart(text, sources_.dockerfile);
  Failure failure{in_buildkits_words(error.message, wish_.session.empty() ? wish_.ref : wish_.session + "::" + wish_.ref)};
  if (const std::size_t at = failure.message.find(" (" + dockerfile_name_ + ")"); dockerfile_ && at != std::string::npos)
    failure.message.erase(at, dockerfile_name_.size() + 3);
  failure.vertex = steps_.fail(failure.message);
  if (failure.message.starts_with("failed to calculate checksum"))
    failure.message = "failed to compute cache key: " + failure.message;
  if (failure.vertex.empty() && error.column > 0)
    failure.message = "dockerfile parse error on line " + std::to_string(error.line) + ": " + failure.message;
  if (const auto& image = steps_.failed_image(); !image.empty())
    failure.message = image + ": failed to resolve source metadata for " + full_reference(image, true) + ": " + failure.message;
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

std::string Run::build() {
  const std::lock_guard lock(guard_);
  if (!image_.empty()) return image_;
  if (session_ != nullptr) lending_ = std::make_unique<Lending>(daemon_, session_, cancellation_);
  try {
    lend_contexts();
    image_ = send_build();
  } catch (...) {
    lending_.reset();
    throw;
  }
  lending_.reset();
  return image_;
}

std::string Run::send_build() {
  const auto exchange = daemon_.open(cancellation_);
  exchange->begin("POST", "/build" + query().text(), "Content-Type: application/x-tar\r\n");
  send_body(*exchange);
  std::string image;
  read_answer(*exchange, [&](const Json& message) {
    if (const auto aux = message.find("aux"); aux != message.end() && aux->is_object()) image = aux->value("ID", image);
    for (const Json& warning : warnings_of(message)) show(warning);
    steps_.take(message);
  });
  if (image.empty()) throw BuildFailed({"the daemon has ended the build without an image"});
  return image;
}

std::map<std::string, std::string> Run::answer(const std::string& question) {
  const std::string target = attribute(wish_, "target");
  if (question == "frontend.lint") return lint();
  progress_.finish(definition_);
  if (question == "frontend.targets") return targets_of(needs_, target, *dockerfile_);
  if (question == "frontend.outline") {
    look_at_images();
    load_ignore();
    return outline_of(needs_, target, *dockerfile_);
  }
  if (question == "frontend.subrequests.describe") return descriptions();
  throw BuildFailed({"unsupported request " + question, grpc::StatusCode::UNIMPLEMENTED});
}

std::vector<Json> Run::check() {
  const auto exchange = daemon_.open(cancellation_);
  // Contexts of the session come later.
  BuildWish wish = wish_;
  std::erase_if(wish.attributes,
                [](const auto& one) { return one.first.starts_with("context:") && one.second.starts_with("local:"); });
  Query asked = parameters_of(wish);
  asked.add("dockerfile", dockerfile_name_).add("positions", sources_.dockerfile).add("check", "1");
  exchange->begin("POST", "/build" + asked.text(), "Content-Type: application/x-tar\r\n");
  try {
    TarStream tar([&exchange](std::string_view bytes) { return exchange->write(bytes); });
    send_dockerfile(tar);
    tar.close();
    exchange->end();
  } catch (const NotWanted&) { // the answer tells why
    cancellation_.check();
  }
  std::vector<Json> warnings;
  read_answer(*exchange, [&](const Json& message) {
    for (Json& warning : warnings_of(message)) warnings.push_back(std::move(warning));
  });
  return warnings;
}

std::map<std::string, std::string> Run::lint() {
  try {
    const auto warnings = check();
    progress_.finish(definition_);
    look_at_images();
    load_ignore();
    return lint_of(warnings, sources_.dockerfile, *dockerfile_);
  } catch (const BuildFailed& e) {
    progress_.finish(definition_);
    return lint_failure(e.failure);
  }
}

} // namespace gantry::buildkit
