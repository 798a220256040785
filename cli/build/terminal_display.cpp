#include <cstdlib>

#include "cli/build/display.hpp"
#include "cli/build/screen.hpp"
#include "cli/build/step_model.hpp"
#include "cli/format/units.hpp"
#include "cli/streams/demux.hpp"
#include "cli/streams/terminal.hpp"

namespace gantry::cli {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto between_frames = std::chrono::milliseconds(80);
constexpr std::size_t story_max = 20;

class TerminalDisplay : public Display {
 public:
  explicit TerminalDisplay(int fd) : fd_(fd) {
    const char* none = std::getenv("NO_COLOR");
    colours_ = none == nullptr || *none == '\0';
  }

  bool wants_steps() const override { return true; }

  void sent(std::uint64_t bytes, bool done) override {
    if (context_ == 0) context_ = model_.begin("");
    model_.rename(context_, "[internal] transferring context: " + human_size(static_cast<double>(bytes), 3));
    if (done) model_.end(context_, BuildStep::State::done);
    tick();
  }

  void show(const Json& message, const std::string&) override {
    if (model_.take(message) == nullptr && message.contains("stream")) closing_ += message.value("stream", "");
    tick();
  }

  void tick() override {
    const auto now = Clock::now();
    if (now - drawn_ < between_frames) return;
    drawn_ = now;
    draw(false);
  }

  void end() override {
    draw(true);
    for (const auto& step : model_.steps())
      if (step.state == BuildStep::State::failed) tell_story(step);
    write_all(fd_, closing_);
  }

 private:
  void draw(bool last) {
    const auto [rows, columns] = terminal_size(fd_);
    const ScreenSize size{rows == 0 ? 24U : rows, columns == 0 ? 80U : columns};
    const double seconds = std::chrono::duration<double>(Clock::now() - began_).count();
    std::string out = back(size.columns);
    widths_.clear();
    for (const auto& line : screen(model_.steps(), seconds, size, last)) {
      widths_.push_back(width_of(line.text));
      out += coloured(line) + "\n";
    }
    write_all(fd_, out);
  }

  /// To where the last frame begins. A terminal that has become narrower has broken its lines.
  std::string back(std::size_t columns) const {
    std::size_t up = 0;
    for (const std::size_t width : widths_) up += width == 0 ? 1 : (width + columns - 1) / columns;
    return up == 0 ? "" : "\x1b[" + std::to_string(up) + "A\r\x1b[J";
  }

  std::string coloured(const ScreenLine& line) const {
    const char* code = nullptr;
    if (line.colour == ScreenLine::Colour::done) code = "\x1b[34m";
    if (line.colour == ScreenLine::Colour::failed) code = "\x1b[31m";
    if (line.colour == ScreenLine::Colour::canceled) code = "\x1b[33m";
    return code == nullptr || !colours_ ? line.text : code + line.text + "\x1b[0m";
  }

  /// The end of what a step said that failed.
  void tell_story(const BuildStep& step) const {
    if (step.lines.empty()) return;
    std::string out = "------\n > " + step.name + ":\n";
    const std::size_t from = step.lines.size() > story_max ? step.lines.size() - story_max : 0;
    for (std::size_t i = from; i < step.lines.size(); ++i) out += step.lines[i] + "\n";
    write_all(fd_, out + "------\n");
  }

  int fd_;
  bool colours_ = true;
  StepModel model_;
  int context_ = 0; ///< its step; 0: not begun
  std::string closing_;
  Clock::time_point began_ = Clock::now(), drawn_{};
  std::vector<std::size_t> widths_; ///< of the lines that are on the screen
};

} // namespace

std::unique_ptr<Display> terminal_display(int fd) { return std::make_unique<TerminalDisplay>(fd); }

} // namespace gantry::cli
