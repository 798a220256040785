#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <exception>
#include <functional>
#include <thread>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "build/context/context.hpp"
#include "build/context/ignore.hpp"
#include "build/context/in_thread.hpp"
#include "files/copy_tree.hpp"
#include "files/extract.hpp"
#include "files/open.hpp"

namespace gantry::build {
namespace {

constexpr std::size_t dockerfile_max = 8 << 20;

/// Absent when there is no such file in the context.
bool read_inside(int root, const std::string& path, std::string& text) {
  const UniqueFd fd = files::open_in_root(root, path, O_RDONLY | O_NONBLOCK);
  struct stat info {};
  if (!fd || ::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) return false;
  if (static_cast<std::size_t>(info.st_size) > dockerfile_max)
    throw invalid(path + " has " + std::to_string(info.st_size) + " bytes, at most " + std::to_string(dockerfile_max) +
                  " are allowed");
  text.resize(static_cast<std::size_t>(info.st_size));
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t n = ::read(fd.get(), text.data() + done, text.size() - done);
    if (n <= 0) throw os_error("read " + path, errno);
    done += static_cast<std::size_t>(n);
  }
  return true;
}

std::string find_dockerfile(int root, const std::string& name) {
  const std::string clean = files::clean_path(name);
  if (clean == ".." || clean.starts_with("../")) throw invalid("Forbidden path outside the build context: " + name + " ()");
  std::string text;
  bool found = read_inside(root, clean, text);
  if (!found && name == "Dockerfile") found = read_inside(root, "dockerfile", text);
  if (!found) throw internal("Cannot locate specified Dockerfile: " + name);
  if (text.empty()) throw invalid("the Dockerfile (" + name + ") cannot be empty");
  return text;
}

void remove_tree(int directory, const std::string& name) {
  struct stat info {};
  if (!files::stat_child(directory, name, info)) return;
  if (S_ISDIR(info.st_mode)) {
    const UniqueFd inside = files::open_child(directory, name, O_RDONLY | O_DIRECTORY);
    if (inside)
      for (const auto& child : files::names_in(inside.get())) remove_tree(inside.get(), child);
  }
  (void)::unlinkat(directory, name.c_str(), S_ISDIR(info.st_mode) ? AT_REMOVEDIR : 0);
}

void remove_inside(int root, const std::string& path) {
  const std::string above = files::parent_of(path);
  const UniqueFd parent = files::open_in_root(root, above.empty() ? "/" : above, O_RDONLY | O_DIRECTORY);
  if (parent) remove_tree(parent.get(), files::last_name(path));
}

void leave_out(int directory, const std::string& prefix, const IgnoreRules& rules) {
  for (const auto& name : files::names_in(directory)) {
    const std::string path = prefix + name;
    struct stat info {};
    if (!files::stat_child(directory, name, info)) continue;
    const bool ignored = rules.ignores(path);
    if (ignored && (!S_ISDIR(info.st_mode) || !rules.has_exceptions())) {
      remove_tree(directory, name);
      continue;
    }
    if (!S_ISDIR(info.st_mode)) continue;
    const UniqueFd inside = files::open_child(directory, name, O_RDONLY | O_DIRECTORY);
    if (!inside) continue;
    leave_out(inside.get(), path + "/", rules);
    // Only what the exceptions want keeps an ignored directory.
    if (ignored) (void)::unlinkat(directory, name.c_str(), AT_REMOVEDIR);
  }
}

} // namespace

void in_thread(const std::function<void()>& f) {
  std::exception_ptr failure;
  std::thread thread([&] {
    try {
      if (::unshare(CLONE_FS) != 0) throw os_error("get a working directory", errno);
      f();
    } catch (...) {
      failure = std::current_exception();
    }
  });
  thread.join();
  if (failure) std::rethrow_exception(failure);
}

Context take_context(KeptDirectory directory, const std::string& dockerfile, Ignored ignored) {
  Context context;
  context.root = open_file(directory.path, O_RDONLY | O_DIRECTORY);
  context.held = std::move(directory.held);
  context.dockerfile = find_dockerfile(context.root.get(), dockerfile);
  std::string ignore;
  if (read_inside(context.root.get(), files::clean_path(dockerfile) + ".dockerignore", ignore) ||
      read_inside(context.root.get(), ".dockerignore", ignore)) {
    const IgnoreRules rules(ignore);
    if (ignored == Ignored::by_nobody && !rules.empty()) leave_out(context.root.get(), "", rules);
    const std::string clean = files::clean_path(dockerfile);
    for (const std::string& own : {clean, clean + ".dockerignore", std::string(".dockerignore")})
      if (rules.ignores(own)) remove_inside(context.root.get(), own);
    context.ignore = std::move(ignore);
  }
  return context;
}

KeptDirectory unpack_context(int tar, images::Ingest& scratch, TreeMemory& memory) {
  KeptDirectory place;
  std::shared_ptr<TreeMemory::Room> room = memory.take();
  const auto on_disk = [&] {
    place = {scratch.new_path()};
    make_directories(place.path, 0755);
    return open_file(place.path, O_RDONLY | O_DIRECTORY);
  };
  in_thread([&] {
    UniqueFd root = room ? open_file(room->path(), O_RDONLY | O_DIRECTORY) : on_disk();
    if (room) place = {room->path(), room};
    files::Extraction options;
    options.set_owners = false;
    options.unwatched = true;
    options.room = room ? TreeMemory::tree_max : 0;
    options.move = [&] {
      UniqueFd disk = on_disk();
      files::copy_tree(root.get(), disk.get());
      root = std::move(disk);
      room.reset();
      return root.get();
    };
    files::extract(tar, root.get(), "/", options);
  });
  return place;
}

Context receive_context(int tar, const std::string& dockerfile, images::Ingest& scratch, TreeMemory& memory) {
  KeptDirectory directory = unpack_context(tar, scratch, memory);
  // What comes behind the archive's end is read too, so that the request is over and a client that hangs up is noticed.
  std::vector<char> rest(64 << 10);
  while (::read(tar, rest.data(), rest.size()) > 0) {
  }
  return take_context(std::move(directory), dockerfile, Ignored::by_client);
}

} // namespace gantry::build
