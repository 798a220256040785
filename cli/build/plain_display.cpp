#include <cstdio>
#include <map>

#include "cli/build/display.hpp"
#include "cli/build/step_model.hpp"
#include "cli/format/units.hpp"
#include "cli/streams/demux.hpp"

namespace gantry::cli {
namespace {

std::string number_text(const char* format, double number) {
  char text[32];
  std::snprintf(text, sizeof text, format, number);
  return text;
}

class PlainDisplay : public Display {
 public:
  explicit PlainDisplay(int fd) : fd_(fd) {}

  bool wants_steps() const override { return true; }

  void sent(std::uint64_t bytes, bool done) override {
    if (bytes == 0 && !done) {
      began_ = std::chrono::steady_clock::now();
      return write_all(fd_, "#1 [internal] load build context\n");
    }
    if (!done) return;
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
    write_all(fd_, "#1 transferring context: " + human_size(static_cast<double>(bytes), 3) + " " + number_text("%.1fs", seconds) +
                       " done\n#1 DONE " + number_text("%.1fs", seconds) + "\n\n");
  }

  void show(const Json& message, const std::string&) override {
    BuildStep* step = model_.take(message);
    if (step == nullptr) {
      if (message.contains("stream")) write_all(fd_, cleaned_text(message.value("stream", "")));
      return;
    }
    const auto [at, is_new] = numbers_.try_emplace(step->id, static_cast<int>(numbers_.size()) + 2);
    const std::string number = "#" + std::to_string(at->second) + " ";
    std::string out;
    if (message.value("state", "") == "started") out = number + step->name + "\n";
    for (; !step->lines.empty(); step->lines.pop_front())
      out += number + number_text("%.3f", step->seconds()) + " " + step->lines.front() + "\n";
    // Of a pull the turning points are enough here.
    if (message.contains("status") && message.contains("id") && !message.contains("progress"))
      out += number + cleaned(message.value("id", "") + ": " + message.value("status", "")) + "\n";
    write_all(fd_, out + ending(*step, number));
  }

 private:
  static std::string cleaned_text(const std::string& text) {
    const std::string line = cleaned(text.substr(0, text.find('\n')));
    return line.empty() ? "" : line + "\n";
  }

  static std::string ending(const BuildStep& step, const std::string& number) {
    switch (step.state) {
      case BuildStep::State::running:
        return "";
      case BuildStep::State::cached:
        return number + "CACHED\n\n";
      case BuildStep::State::failed:
        return number + "ERROR\n\n";
      case BuildStep::State::canceled:
        return number + "CANCELED\n\n";
      case BuildStep::State::done:
        break;
    }
    return number + "DONE " + number_text("%.1fs", step.seconds()) + "\n\n";
  }

  int fd_;
  StepModel model_;
  std::map<int, int> numbers_; ///< by the daemon's
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

} // namespace

std::unique_ptr<Display> plain_display(int fd) { return std::make_unique<PlainDisplay>(fd); }

} // namespace gantry::cli
