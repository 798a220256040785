#include "files/remove_tree.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/id.hpp"
#include "files/open.hpp"
#include "files/path.hpp"

namespace gantry::files {
namespace {

constexpr int depth_max = 32;

class Removal {
 public:
  explicit Removal(const std::string& path) : top_(open_file(path.substr(0, path.rfind('/') + 1), O_RDONLY | O_DIRECTORY)) {
    left_.push_back(path.substr(path.rfind('/') + 1));
  }

  void run() {
    while (!left_.empty()) {
      const std::string name = std::move(left_.back());
      left_.pop_back();
      remove(top_.get(), name, 0);
    }
  }

 private:
  void remove(int directory, const std::string& name, int depth) {
    if (::unlinkat(directory, name.c_str(), 0) == 0 || errno == ENOENT) return;
    if (errno != EISDIR) throw os_error("remove " + name, errno);
    if (depth >= depth_max) return move_up(directory, name);
    {
      const UniqueFd inside = open_child(directory, name, O_RDONLY | O_DIRECTORY);
      if (!inside) throw os_error("open " + name, errno);
      for (const auto& child : names_in(inside.get())) remove(inside.get(), child, depth + 1);
    }
    if (::unlinkat(directory, name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT) throw os_error("remove " + name, errno);
  }

  void move_up(int directory, const std::string& name) {
    std::string fresh = ".gone-" + random_id().substr(0, 16);
    if (::renameat(directory, name.c_str(), top_.get(), fresh.c_str()) != 0) throw os_error("remove " + name, errno);
    left_.push_back(std::move(fresh));
  }

  UniqueFd top_;
  std::vector<std::string> left_; ///< names in `top_`
};

} // namespace

void remove_tree(const std::string& path) {
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return;
  Removal(path).run();
}

} // namespace gantry::files
