#pragma once

#include <memory>
#include <string_view>

namespace gantry::cli {

/// Output that is written in order without anybody waiting for it: whoever reads stdout may be slow, or want to see input taken
/// first. What surely fits is written at once, the rest by a thread. For one thread.
class OutputQueue {
 public:
  OutputQueue();
  /// What is not yet written is lost.
  ~OutputQueue();
  OutputQueue(const OutputQueue&) = delete;
  OutputQueue& operator=(const OutputQueue&) = delete;

  void put(int fd, std::string_view data);
  /// Nothing more should be put in for now.
  bool is_full() const;
  bool is_empty() const;
  /// Readable when something has changed; `take_news` then.
  int fd() const;
  /// Throws Failure when what was put in could not be written.
  void take_news();

 private:
  struct State;
  static void write_on(const std::shared_ptr<State>& state);
  std::shared_ptr<State> state_;
};

} // namespace gantry::cli
