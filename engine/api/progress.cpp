#include "api/progress.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "api/error_status.hpp"
#include "api/mailbox.hpp"
#include "base/log.hpp"

namespace gantry::api {

namespace {

using Lines = Mailbox<std::string>;
using Work = std::function<void(const gantry::images::Progress&)>;

std::string error_line(const std::string& message) {
  Json line;
  line["errorDetail"]["message"] = message;
  line["error"] = message;
  return dump(line) + "\r\n";
}

/// The blocking side. Never throws: the outcome travels in `failure`.
void work_through(const Work& work, Lines& lines, std::exception_ptr& failure) {
  const auto report = [&lines](const Json& object) { lines.push(dump(object) + "\r\n"); };
  try {
    work(report);
  } catch (...) {
    failure = std::current_exception();
  }
  lines.close();
}

} // namespace

Task<void> stream_progress(Pool& pool, Reply& reply, Work work) {
  auto lines = std::make_shared<Lines>();
  auto failure = std::make_shared<std::exception_ptr>();
  boost::asio::post(pool.executor(), [work = std::move(work), lines, failure] { work_through(work, *lines, *failure); });
  bool begun = false;
  bool gone = false;
  for (;;) {
    const std::vector<std::string> batch = co_await lines->take();
    if (batch.empty()) break;
    std::string bytes;
    for (const auto& line : batch) bytes += line;
    if (gone) continue;
    try {
      if (!begun) co_await reply.begin_stream("application/json");
      begun = true;
      co_await reply.write(std::move(bytes));
    } catch (const Error&) {
      gone = true; // the work goes on to its end: a half-loaded image helps nobody
    }
  }
  if (*failure && !begun && !gone) std::rethrow_exception(*failure);
  if (*failure && !gone) {
    auto last = error_line(describe(*failure).message);
    co_await reply.write(std::move(last));
  }
  if (!begun && !gone) reply.text(200, "", "application/json");
}

} // namespace gantry::api
