#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/filters.hpp"
#include "images/image_service.hpp"

namespace gantry::api {

/// The filters of GET /images/json: before dangling label reference since until.
class ImageFilter {
 public:
  /// `old_pattern` is one more reference, or empty.
  ImageFilter(const gantry::images::ImageService& images, const std::string& filters, const std::string& old_pattern = "");

  bool matches(const gantry::images::Image& image) const;
  /// Of the image's tags, those that `reference` lets through.
  std::vector<std::string> tags(const gantry::images::Image& image) const;

  bool dangling_only() const { return dangling_.value_or(false); }

 private:
  Filters filters_;
  std::optional<bool> dangling_;
  std::optional<std::int64_t> before_ns_, since_ns_;
};

/// Docker's pattern of a reference ("busy*", "busybox:1.*") against a familiar name with or without its tag.
bool matches_reference(const std::string& pattern, const std::string& tag);

} // namespace gantry::api
