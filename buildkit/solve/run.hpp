#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "buildkit/progress/steps.hpp"
#include "buildkit/session/lending.hpp"
#include "buildkit/solve/build.hpp"
#include "buildkit/solve/dockerfile_needs.hpp"
#include "buildkit/sync/receive.hpp"
#include "buildkit/sync/tar_stream.hpp"

namespace gantry::buildkit {

/// One solve: fetches the Dockerfile from the client, lends what the engine may ask for, sends the context on to POST /build as
/// it comes, and tells of the steps. For one thread at a time.
class Run {
 public:
  Run(Daemon& daemon, Sessions& sessions, BuildWish wish, Progress& progress, Cancellation& cancellation);

  /// What comes before the build: the Dockerfile is read and looked at. The answers, when the wish is a question
  /// ("frontend.lint").
  std::map<std::string, std::string> prepare();

  /// About what it takes of memory, once it is prepared.
  std::size_t bytes() const;

  /// The image's id. At the second time what the first came to.
  std::string build();

 private:
  void load_dockerfile();
  void look_at_images();
  void load_ignore();
  std::vector<std::string> load_ignore_of(const std::string& vertex_name, const std::string& local, const std::string& status);
  void lend_contexts();
  void lend_context(const std::string& name, const std::string& local);
  std::map<std::string, std::string> answer(const std::string& question);
  std::map<std::string, std::string> lint();
  /// The engine's opinion of the Dockerfile, without building. Throws BuildFailed for one that cannot be.
  std::vector<Json> check();
  void name_stages();
  std::string send_build();
  void send_body(Exchange& exchange);
  void send_dockerfile(TarStream& tar);
  void send_context(TarStream& tar);
  void send_upload(Exchange& exchange);
  void read_answer(Exchange& exchange, const std::function<void(const Json&)>& take);
  void show(const Json& warning);
  [[noreturn]] void fail(const std::string& text);
  Query query() const;
  /// Receives into `taker` and tells of it.
  void receive(const std::string& vertex, const std::string& status, const FilesWanted& wanted, FileTaker& taker);

  Daemon& daemon_;
  Sessions& sessions_;
  const BuildWish wish_;
  Progress& progress_;
  Cancellation& cancellation_;
  const Sources sources_;
  Steps steps_;
  std::shared_ptr<Session> session_;
  std::unique_ptr<Lending> lending_;
  std::optional<std::string> dockerfile_; ///< its text, when it comes from the session
  std::optional<std::string> own_ignore_; ///< NAME.dockerignore beside it
  std::string dockerfile_name_;           ///< of the Dockerfile in the context that the engine gets
  std::string definition_;                ///< vertex
  std::vector<std::string> ignored_;
  DockerfileNeeds needs_;
  std::set<std::string> shown_; ///< warnings
  std::mutex guard_;            ///< of building
  std::string image_;
};

} // namespace gantry::buildkit
