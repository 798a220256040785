#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "api/version.hpp"
#include "containers/model.hpp"

namespace gantry::api {

/// The texts of containers in GET /containers/json, kept for as long as a container stays the same: a list of a thousand is
/// asked for again and again, and costs only what has changed. What is kept is made of the snapshot and of what is passed to
/// append() alone; nothing else may flow into container_summary(), except the member "Status", which tells the time that has
/// passed and is made anew each time. Thread-safe.
class SummaryTexts {
 public:
  /// Writes the container's element behind `list`. `image`: the name to show.
  void append(std::string& list, const gantry::containers::ContainerPtr& container, const std::string& image, std::int64_t now_ns,
              ApiVersion version);
  /// Forgets containers that are no more once they outnumber those in a list of `listed`.
  void trim(std::size_t listed);
  std::size_t size();

 private:
  struct Text {
    std::weak_ptr<const gantry::containers::Container> of;
    std::string image;
    ApiVersion version;
    std::string before_status, behind_status;
  };
  static Text make(const gantry::containers::ContainerPtr& container, const std::string& image, ApiVersion version);

  std::mutex guard_;
  std::unordered_map<std::string, Text> texts_; ///< by the container's ID
};

} // namespace gantry::api
