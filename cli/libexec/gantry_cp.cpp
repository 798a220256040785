// gantry-cp HOST MODES SRC DEST: what `gantry cp` runs. MODES is "aLq" with '-' for what is not wanted.
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <exception>
#include <filesystem>
#include <thread>

#include "cli/client/client.hpp"
#include "cli/failure.hpp"
#include "cli/format/units.hpp"
#include "cli/json.hpp"
#include "cli/libexec/body_flow.hpp"
#include "cli/libexec/copy_paths.hpp"
#include "files/extract.hpp"
#include "files/tar_writer.hpp"

namespace gantry::cli {
namespace {

namespace fs = std::filesystem;

struct Modes {
  bool owners = false, follow = false, quiet = false;
};

std::string reason(int error) { return error == ENOENT ? "no such file or directory" : std::strerror(error); }

std::string base64_decoded(std::string_view text) {
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    static constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const auto value = digits.find(c);
    if (value == std::string_view::npos) break;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    if ((count += 6) < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xff);
  }
  return bytes;
}

struct RemoteStat {
  bool directory = false, link = false, special = false;
  std::string target;
};

RemoteStat remote_stat_of(const Response& response) {
  const Json json = Json::parse(base64_decoded(response.head().find("x-docker-container-path-stat")), nullptr, false);
  if (!json.is_object()) throw Failure("the daemon does not say what it copies");
  const auto mode = json.value("mode", std::uint64_t{0});
  return {(mode >> 31 & 1) != 0, (mode >> 27 & 1) != 0, (mode >> 26 & 1) != 0 || (mode >> 24 & 3) != 0,
          json.value("linkTarget", "")};
}

Request archive_request(const std::string& method, const Side& side, const std::string& path) {
  return {method, "/containers/" + url_encode(side.container) + "/archive", Query{{"path", path}}};
}

std::string absolute(const std::string& path) {
  return path.starts_with('/') ? clean_keeping_end(path) : clean_keeping_end(fs::current_path().string() + "/" + path);
}

/// A pipe whose one end a thread works on. What the thread throws comes out of `finish`.
class Worker {
 public:
  template <class F>
  Worker(int end, F work) : end_(end), thread_([this, work] { run(work); }) {}
  ~Worker() { join(); }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  void finish() {
    join();
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  template <class F>
  void run(F work) {
    try {
      // Extended attributes are reached through a working directory of the thread's own.
      if (::unshare(CLONE_FS) != 0) throw Failure("unshare: " + reason(errno));
      work(end_);
    } catch (...) {
      failure_ = std::current_exception();
    }
    ::close(end_);
  }
  void join() {
    if (thread_.joinable()) thread_.join();
  }

  int end_;
  std::exception_ptr failure_;
  std::thread thread_;
};

struct Pipe {
  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw Failure("make a pipe: " + reason(errno));
    out.reset(ends[0]);
    in.reset(ends[1]);
  }
  UniqueFd out, in;
};

std::string read_piece(int fd) {
  std::string piece(256 << 10, '\0');
  ssize_t n;
  do n = ::read(fd, piece.data(), piece.size());
  while (n < 0 && errno == EINTR);
  if (n < 0) throw Failure("read: " + reason(errno));
  piece.resize(static_cast<std::size_t>(n));
  return piece;
}

void write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw Failure("write: " + reason(errno));
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void report(const Modes& modes, std::uint64_t bytes, const std::string& to) {
  if (!modes.quiet)
    std::fprintf(stderr, "Successfully copied %s to %s\n", human_size(static_cast<double>(bytes)).c_str(), to.c_str());
}

Place local_destination(const std::string& path) {
  Place place{path, false, false, ""};
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0) {
    place.exists = true;
    place.directory = S_ISDIR(info.st_mode);
  } else if (::stat(directory_of(path).c_str(), &info) != 0) {
    throw Failure("invalid output path: directory \"" + directory_of(path) + "\" does not exist");
  }
  return place;
}

/// A source that is missing is not the root directory: the daemon refuses it.
std::string source_path(const Side& side) { return side.path.empty() ? "" : clean_keeping_end("/" + side.path); }

int copy_out(Client& client, const Side& from, const std::string& to, const Modes& modes) {
  const bool to_stdout = to == "-";
  const Place destination = to_stdout ? Place{} : local_destination(absolute(to));
  Place source{source_path(from), true, false, ""};
  if (modes.follow) {
    Response found = client.call(archive_request("HEAD", from, source.path));
    const RemoteStat stat = remote_stat_of(found);
    found.read_all();
    if (stat.link) {
      source.rename = base_of(source.path);
      source.path = stat.target;
    }
  }
  Response response = client.call(archive_request("GET", from, source.path), true);
  source.directory = remote_stat_of(response).directory;
  if (to_stdout) {
    for (std::string piece = response.next(); !piece.empty(); piece = response.next()) write_all(STDOUT_FILENO, piece);
    return 0;
  }
  const std::string base = base_of(source.path);
  Plan plan = plan_copy(source, destination);
  if (!source.rename.empty() && plan.to.empty()) plan.to = source.rename;
  std::uint64_t bytes = 0;
  Pipe pipe;
  Worker unpack(pipe.out.release(), [&](int in) {
    const UniqueFd root(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    files::Extraction options;
    options.keep_kind = true;
    options.set_owners = modes.owners;
    options.rename_from = base;
    options.rename_to = plan.to;
    files::extract(in, root.get(), plan.directory, options);
    while (!read_piece(in).empty()) {
    }
  });
  try {
    receive_body(std::move(response), pipe.in.get(), bytes);
  } catch (...) {
    pipe.in.reset();
    throw;
  }
  pipe.in.reset();
  unpack.finish();
  report(modes, bytes, to);
  return 0;
}

Place remote_destination(Client& client, const Side& to) {
  Place place{clean_keeping_end("/" + to.path), false, false, ""};
  for (int followed = 0; followed < 2; ++followed) {
    Response response = client.send(archive_request("HEAD", to, place.path));
    const bool found = response.status() == 200;
    const RemoteStat stat = found ? remote_stat_of(response) : RemoteStat{};
    response.read_all();
    if (!found) break;
    if (stat.link && followed == 0) {
      place.path = stat.target;
      continue;
    }
    if (stat.special) throw Failure("destination \"" + to.container + ":" + to.path + "\" must be a directory or a regular file");
    place.exists = true;
    place.directory = stat.directory;
    break;
  }
  return place;
}

/// The source on this machine: opened so that what is copied is what was looked at.
struct LocalSource {
  Place place;
  UniqueFd directory;
  std::string entry, name;
  struct stat info {};
};

LocalSource local_source(const std::string& text, bool follow) {
  LocalSource source;
  std::string path = absolute(text);
  const bool ends = path.ends_with('/') || path.ends_with("/.");
  if (::lstat(path.c_str(), &source.info) != 0) throw Failure("lstat " + path + ": " + reason(errno));
  source.place = {path, true, S_ISDIR(source.info.st_mode), ""};
  source.name = base_of(path);
  if (S_ISLNK(source.info.st_mode) && follow) {
    std::error_code error;
    path = fs::canonical(path, error).string();
    if (error || ::lstat(path.c_str(), &source.info) != 0) throw Failure("lstat " + text + ": " + reason(ENOENT));
    source.place.directory = S_ISDIR(source.info.st_mode);
  }
  source.entry = ends ? "." : base_of(path);
  const std::string where = ends ? path : directory_of(path);
  source.directory.reset(::open(where.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!source.directory) throw Failure("open " + where + ": " + reason(errno));
  return source;
}

Request put_request(const Side& to, const std::string& directory, const Modes& modes) {
  Request request = archive_request("PUT", to, directory);
  request.query.add("noOverwriteDirNonDir", "true").add_if(modes.owners, "copyUIDGID", "true");
  return request;
}

int copy_in(Client& client, const std::string& from, const Side& to, const Modes& modes) {
  const Place destination = remote_destination(client, to);
  if (from == "-") {
    if (!destination.directory) throw Failure("destination \"" + to.container + ":" + to.path + "\" must be a directory");
    const auto request = put_request(to, destination.path, modes);
    client.upload(request, "application/x-tar", [] { return read_piece(STDIN_FILENO); }).read_all();
    return 0;
  }
  const LocalSource source = local_source(from, modes.follow);
  const Plan plan = plan_copy(source.place, destination);
  std::uint64_t bytes = 0;
  Pipe pipe;
  Worker pack(pipe.in.release(), [&](int out) {
    files::TarWriter tar(out, {});
    tar.add_tree(source.directory.get(), source.entry, source.info, plan.to.empty() ? source.name : plan.to);
    tar.finish();
  });
  try {
    send_body(client, put_request(to, plan.directory, modes), pipe.out.get(), bytes).read_all();
  } catch (...) {
    pipe.out.reset();
    throw;
  }
  pack.finish();
  report(modes, bytes, to.container + ":" + to.path);
  return 0;
}

int run(const std::string& host, const std::optional<TlsOptions>& tls, const std::string& modes_text, const std::string& source,
        const std::string& destination) {
  const Modes modes{modes_text[0] == 'a', modes_text[1] == 'L', modes_text[2] == 'q'};
  const Side from = parse_side(source), to = parse_side(destination);
  if (!from.container.empty() && !to.container.empty()) throw Failure("copying between containers is not supported");
  if (from.container.empty() && to.container.empty()) throw Failure("must specify at least one container source");
  Client client(parse_host(host, tls));
  return from.container.empty() ? copy_in(client, source, to, modes) : copy_out(client, from, destination, modes);
}

} // namespace
} // namespace gantry::cli

int main(int argc, char** argv) {
  if ((argc != 5 && argc != 9) || std::strlen(argv[2]) != 3) {
    std::fprintf(stderr, "gantry-cp is run by \"gantry cp\"\n");
    return 125;
  }
  std::signal(SIGPIPE, SIG_IGN);
  std::optional<gantry::cli::TlsOptions> tls;
  if (argc == 9) tls = {std::strcmp(argv[5], "verify") == 0, argv[6], argv[7], argv[8]};
  try {
    return gantry::cli::run(argv[1], tls, argv[2], argv[3], argv[4]);
  } catch (const std::exception& e) {
    if (*e.what() != '\0') std::fprintf(stderr, "%s\n", e.what());
    return 1;
  }
}
