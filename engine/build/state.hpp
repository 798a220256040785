#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "containers/model.hpp"

namespace gantry::build {

/// A layer that a step made.
struct NewLayer {
  std::string diff_id;
  std::uint64_t size = 0;
};

/// What an image of the steps so far would be.
struct State {
  std::string id;       ///< "sha256:…"; empty: nothing yet (scratch)
  std::string document; ///< its config, byte for byte
  containers::Config config;
  std::string author;
  std::vector<std::string> diff_ids;
  std::string platform; ///< of an image that begins with nothing
  bool cmd_set = false; ///< by this Dockerfile: an ENTRYPOINT behind it leaves it alone

  /// Name of the committed snapshot; empty: no layer.
  std::string top_layer() const;
};

/// An image, or what the cache kept of one.
State state_of(const std::string& document);
/// FROM scratch, for a platform; empty: this machine's.
State empty_state(const std::string& platform);

/// What a step is written down as.
struct StepRecord {
  std::string created_by;
  std::string container;               ///< id
  std::optional<std::int64_t> epoch{}; ///< SOURCE_DATE_EPOCH: nothing in it may differ between two builds then
};

/// The state with a new config, one more line of history and maybe a layer. `state.config` is what the step has made of it.
void commit_state(State& state, const StepRecord&, const std::optional<NewLayer>& layer);

} // namespace gantry::build
