#include "cli/commands/container/create_container.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "cli/commands/image/pull_image.hpp"
#include "cli/commands/image/reference.hpp"
#include "cli/failure.hpp"
#include "cli/streams/demux.hpp"

namespace gantry::cli {
namespace {

/// Claims the file before anything is created; an unused one is removed again.
class CidFile {
 public:
  explicit CidFile(const std::string& path) : path_(path) {
    if (path.empty()) return;
    fd_.reset(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
    if (!fd_ && errno == EEXIST)
      throw Failure("container ID file found, make sure the other container isn't running or delete " + path, 125);
    if (!fd_) throw Failure("failed to create the container ID file: open " + path + ": " + std::strerror(errno), 125);
  }
  ~CidFile() {
    if (fd_ && !written_) ::unlink(path_.c_str());
  }
  void write(const std::string& id) {
    if (!fd_) return;
    write_all(fd_.get(), id);
    written_ = true;
  }

 private:
  std::string path_;
  UniqueFd fd_;
  bool written_ = false;
};

Json post_create(Client& client, const CreateOptions& options, const Json& body) {
  const Query query = Query().add_unless_empty("name", options.name).add_unless_empty("platform", options.platform);
  const Request request{"POST", "/containers/create", query, body};
  try {
    return client.call(request).read_json();
  } catch (const DaemonError& e) {
    const bool missing_image = e.status() == 404 && std::string(e.what()).find("No such image") != std::string::npos;
    if (!missing_image || options.pull != "missing") throw;
  }
  const std::string image = body["Image"];
  std::fprintf(stderr, "Unable to find image '%s' locally\n", with_default_tag(image).c_str());
  pull_image(client, image, {options.platform, options.quiet, false, STDERR_FILENO});
  return client.call(request).read_json();
}

} // namespace

std::string create_container(Client& client, const CreateOptions& options, const Json& body) {
  if (options.pull != "always" && options.pull != "missing" && options.pull != "never")
    throw Failure("invalid pull option: '" + options.pull + "': must be one of \"always\", \"missing\" or \"never\"", 125);
  check_reference(body["Image"]);
  CidFile file(options.cidfile);
  if (options.pull == "always") pull_image(client, body["Image"], {options.platform, options.quiet, false, STDERR_FILENO});
  const Json created = post_create(client, options, body);
  if (const auto warnings = created.find("Warnings"); warnings != created.end() && warnings->is_array())
    for (const Json& warning : *warnings) std::fprintf(stderr, "WARNING: %s\n", warning.get<std::string>().c_str());
  const std::string id = created.at("Id");
  file.write(id);
  return id;
}

} // namespace gantry::cli
