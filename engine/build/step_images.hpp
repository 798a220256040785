#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>

#include "build/state.hpp"
#include "images/image_service.hpp"
#include "images/image_store.hpp"

namespace gantry::build {

/// Images that exist only so that a container can be made of them: what the steps of running builds have come to. Thread-safe.
class StepImages {
 public:
  explicit StepImages(images::ImageService& service) : service_(service) {}

  class Use {
   public:
    Use(StepImages& all, const State& state) : all_(all), id_(state.id) { all_.begin(state); }
    ~Use() { all_.end(id_); }
    /// A container of it is left behind: the image stays with it.
    void keep() { all_.keep(id_); }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

   private:
    StepImages& all_;
    std::string id_;
  };

  /// Shows the image to everybody, as a child of the one with the id `parent` (empty: none).
  void publish(const State& state, const std::string& parent);

 private:
  void begin(const State& state);
  void keep(const std::string& id);
  /// Hides it again, unless it was published, named or kept meanwhile.
  void end(const std::string& id) noexcept;

  images::ImageService& service_;
  std::mutex guard_;
  std::map<std::string, int> uses_; ///< of those that were hidden before
};

} // namespace gantry::build
