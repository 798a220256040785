#pragma once

#include <string>
#include <vector>

#include "images/image_target.hpp"
#include "images/reference.hpp"
#include "registry/repository.hpp"
#include "registry/service_impl.hpp"

namespace gantry::registry {

/// Pushes what a tag stands for: the whole index, when all its images are here and the registry has what is left of it. When not,
/// the image that the tag means, if that is this machine's or the only one; the client is told so. conflict otherwise.
class IndexPush {
 public:
  IndexPush(RegistryService::Impl&, const Repository&, std::string domain, const images::Progress&, Cancel&);

  /// `images` as the tag leads to them, the main one first.
  void run(const images::Reference& reference, const std::vector<images::ImagePtr>& images);

 private:
  bool is_complete(const images::ImageTarget&);
  void push_all(const images::Reference&, const std::vector<images::ImagePtr>&, const images::ImageTarget&);
  void push_one(const images::Reference&, const images::Image&);
  void tell_reduced(const images::ImageTarget&, const images::Image&) const;

  RegistryService::Impl& impl_;
  const Repository& repository_;
  const std::string domain_;
  const images::Progress& progress_;
  Cancel& cancel_;
};

} // namespace gantry::registry
