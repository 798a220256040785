#include "config/command_line.hpp"

#include <algorithm>

#include <CLI/CLI.hpp>

#include "base/error.hpp"

namespace gantry::config {

namespace {

/// One CLI11 application and which of our settings each of its options stands for.
class Parser {
 public:
  Parser() : app_("A container engine with Docker's API.", "gantryd") {
    app_.set_help_flag("");
    app_.allow_extras();
    help_ = app_.add_flag("-h,--help")->description("Print usage");
    version_ = app_.add_flag("-v,--version")->description("Print version information and quit");
    validate_ = app_.add_flag("--validate")->description("Check the configuration and quit");
    file_ = app_.add_option("--config-file")->description("Configuration file: gantryd.yaml or a daemon.json");
    for (const auto& option : options()) add(option, "Options");
    for (const auto& option : foreign_options()) add(option, ""); // an empty group is hidden
    app_.footer("dockerd's other flags are accepted and warned about where they have no effect.");
  }

  CommandLine parse(std::vector<std::string> args) {
    std::reverse(args.begin(), args.end()); // CLI11 takes them from the back
    try {
      app_.parse(args);
    } catch (const CLI::ParseError& e) {
      throw invalid(std::string(e.what()) + "\nSee 'gantryd --help'.");
    }
    refuse_unknown();
    CommandLine line;
    line.help = app_.help();
    if (validate_->count() > 0) line.action = Action::validate;
    if (version_->count() > 0) line.action = Action::show_version;
    if (help_->count() > 0) line.action = Action::show_help;
    if (file_->count() > 0) line.config_file = file_->results().back();
    for (const auto& [ours, theirs] : all_) {
      if (theirs->count() > 0) line.given.emplace_back(ours, theirs->results());
    }
    return line;
  }

 private:
  void add(const Option& option, const std::string& group) {
    if (option.flag.empty()) return;
    CLI::Option* added = nullptr;
    if (option.kind == Kind::boolean) {
      added = app_.add_flag(option.flag)->description(option.help);
    } else {
      added = app_.add_option(option.flag)
                  ->description(option.help)
                  ->expected(1)
                  ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    }
    added->group(group);
    all_.emplace_back(&option, added);
  }

  void refuse_unknown() const {
    const auto extras = app_.remaining();
    if (extras.empty()) return;
    const auto& first = extras.front();
    if (first.starts_with("--")) throw invalid("unknown flag: " + first.substr(0, first.find('=')) + "\nSee 'gantryd --help'.");
    if (first.starts_with("-") && first.size() > 1) throw invalid("unknown shorthand flag: " + first + "\nSee 'gantryd --help'.");
    throw invalid("\"gantryd\" accepts no arguments: " + first + "\nSee 'gantryd --help'.");
  }

  CLI::App app_;
  CLI::Option *help_, *version_, *validate_, *file_;
  std::vector<std::pair<const Option*, CLI::Option*>> all_;
};

} // namespace

CommandLine parse_command_line(std::vector<std::string> args) { return Parser().parse(std::move(args)); }

} // namespace gantry::config
