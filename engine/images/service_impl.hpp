#pragma once

#include <mutex>
#include <string>

#include "images/image_service.hpp"
#include "images/image_store.hpp"

namespace gantry::images {

/// What the verbs (load.cpp, import.cpp, tag.cpp, remove.cpp, …) share.
struct ImageService::Impl {
  const state::Paths& paths;
  StorageDriver& storage;
  events::Bus& bus;
  ImageStore store;
  std::mutex removing; ///< remove decides and acts in several steps
  ImageUsers users;

  void publish_event(const Image& image, const std::string& action, const std::string& name) const;
  std::vector<ImageUser> users_of(const std::string& image_id) const {
    return users ? users(image_id) : std::vector<ImageUser>();
  }
};

/// Whether a container is made of the image, running or not.
bool is_used(ImageService&, const std::string& image_id);

/// For what looks at the store as a whole.
ImageStore& store_of(ImageService&);

} // namespace gantry::images
