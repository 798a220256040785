#include "build/story.hpp"

#include <algorithm>

#include "base/time.hpp"

namespace gantry::build {
namespace {

std::size_t size_of(const Json& message) {
  const auto stream = message.find("stream");
  return 256 + (stream != message.end() && stream->is_string() ? stream->get_ref<const std::string&>().size() : 128);
}

} // namespace

Story::Story(const images::Progress& progress, Form form, const std::vector<bool>& needed)
    : progress_(progress), form_(form), stages_(needed.size()) {
  for (std::size_t i = 0; i < needed.size(); ++i) stages_[i].ended = !needed[i];
  pass_turn();
}

void Story::tell(std::size_t stage, int step, Json message) {
  const std::lock_guard lock(guard_);
  if (form_ == Form::classic) return push(stage, std::move(message));
  message["step"] = step;
  progress_(message);
}

void Story::chat(std::size_t stage, const std::string& text) {
  if (form_ == Form::steps) return;
  const std::lock_guard lock(guard_);
  push(stage, {{"stream", text}});
}

void Story::mark(const StepMark& mark) {
  if (form_ != Form::steps) return;
  Json message = {{"step", mark.step}, {"state", mark.state}, {"at", now_ns()}};
  if (!mark.stage.empty()) message["stage"] = mark.stage;
  if (!mark.text.empty()) message["text"] = mark.text;
  if (mark.of > 0) {
    message["number"] = mark.number;
    message["of"] = mark.of;
  }
  const std::lock_guard lock(guard_);
  progress_(message);
}

void Story::push(std::size_t stage, Json message) {
  if (stage == turn_) return progress_(message);
  Ahead& ahead = stages_[stage];
  // How far a pull has come is old news by the time it is told.
  if (message.contains("progress")) return;
  const std::size_t size = size_of(message);
  ahead.size += size;
  waiting_ += size;
  ahead.messages.push_back(std::move(message));
  while (ahead.size > ahead_max) drop_oldest(ahead);
  if (waiting_ <= all_max) return;
  Ahead& longest =
      *std::max_element(stages_.begin(), stages_.end(), [](const Ahead& a, const Ahead& b) { return a.size < b.size; });
  while (waiting_ > all_max && !longest.messages.empty()) drop_oldest(longest);
}

void Story::drop_oldest(Ahead& ahead) {
  const std::size_t size = size_of(ahead.messages.front());
  ahead.size -= size;
  waiting_ -= size;
  ahead.lost += size;
  ahead.messages.pop_front();
}

void Story::flush(Ahead& ahead) {
  if (ahead.lost > 0)
    progress_({{"stream", "[output clipped: " + std::to_string(ahead.lost >> 10) + " KiB of what this stage told ahead]\n"}});
  for (const auto& message : ahead.messages) progress_(message);
  waiting_ -= ahead.size;
  ahead = {{}, 0, 0, ahead.ended};
}

void Story::pass_turn() {
  for (; turn_ < stages_.size(); ++turn_) {
    flush(stages_[turn_]);
    if (!stages_[turn_].ended) return;
  }
}

void Story::end(std::size_t stage) {
  const std::lock_guard lock(guard_);
  stages_[stage].ended = true;
  pass_turn();
}

void Story::fail(std::size_t stage) {
  const std::lock_guard lock(guard_);
  for (; turn_ <= stage && turn_ < stages_.size(); ++turn_) flush(stages_[turn_]);
  turn_ = stages_.size();
}

} // namespace gantry::build
