#include <set>

#include "build/layers.hpp"
#include "files/mirror.hpp"
#include "images/digest.hpp"
#include "images/uncancelled_call.hpp"

namespace gantry::build {

std::optional<NewLayer> Layers::merge(const State& base, const State& state) {
  const auto chains = images::chain_ids(state.diff_ids);
  std::set<std::string> paths;
  images::UncancelledCall call;
  for (std::size_t i = base.diff_ids.size(); i < chains.size(); ++i)
    for (auto& change : storage_.changes(call, chains[i])) paths.insert(std::move(change.path));
  if (paths.empty()) return {};
  return change(base, &state, [&](int root, int from) { files::mirror(from, root, paths); });
}

} // namespace gantry::build
