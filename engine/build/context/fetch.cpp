#include <fcntl.h>

#include <filesystem>

#include "base/error.hpp"
#include "base/file.hpp"
#include "build/context/context.hpp"
#include "build/context/download.hpp"
#include "build/context/git.hpp"
#include "build/context/in_thread.hpp"
#include "build/copy/archive.hpp"

namespace gantry::build {

Context fetch_context(const std::string& url, const std::string& dockerfile, images::Ingest& scratch, TreeMemory& memory,
                      const registry::Transport& transport, registry::Cancel& cancel) {
  if (is_git(url)) return take_context({fetch_git(url, false, scratch, cancel).directory}, dockerfile, Ignored::by_nobody);
  if (!url.starts_with("http://") && !url.starts_with("https://"))
    throw invalid("remoteURL (" + url + ") could not be recognized as URL");
  const Download file = download(url, scratch.new_path(), transport, cancel);
  const UniqueFd fd = open_file(file.path, O_RDONLY);
  if (is_archive(fd.get())) return take_context(unpack_context(fd.get(), scratch, memory), dockerfile, Ignored::by_nobody);
  const std::string directory = scratch.new_path();
  make_directories(directory, 0755);
  std::filesystem::rename(file.path, directory + "/Dockerfile");
  return take_context({directory}, "Dockerfile", Ignored::by_nobody);
}

} // namespace gantry::build
