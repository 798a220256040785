#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gantry/abi/v1/core.h>
#include <gantry/sdk/error.hpp>
#include <gantry/sdk/mount.hpp>

// Strings, arrays and growable structs of the C ABI as C++ values and back. Used on both sides of the edge: what comes
// from over there is looked at only through `read`, `text` and `each`.
namespace gantry::detail {

/// More of anything in one call is garbage, not data.
constexpr std::uint64_t max_text = 64u << 20;
constexpr std::uint32_t max_count = 1u << 20;

inline Error malformed(const std::string& what) {
  return {Code::internal, "malformed data crossed the plugin boundary: " + what};
}

inline gantry_str view(std::string_view s) { return {s.data(), s.size()}; }

inline std::string text(const gantry_str& s) {
  if (s.len == 0) return {};
  if (s.ptr == nullptr) throw malformed("a string of " + std::to_string(s.len) + " bytes at address 0");
  if (s.len > max_text) throw malformed("a string of " + std::to_string(s.len) + " bytes");
  return {s.ptr, static_cast<std::size_t>(s.len)};
}

inline std::string text(const gantry_str* s) { return s == nullptr ? std::string() : text(*s); }

/// The members that both sides know, the others zero.
template <class T>
T read(const T* theirs) {
  if (theirs == nullptr) throw malformed("a required struct is missing");
  if (theirs->size < sizeof theirs->size) throw malformed("a struct says that it has " + std::to_string(theirs->size) + " bytes");
  T mine{};
  const std::size_t known = std::min<std::size_t>(theirs->size, sizeof(T));
  std::memcpy(static_cast<void*>(&mine), theirs, known);
  mine.size = static_cast<std::uint32_t>(known);
  return mine;
}

template <class T>
T sized() {
  T value{};
  value.size = sizeof(T);
  return value;
}

template <class T>
gantry_array array_of(const std::vector<T>& items) {
  return {items.data(), static_cast<std::uint32_t>(items.size()), sizeof(T)};
}

/// Calls f with a pointer to every element; `smallest` is the least stride that makes sense.
template <class T, class F>
void each(const gantry_array& array, std::size_t smallest, F f) {
  if (array.count == 0) return;
  if (array.ptr == nullptr || array.count > max_count || array.stride < smallest || array.stride % alignof(T) != 0)
    throw malformed("an array of " + std::to_string(array.count) + " elements of " + std::to_string(array.stride) + " bytes");
  const auto* at = static_cast<const char*>(array.ptr);
  for (std::uint32_t i = 0; i < array.count; ++i, at += array.stride) f(reinterpret_cast<const T*>(at));
}

inline std::vector<std::string> texts(const gantry_array& array) {
  std::vector<std::string> result;
  each<gantry_str>(array, sizeof(gantry_str), [&](const gantry_str* s) { result.push_back(text(*s)); });
  return result;
}

inline std::vector<gantry_str> views(const std::vector<std::string>& items) {
  std::vector<gantry_str> result;
  result.reserve(items.size());
  for (const auto& item : items) result.push_back(view(item));
  return result;
}

inline std::pair<std::string, std::string> pair_of(const gantry_kv& kv) { return {text(kv.key), text(kv.value)}; }

inline Mount mount_of(const gantry_mount* theirs) {
  const gantry_mount m = read(theirs);
  return {text(m.type), text(m.source), text(m.target), texts(m.options)};
}

inline std::vector<Mount> mounts_of(const gantry_array& array) {
  std::vector<Mount> result;
  each<gantry_mount>(array, sizeof(std::uint64_t), [&](const gantry_mount* m) { result.push_back(mount_of(m)); });
  return result;
}

/// Mounts laid out for the other side; borrows from the mounts that it was made of.
class MountViews {
 public:
  explicit MountViews(const std::vector<Mount>& mounts) {
    options_.reserve(mounts.size());
    for (const auto& m : mounts) {
      options_.push_back(views(m.options));
      auto v = sized<gantry_mount>();
      v.type = view(m.type);
      v.source = view(m.source);
      v.target = view(m.target);
      v.options = array_of(options_.back());
      views_.push_back(v);
    }
  }
  MountViews(const MountViews&) = delete;
  MountViews& operator=(const MountViews&) = delete;

  const std::vector<gantry_mount>& items() const { return views_; }
  gantry_array array() const { return array_of(views_); }

 private:
  std::vector<std::vector<gantry_str>> options_;
  std::vector<gantry_mount> views_;
};

} // namespace gantry::detail
