#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/commands/container/each.hpp"
#include "cli/commands/image/reference.hpp"

namespace gantry::cli {

int commit_container(Invocation& in) {
  bool pause = true, no_pause = false;
  std::string author, message;
  std::vector<std::string> changes;
  FlagSet flags(in);
  flags.text("author", 'a', author, "Author of the image (\"A. Name <name@example.org>\")");
  flags.list("change", 'c', changes, "Apply a Dockerfile instruction to the image");
  flags.text("message", 'm', message, "Commit message of the image");
  flags.boolean("pause", 'p', pause, "Keep the container still meanwhile");
  flags.boolean("no-pause", 0, no_pause, "Let the container run on meanwhile");
  const auto words = flags.parse();
  Query query{{"container", words[0]}};
  if (words.size() > 1) {
    check_reference(words[1]);
    const Reference reference = split_reference(words[1]);
    query.add("repo", reference.name).add("tag", reference.tag == "<none>" ? "latest" : reference.tag);
  }
  query.add_unless_empty("author", author).add_unless_empty("comment", message);
  for (const std::string& change : changes) query.add("changes", change);
  query.add_if(!pause || no_pause, "pause", "0");
  Request request{"POST", "/commit", query};
  request.body = Json::object();
  print_line(in.client.call(request).read_json().value("Id", ""));
  return 0;
}

} // namespace gantry::cli
