#include <map>

#include "base/error.hpp"
#include "build/dockerfile/words.hpp"
#include "build/stages.hpp"

namespace gantry::build {
namespace {

/// A name that no stage above has may be one below: then it is only an image's as long as that does not lead back here.
class Cycles {
 public:
  explicit Cycles(const Stages& all) : all_(all), seen_(all.stages.size(), Seen::no) {
    for (std::size_t i = all.stages.size(); i-- > 0;)
      if (!all.stages[i].name.empty()) last_[all.stages[i].name] = i;
  }

  void run() {
    for (std::size_t i = 0; i < seen_.size(); ++i) visit(i);
  }

 private:
  enum class Seen { no, open, yes };

  void visit(std::size_t stage) {
    if (seen_[stage] == Seen::yes) return;
    if (seen_[stage] == Seen::open) throw invalid("circular dependency detected on stage: " + all_.stages[stage].name);
    seen_[stage] = Seen::open;
    follow(stage, all_.find(all_.stages[stage].base, stage, false), "");
    for (const auto& i : all_.stages[stage].instructions) {
      if (i.keyword != "COPY" || !has_flag(i, "from")) continue;
      const std::string from = flag_value(i, "from");
      follow(stage, all_.find(from, stage, true), lower(from));
    }
    seen_[stage] = Seen::yes;
  }

  void follow(std::size_t stage, int above, const std::string& name) {
    if (above >= 0) return visit(static_cast<std::size_t>(above));
    const auto below = last_.find(name);
    if (below != last_.end() && below->second > stage) visit(below->second);
  }

  const Stages& all_;
  std::vector<Seen> seen_;
  std::map<std::string, std::size_t> last_;
};

} // namespace

void refuse_cycles(const Stages& all) { Cycles(all).run(); }

} // namespace gantry::build
