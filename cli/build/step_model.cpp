#include "cli/build/step_model.hpp"

#include "cli/format/units.hpp"

namespace gantry::cli {
namespace {

using State = BuildStep::State;

constexpr std::size_t lines_max = 200, line_max = 4096;

std::string title(const Json& message) {
  const std::string stage = message.value("stage", ""),
                    count = std::to_string(message.value("number", 0)) + "/" + std::to_string(message.value("of", 0));
  return cleaned("[" + (stage.empty() ? "" : stage + " ") + count + "] " + message.value("text", ""));
}

State state_of(const std::string& text) {
  if (text == "cached") return State::cached;
  if (text == "failed") return State::failed;
  if (text == "canceled") return State::canceled;
  return State::done;
}

void add_line(BuildStep& step, std::string line) {
  step.lines.push_back(std::move(line));
  if (step.lines.size() > lines_max) step.lines.pop_front();
}

void add_output(BuildStep& step, const std::string& text) {
  step.partial += text;
  for (std::size_t end = 0; (end = step.partial.find('\n')) != std::string::npos; step.partial.erase(0, end + 1))
    add_line(step, cleaned(step.partial.substr(0, end)));
  if (step.partial.size() > line_max) add_line(step, cleaned(std::exchange(step.partial, {})));
}

void add_status(BuildStep& step, const Json& message) {
  const std::string id = message.value("id", "");
  std::string text = message.value("status", "");
  if (id.empty()) return add_line(step, cleaned(text));
  const auto detail = message.find("progressDetail");
  if (detail != message.end() && detail->is_object() && detail->value("current", 0.0) > 0) {
    text += " " + human_size(detail->value("current", 0.0), 3);
    if (const double total = detail->value("total", 0.0); total > 0) text += " / " + human_size(total, 3);
  }
  step.layers[id] = cleaned(id + ": " + text);
}

} // namespace

std::string cleaned(const std::string& line) {
  std::string out;
  for (std::size_t at = 0; at < line.size(); ++at) {
    const auto c = static_cast<unsigned char>(line[at]);
    if (c == 0x1b && at + 1 < line.size() && line[at + 1] == '[') {
      for (at += 2; at < line.size() && (line[at] < '@' || line[at] > '~');) ++at;
    } else if (c == '\r') {
      if (line.find_first_not_of('\r', at) != std::string::npos) out.clear();
    } else if (c == '\t') {
      out += "    ";
    } else if (c >= ' ' && c != 0x7f && !(c == 0xc2 && at + 1 < line.size() && static_cast<unsigned char>(line[at + 1]) < 0xa0)) {
      out += line[at];
    } else if (c == 0xc2) {
      ++at; // a control character of C1
    }
  }
  return out;
}

double BuildStep::seconds() const {
  if (ended_ns != 0) return static_cast<double>(ended_ns - started_ns) / 1e9;
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - since).count();
}

BuildStep& StepModel::find(int id) {
  for (auto& step : steps_)
    if (step.id == id) return step;
  steps_.push_back({id, "step " + std::to_string(id)});
  steps_.back().since = std::chrono::steady_clock::now();
  return steps_.back();
}

BuildStep* StepModel::take(const Json& message) {
  const auto id = message.find("step");
  if (id == message.end() || !id->is_number_integer()) return nullptr;
  BuildStep& step = find(id->get<int>());
  if (message.contains("stream")) add_output(step, message.value("stream", ""));
  if (message.contains("status")) add_status(step, message);
  const std::string state = message.value("state", "");
  if (state == "started") {
    step.name = title(message);
    step.started_ns = message.value("at", std::int64_t{0});
  } else if (!state.empty()) {
    if (!step.partial.empty()) add_line(step, cleaned(std::exchange(step.partial, {})));
    step.state = state_of(state);
    step.ended_ns = message.value("at", std::int64_t{0});
  }
  return &step;
}

int StepModel::begin(const std::string& name) {
  BuildStep& step = find(-static_cast<int>(steps_.size()) - 1);
  step.name = name;
  step.started_ns = step.since.time_since_epoch().count();
  return step.id;
}

void StepModel::end(int id, BuildStep::State state) {
  BuildStep& step = find(id);
  step.state = state;
  step.ended_ns = std::chrono::steady_clock::now().time_since_epoch().count();
}

} // namespace gantry::cli
