#include "files/tar_filter.hpp"

#include "files/tar_pass.hpp"

namespace gantry::files {

std::size_t filter_tar(int in, int out, const std::function<bool(const std::string& path)>& leave_out) {
  TarPass tar(in, out);
  std::size_t kept = 0;
  while (const auto path = tar.next()) {
    if (leave_out(*path)) {
      tar.skip();
      continue;
    }
    tar.take();
    ++kept;
  }
  tar.finish();
  return kept;
}

} // namespace gantry::files
