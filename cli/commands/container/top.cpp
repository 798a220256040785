#include "cli/args/flag_set.hpp"
#include "cli/client/client.hpp"
#include "cli/commands/all.hpp"
#include "cli/format/listing.hpp"

namespace gantry::cli {

int container_top(Invocation& in) {
  FlagSet flags(in);
  const auto words = flags.parse(FlagSet::Stop::at_first_word);
  std::string arguments;
  for (std::size_t i = 1; i < words.size(); ++i) arguments += (i > 1 ? " " : "") + words[i];
  const Json top = in.client.get("/containers/" + url_encode(words[0]) + "/top", Query().add_unless_empty("ps_args", arguments));
  std::string lines;
  const auto add = [&lines](const Json& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) lines += (i ? "\t" : "") + cells[i].get<std::string>();
    lines += "\n";
  };
  add(top.at("Titles"));
  for (const Json& process : top.value("Processes", Json::array())) add(process);
  print_text(align_columns(lines, 20, 3));
  return 0;
}

} // namespace gantry::cli
