#include <unistd.h>

#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/format/timestamp.hpp"
#include "cli/streams/demux.hpp"

namespace gantry::cli {

int container_logs(Invocation& in) {
  bool details = false, follow = false, timestamps = false;
  std::string since, until, tail = "all";
  FlagSet flags(in);
  flags.boolean("details", 0, details, "Show the attributes that were logged with each line");
  flags.boolean("follow", 'f', follow, "Go on with what is printed from now on");
  flags.text("since", 0, since, "Start at this time (\"2013-01-02T13:23:37Z\") or so long ago (\"42m\")");
  flags.text("tail", 'n', tail, "Number of lines from the end").standard = "\"all\"";
  flags.boolean("timestamps", 't', timestamps, "Show the time of each line");
  flags.text("until", 0, until, "Stop at this time (\"2013-01-02T13:23:37Z\") or so long ago (\"42m\")");
  const std::string name = flags.parse()[0];
  const Json container = in.client.get("/containers/" + url_encode(name) + "/json");
  const Query query = Query({{"stdout", "1"}, {"stderr", "1"}})
                          .add_if(details, "details")
                          .add_if(follow, "follow")
                          .add_if(!since.empty(), "since", since.empty() ? "" : unix_timestamp(since))
                          .add_if(!until.empty(), "until", until.empty() ? "" : unix_timestamp(until))
                          .add_if(timestamps, "timestamps")
                          .add("tail", tail);
  Response response =
      in.client.call({"GET", "/containers/" + url_encode(container["Id"].get<std::string>()) + "/logs", query}, true);
  const bool tty = container["Config"].value("Tty", false);
  Demux demux([](int stream, std::string_view data) { write_all(stream == 2 ? STDERR_FILENO : STDOUT_FILENO, data); });
  for (std::string piece = response.next(); !piece.empty(); piece = response.next()) {
    if (tty) {
      write_all(STDOUT_FILENO, piece);
    } else {
      demux.feed(piece);
    }
  }
  return 0;
}

} // namespace gantry::cli
