#include "buildkit/progress/steps.hpp"

#include <sstream>

#include "base/text.hpp"
#include "buildkit/solve/dockerfile_needs.hpp"

namespace gantry::buildkit {
namespace {

constexpr std::size_t steps_max = 20000;

/// The image of "FROM [--platform=…] IMAGE [AS NAME]"; "" for other instructions.
std::string image_of(const std::string& text) {
  std::istringstream in(text);
  std::string word;
  if (!(in >> word) || lower(word) != "from") return "";
  while (in >> word)
    if (!word.starts_with("--")) return word;
  return "";
}

} // namespace

void Steps::expect_stage(const std::string& told, const std::string& shown, bool counted) { stages_[told] = {shown, counted}; }

void Steps::expect_image(const std::string& image, bool is_here) {
  const std::string name = full_reference(image, true);
  const std::string vertex = progress_.announce("metadata " + name, "[internal] load metadata for " + name);
  images_[name] = vertex;
  written_[name] = image;
  progress_.start(vertex);
  if (is_here) progress_.finish(vertex);
}

void Steps::take(const Json& message) {
  const auto number = message.find("step");
  if (number == message.end() || !number->is_number_integer()) return;
  const int id = number->get<int>();
  const std::string state = message.value("state", "");
  if (state == "started") return begin(id, message);
  const auto found = steps_.find(id);
  if (found == steps_.end()) return;
  if (message.contains("stream")) log(found->second.vertex, message.value("stream", ""));
  if (message.contains("status")) pull(found->second, message);
  if (!state.empty()) end(id, state);
}

/// The engine marks what comes from standard error by its colour.
void Steps::log(const std::string& vertex, const std::string& text) {
  const std::string red = "\x1b[91m", plain = "\x1b[0m";
  if (!text.starts_with(red) || !text.ends_with(plain)) return progress_.log(vertex, text, 1);
  progress_.log(vertex, text.substr(red.size(), text.size() - red.size() - plain.size()), 2);
}

void Steps::begin(int id, const Json& message) {
  if (steps_.size() >= steps_max) return;
  Step step;
  std::string text = message.value("text", "");
  if (const auto known = texts_.find(text); known != texts_.end()) text = known->second;
  const std::string image = image_of(text);
  Stage stage{message.value("stage", ""), image != "scratch"};
  if (const auto known = stages_.find(stage.shown); known != stages_.end()) stage = known->second;
  if (!image.empty() && stage.counted) {
    step.image = full_reference(image, true);
    text = "FROM " + step.image;
  }
  const int left_out = stage.counted ? 0 : 1;
  const std::string count =
      std::to_string(message.value("number", 0) - left_out) + "/" + std::to_string(message.value("of", 0) - left_out);
  const std::string name = "[" + (stage.shown.empty() ? "" : stage.shown + " ") + count + "] " + text;
  if (!image.empty() && !stage.counted) return; // BuildKit does not tell of it
  // Stages on the same image have it in common.
  step.vertex = progress_.announce(step.image.empty() ? "step " + std::to_string(id) : "image " + step.image, name);
  if (const auto known = images_.find(step.image);
      !step.image.empty() && known != images_.end() && !progress_.finished(known->second)) {
    step.waits = true;
  } else {
    progress_.start(step.vertex);
  }
  steps_[id] = std::move(step);
}

void Steps::image_is_here(Step& step) {
  if (!std::exchange(step.waits, false)) return;
  progress_.finish(images_[step.image]);
  progress_.start(step.vertex);
}

void Steps::pull(Step& step, const Json& message) {
  image_is_here(step);
  const std::string layer = message.value("id", ""), text = message.value("status", "");
  if (layer.empty()) return;
  step.pulled = true;
  std::int64_t current = 0, total = 0;
  if (const auto detail = message.find("progressDetail"); detail != message.end() && detail->is_object()) {
    current = detail->value("current", std::int64_t{0});
    total = detail->value("total", std::int64_t{0});
  }
  const bool extracts = text == "Extracting" || text == "Pull complete";
  if (text == "Downloading" || text == "Download complete")
    progress_.status(step.vertex, layer, current, total, text == "Download complete", "downloading");
  if (extracts) progress_.status(step.vertex, "extracting " + layer, 0, 0, text == "Pull complete", "extract");
}

void Steps::end(int id, const std::string& state) {
  Step& step = steps_[id];
  if (state == "failed") {
    // Why comes with the last message.
    failed_ = step.waits ? images_[step.image] : step.vertex;
    if (step.waits) failed_image_ = written_[step.image];
    return;
  }
  if (state == "canceled") return progress_.finish(step.waits ? images_[step.image] : step.vertex, "context canceled");
  image_is_here(step);
  const bool was_here = !step.image.empty() && !step.pulled;
  progress_.finish(step.vertex, "", state == "cached" || was_here);
}

std::string Steps::fail(std::string& error) {
  // Files of an image that is not to be had: it is the image that fails.
  const std::string from = "invalid from flag value ";
  if (const std::size_t colon = error.find(": "); error.starts_with(from) && colon != std::string::npos) {
    const std::string name = full_reference(error.substr(from.size(), colon - from.size()), true);
    if (const auto known = images_.find(name); known != images_.end() && !progress_.finished(known->second)) {
      failed_ = known->second;
      failed_image_ = written_[name];
      error.erase(0, colon + 2);
    }
  }
  if (!failed_.empty()) progress_.finish(failed_, error);
  return failed_;
}

} // namespace gantry::buildkit
