#pragma once

#include <string>

#include <fcntl.h>
#include <gantry/sdk/fd.hpp>
#include <gantry/sdk/storage.hpp>

#include "base/file.hpp"

namespace gantry::build {

/// A snapshot to look at, gone afterwards.
class View {
 public:
  View(StorageDriver& storage, const std::string& parent);
  ~View();
  View(const View&) = delete;
  View& operator=(const View&) = delete;
  const std::string& key() const { return key_; }

 private:
  StorageDriver& storage_;
  std::string key_;
};

inline UniqueFd open_root(const std::string& directory) { return open_file(directory, O_RDONLY | O_DIRECTORY); }

} // namespace gantry::build
