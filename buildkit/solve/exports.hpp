#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "buildkit/solve/build.hpp"
#include "buildkit/sync/tar_stream.hpp"

namespace gantry::buildkit {

/// Writes an image to where a build's exporters say: names in the engine's store, or the client's files. For one thread.
class Exports {
 public:
  Exports(Daemon& daemon, Sessions& sessions, const BuildWish& wish, Progress& progress, Cancellation& cancellation)
      : daemon_(daemon), sessions_(sessions), wish_(wish), progress_(progress), cancellation_(cancellation) {}

  /// What the client is told ("containerimage.digest" …). Throws std::runtime_error, DaemonError, Cancelled.
  std::map<std::string, std::string> write(const std::string& image);

  /// To be called before the build: images without names that are here already stay.
  void begin();

 private:
  bool goes_to_store() const;
  /// Of a build whose result is elsewhere no image stays.
  void drop(const std::string& image);
  void to_store(const std::string& image, const Attributes& attributes, std::map<std::string, std::string>& told);
  void to_archive(const std::string& image, const Attributes& attributes, std::size_t number);
  void to_tarball(const std::string& image, std::size_t number);
  void to_directory(const std::string& image, std::size_t number);
  /// A container of the image, never started, for its files.
  std::string make_container(const std::string& image);
  /// What `write` writes, to a file of the client's.
  void send_file(std::size_t number, const std::string& vertex, const std::function<void(const Sink&)>& write);
  std::unique_ptr<Exchange> get_body(const std::string& target);
  std::shared_ptr<Session> session();

  Daemon& daemon_;
  Sessions& sessions_;
  const BuildWish& wish_;
  Progress& progress_;
  Cancellation& cancellation_;
  std::set<std::string> dangling_;
};

} // namespace gantry::buildkit
