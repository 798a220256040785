#include "containers/log_delivery.hpp"

#include <sys/eventfd.h>

#include <cstdio>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/log.hpp"

namespace gantry::containers {
namespace {

std::string cursor_path(const std::string& log_path) { return log_path + ".delivered"; }

} // namespace

/// The calls of a delivery, cancelled all together.
class LogDelivery::Cancellable final : public Call {
 public:
  Cancellable() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  bool cancelled() const override { return cancelled_; }
  int cancel_fd() const override { return event_.get(); }
  std::int64_t deadline_ns() const override { return 0; }
  void progress(std::uint64_t, std::uint64_t) override {}
  void cancel() {
    cancelled_ = true;
    ::eventfd_write(event_.get(), 1);
  }

 private:
  std::atomic<bool> cancelled_ = false;
  UniqueFd event_;
};

LogDelivery::LogDelivery(LogDriver& driver, LogSource source, std::string driver_name, std::string log_path,
                         std::uint64_t backlog_bytes, std::shared_ptr<LogTarget> target)
    : driver_(driver),
      source_(std::move(source)),
      log_path_(std::move(log_path)),
      backlog_bytes_(backlog_bytes),
      target_(std::move(target)),
      call_(std::make_unique<Cancellable>()) {
  state_.driver = std::move(driver_name);
  load_cursor();
}

LogDelivery::~LogDelivery() {
  try {
    Cancellable call;
    driver_.close(call, source_.id);
  } catch (const Error& e) {
    log::warn("container " + source_.id + ": close its log driver: " + e.what());
  }
}

void LogDelivery::cancel() { call_->cancel(); }

DeliveryState LogDelivery::state() const {
  const std::lock_guard lock(guard_);
  return state_;
}

void LogDelivery::load_cursor() {
  try {
    const std::string text = read_file(cursor_path(log_path_), 4096);
    unsigned long long line = 0, delivered = 0, dropped = 0;
    if (std::sscanf(text.c_str(), "gantry-log-delivery 1 %llu %llu %llu", &line, &delivered, &dropped) != 3) return;
    cursor_ = line;
    state_.delivered = delivered;
    state_.dropped = dropped;
  } catch (const Error&) {
    // Nothing has been delivered yet.
  }
}

void LogDelivery::save_cursor() {
  const DeliveryState now = state();
  write_file_atomic(cursor_path(log_path_),
                    "gantry-log-delivery 1 " + std::to_string(cursor_) + " " + std::to_string(now.delivered) + " " +
                        std::to_string(now.dropped) + "\n",
                    0600);
}

/// Lines between what was delivered and what there is are gone.
void LogDelivery::note_gap(std::uint64_t next) {
  if (next <= cursor_) return;
  const std::uint64_t lost = next - cursor_;
  log::warn("container " + source_.id + ": " + std::to_string(lost) + " log lines were dropped before " + state().driver +
            " could take them");
  {
    const std::lock_guard lock(guard_);
    state_.dropped += lost;
  }
  cursor_ = next;
  save_cursor();
}

void LogDelivery::open() {
  if (!open_) driver_.open(*call_, source_);
  open_ = true;
  if (reader_) return;
  reader_ = std::make_unique<LogReader>(log_path_, -1);
  reader_->seek_line(cursor_);
  // A log that was deleted or cut begins anew.
  if (reader_->next_number() < cursor_) cursor_ = reader_->next_number();
}

/// mode=non-blocking: what does not fit into the buffer is not kept for a target that is too slow.
void LogDelivery::drop_backlog() {
  if (backlog_bytes_ == 0) return;
  while (reader_->backlog() > backlog_bytes_ && !reader_->next().empty()) {
  }
  note_gap(reader_->next_number());
}

LogRecord LogDelivery::record_of(LogLine line) {
  LogRecord record;
  record.time_ns = line.time_ns;
  record.err = line.stream == LogLine::Stream::err;
  record.more = line.text.empty() || line.text.back() != '\n';
  record.line = line.number;
  record.text = std::move(line.text);
  if (!record.more) record.text.pop_back();
  LongLine& part = long_lines_[record.err];
  if (record.more || part.part > 0) {
    if (part.part == 0) part.line = record.line;
    record.part = ++part.part;
    record.line = part.line;
  }
  if (!record.more) part = {};
  return record;
}

LogDelivery::Batch LogDelivery::take_batch() {
  Batch batch;
  auto lines = reader_->next();
  if (lines.empty()) return batch;
  note_gap(lines.front().number);
  batch.records.reserve(lines.size());
  for (auto& line : lines) {
    batch.numbers.push_back(line.number);
    batch.records.push_back(record_of(std::move(line)));
  }
  return batch;
}

LogDelivery::Step LogDelivery::deliver(const Batch& batch) {
  std::size_t delivered = 0;
  std::string failure;
  try {
    driver_.write(*call_, source_.id, batch.records, delivered);
    if (delivered < batch.records.size()) failure = "the driver took only a part";
  } catch (const Error& e) {
    failure = e.what();
  }
  cursor_ = delivered < batch.records.size() ? batch.numbers[delivered] : reader_->next_number();
  {
    const std::lock_guard lock(guard_);
    state_.delivered += delivered;
    state_.error.clear();
  }
  if (delivered > 0) save_cursor();
  if (!failure.empty()) return fail(failure);
  target_->succeeded();
  return Step::more;
}

/// The file may be rotated away meanwhile: the next attempt begins at the cursor.
LogDelivery::Step LogDelivery::fail(const std::string& why) {
  const bool news = target_->failed(LogTarget::Clock::now());
  {
    const std::lock_guard lock(guard_);
    state_.error = why;
  }
  if (news && !call_->cancelled())
    log::warn("log driver " + state().driver + ": container " + source_.id + ": " + why + "; its lines wait in " + log_path_);
  reader_.reset();
  open_ = false;
  for (auto& part : long_lines_) part = {};
  delay_ = std::chrono::milliseconds(250);
  return Step::wait;
}

LogDelivery::Step LogDelivery::attempt() {
  open();
  drop_backlog();
  const Batch batch = take_batch();
  if (!batch.records.empty()) return deliver(batch);
  target_->gave_up();
  return Step::idle;
}

LogDelivery::Step LogDelivery::step() {
  if (call_->cancelled()) return Step::wait;
  if (const auto wait = target_->ask(LogTarget::Clock::now())) {
    delay_ = *wait;
    return Step::wait;
  }
  try {
    return attempt();
  } catch (const std::exception& e) {
    return fail(e.what());
  }
}

} // namespace gantry::containers
