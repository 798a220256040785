#include <charconv>

#include "api/containers/handlers.hpp"
#include "api/containers/log_format.hpp"
#include "api/stdcopy.hpp"
#include "base/time.hpp"
#include "containers/log_policy.hpp"

namespace gantry::api {

namespace {

using gantry::containers::ContainerPtr;
using gantry::containers::LogLine;
using gantry::containers::LogOptions;

/// Anything but a number of lines means all.
std::int64_t read_tail(const std::string& text) {
  std::int64_t lines = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), lines);
  return error == std::errc{} && end == text.data() + text.size() && lines >= 0 ? lines : -1;
}

std::int64_t read_time(const std::string& text) { return text.empty() || text == "0" ? 0 : parse_timestamp(text); }

LogOptions read_options(const Query& query) {
  LogOptions options;
  options.out = query.flag("stdout");
  options.err = query.flag("stderr");
  options.follow = query.flag("follow");
  options.since_ns = read_time(query.get("since"));
  options.until_ns = read_time(query.get("until"));
  options.tail = read_tail(query.get("tail"));
  if (!options.out && !options.err) throw invalid("Bad parameters: you must choose at least one stream");
  return options;
}

/// Before the head is sent; later failures are told in the stream.
void check_readable(const gantry::containers::Container& container) {
  using gantry::containers::Phase;
  if (container.phase == Phase::removing || container.phase == Phase::dead)
    throw Error(Code::forbidden_state, "can not get logs from container which is dead or marked for removal");
  if (!gantry::containers::is_readable(container.host_config.log_config))
    throw not_implemented("configured logging driver does not support reading");
}

/// Where the lines go; lives as long as the handler's frame.
struct Output {
  Reply& reply;
  LogFormat format;
};

Task<void> send_lines(Output* output, std::vector<LogLine> lines) {
  std::string bytes;
  for (const auto& line : lines) append_line(bytes, line, output->format);
  co_await output->reply.write(std::move(bytes));
}

} // namespace

Task<void> get_container_logs(Services& services, Request& request, Reply& reply) {
  const auto options = read_options(request.query);
  const ContainerPtr container = services.containers.find(request.param("id"));
  const bool tty = container->config.tty;
  Output output{reply, {}};
  output.format.framed = !tty;
  output.format.timestamps = request.query.flag("timestamps");
  output.format.details = request.query.flag("details");
  check_readable(*container);
  co_await reply.begin_stream(stream_media_type(tty, request.version));
  gantry::containers::LogSink sink = [&output](const std::vector<LogLine>& lines) { return send_lines(&output, lines); };
  std::string failure;
  try {
    co_await reply.until_hang_up(services.containers.logs(container->id, options, std::move(sink)));
  } catch (const Error& error) {
    if (error.code() == Code::cancelled) throw;
    failure = "Error grabbing logs: " + std::string(error.what()) + '\n';
  }
  if (failure.empty()) co_return;
  const LogLine line{LogLine::Stream::err, 0, std::move(failure), ""};
  std::string bytes;
  append_line(bytes, line, LogFormat{!tty, false, false});
  co_await reply.write(std::move(bytes));
}

} // namespace gantry::api
