#include "containers/trash.hpp"

#include <cstdio>
#include <filesystem>

#include "base/error.hpp"
#include "base/log.hpp"

namespace gantry::containers {

void Trash::delete_later(std::string path) {
  boost::asio::post(thread_.executor(), [path = std::move(path)] {
    std::error_code error;
    std::filesystem::remove_all(path, error);
    if (error) log::warn("delete " + path + ": " + error.message());
  });
}

void Trash::throw_away(const std::string& path) {
  std::string discarded = directory_ + "/" + std::filesystem::path(path).filename().string();
  if (::rename(path.c_str(), discarded.c_str()) == 0) return delete_later(std::move(discarded));
  std::filesystem::remove_all(path);
}

void Trash::empty() {
  for (const auto& item : std::filesystem::directory_iterator(directory_)) delete_later(item.path());
}

} // namespace gantry::containers
