#include "build/running_steps.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <vector>

#include "base/file.hpp"
#include "base/log.hpp"

namespace gantry::build {

RunningSteps::RunningSteps(std::string directory) : directory_(std::move(directory)) { make_directories(directory_, 0700); }

// Not synced: after a crash of the machine no step runs any more, and its container is only one that has ended.
RunningSteps::Mark::Mark(const RunningSteps& all, const std::string& container) : path_(all.directory_ + "/" + container) {
  (void)open_file(path_, O_WRONLY | O_CREAT, 0600);
}

RunningSteps::Mark::~Mark() {
  if (::unlink(path_.c_str()) != 0) log::warn("remove " + path_ + ": it is still there");
}

void RunningSteps::end_all(const std::function<void(const std::string& container)>& end) const {
  std::vector<std::filesystem::path> left;
  for (const auto& item : std::filesystem::directory_iterator(directory_)) left.push_back(item.path());
  for (const auto& path : left) {
    try {
      end(path.filename());
      (void)::unlink(path.c_str());
    } catch (const std::exception& e) {
      log::warn("end the build step " + path.filename().string() + " of an earlier daemon: " + e.what());
    }
  }
}

} // namespace gantry::build
