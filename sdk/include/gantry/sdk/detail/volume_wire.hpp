#pragma once

#include <gantry/abi/v1/volume.h>
#include <gantry/sdk/detail/view.hpp>
#include <gantry/sdk/volume.hpp>

// The structs of gantry/abi/v1/volume.h as those of gantry/sdk/volume.hpp (`*_of`) and back (`to_*`, `*View`). A view borrows
// from the value that it was made of.
namespace gantry::detail {

inline std::vector<gantry_kv> setting_views(const VolumeSettings& settings) {
  std::vector<gantry_kv> views;
  views.reserve(settings.size());
  for (const auto& setting : settings) views.push_back({view(setting.first), view(setting.second)});
  return views;
}

inline VolumeSettings settings_of(const gantry_array& array) {
  VolumeSettings settings;
  each<gantry_kv>(array, sizeof(gantry_kv), [&](const gantry_kv* kv) { settings.push_back(pair_of(*kv)); });
  return settings;
}

class VolumeCreateView {
 public:
  explicit VolumeCreateView(const VolumeCreate& v) : options_(setting_views(v.options)), labels_(setting_views(v.labels)) {
    c_ = sized<gantry_volume_create>();
    c_.name = view(v.name);
    c_.options = array_of(options_);
    c_.labels = array_of(labels_);
  }
  VolumeCreateView(const VolumeCreateView&) = delete;
  VolumeCreateView& operator=(const VolumeCreateView&) = delete;
  const gantry_volume_create* get() const { return &c_; }

 private:
  std::vector<gantry_kv> options_, labels_;
  gantry_volume_create c_{};
};

inline VolumeCreate volume_create_of(const gantry_volume_create* theirs) {
  const gantry_volume_create v = read(theirs);
  return {text(v.name), settings_of(v.options), settings_of(v.labels)};
}

class VolumeInfoView {
 public:
  explicit VolumeInfoView(const VolumeInfo& v)
      : options_(setting_views(v.options)), labels_(setting_views(v.labels)), status_(setting_views(v.status)) {
    c_ = sized<gantry_volume_info>();
    c_.flags = v.global ? GANTRY_VOLUME_GLOBAL : 0;
    c_.name = view(v.name);
    c_.mountpoint = view(v.mountpoint);
    c_.created_ns = v.created_ns;
    c_.options = array_of(options_);
    c_.labels = array_of(labels_);
    c_.status = array_of(status_);
  }
  VolumeInfoView(const VolumeInfoView&) = delete;
  VolumeInfoView& operator=(const VolumeInfoView&) = delete;
  const gantry_volume_info& get() const { return c_; }

 private:
  std::vector<gantry_kv> options_, labels_, status_;
  gantry_volume_info c_{};
};

inline VolumeInfo volume_info_of(const gantry_volume_info* theirs) {
  const gantry_volume_info v = read(theirs);
  VolumeInfo info;
  info.name = text(v.name);
  info.mountpoint = text(v.mountpoint);
  info.created_ns = v.created_ns;
  info.options = settings_of(v.options);
  info.labels = settings_of(v.labels);
  info.status = settings_of(v.status);
  info.global = (v.flags & GANTRY_VOLUME_GLOBAL) != 0;
  return info;
}

inline gantry_volume_usage to_volume_usage(const VolumeUsage& usage) {
  auto u = sized<gantry_volume_usage>();
  u.bytes = usage.bytes;
  u.inodes = usage.inodes;
  return u;
}

inline VolumeUsage volume_usage_of(const gantry_volume_usage* theirs) {
  const gantry_volume_usage u = read(theirs);
  return {u.bytes, u.inodes};
}

} // namespace gantry::detail
