#pragma once

#include "images/reference.hpp"
#include "registry/repository.hpp"
#include "registry/service_impl.hpp"

namespace gantry::registry {

/// Pulls one image of a repository.
class ImagePull {
 public:
  ImagePull(RegistryService::Impl&, const Repository&, Platform wanted, const images::Progress&, Cancel&);

  /// `reference` has a tag or a digest. True when something changed here. Errors are Docker's, Code::not_found where the
  /// registry does not have the image.
  bool run(const images::Reference& reference);

 private:
  bool is_up_to_date(const images::Reference&, const std::string& digest) const;
  bool pull(const images::Reference&, const Document& document);
  bool receive(const images::Reference&, const ImageManifest&, std::vector<images::Manifest> kept);
  void check_platform(const images::Reference&, const Json& config) const;

  RegistryService::Impl& impl_;
  const Repository& repository_;
  const Platform wanted_;
  const images::Progress& progress_;
  Cancel& cancel_;
};

} // namespace gantry::registry
