#include <map>

#include "base/error.hpp"
#include "build/dockerfile/words.hpp"
#include "build/mounts/mount_flag.hpp"
#include "build/stages.hpp"

namespace gantry::build {
namespace {

/// A name that no stage above has may be one below: then it is only an image's as long as that does not lead back here.
class Cycles {
 public:
  explicit Cycles(const Stages& all) : all_(all), seen_(all.stages.size(), Seen::no) {
    for (std::size_t i = all.stages.size(); i-- > 0;)
      if (!all.stages[i].name.empty()) first_[all.stages[i].name] = i;
  }

  void run() {
    for (std::size_t i = 0; i < seen_.size(); ++i) visit(i);
  }

 private:
  enum class Seen { no, open, yes };

  std::string name_of(std::size_t stage) const {
    return all_.stages[stage].name.empty() ? std::to_string(stage) : all_.stages[stage].name;
  }

  void visit(std::size_t stage) {
    if (seen_[stage] == Seen::yes) return;
    if (seen_[stage] == Seen::open) throw invalid("circular dependency detected on stage: " + name_of(stage));
    seen_[stage] = Seen::open;
    if (const int base = all_.find(all_.stages[stage].base, stage, false); base >= 0) visit(static_cast<std::size_t>(base));
    for (const auto& i : all_.stages[stage].instructions) {
      if (i.keyword == "COPY" && has_flag(i, "from")) follow(stage, flag_value(i, "from"));
      for (const auto& flag : i.flags)
        if (flag.starts_with("--mount=")) follow(stage, mount_flag_from(flag.substr(8)));
    }
    seen_[stage] = Seen::yes;
  }

  void follow(std::size_t stage, const std::string& name) {
    if (const int above = all_.find(name, stage, true); above >= 0) return visit(static_cast<std::size_t>(above));
    const auto below = first_.find(lower(name));
    if (below != first_.end() && below->second > stage) visit(below->second);
  }

  const Stages& all_;
  std::vector<Seen> seen_;
  std::map<std::string, std::size_t> first_;
};

} // namespace

void refuse_cycles(const Stages& all) { Cycles(all).run(); }

} // namespace gantry::build
