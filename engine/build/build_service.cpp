#include "build/build_service.hpp"

#include <deque>

#include "base/log.hpp"
#include "build/dockerfile/position.hpp"
#include "build/job.hpp"
#include "build/mounts/step_mounts.hpp"
#include "build/parts.hpp"
#include "build/run.hpp"
#include "containers/subpaths.hpp"
#include "images/platform.hpp"
#include "images/remove_unused.hpp"

namespace gantry::build {

BuildService::Impl::Impl(Collaborators c)
    : with(std::move(c)),
      cache(with.database, with.images.store()),
      step_images(with.images),
      cache_mounts(with.paths.cache_mounts()),
      running_steps(with.paths.build_steps()),
      // Not every kernel maps the ids of what is in memory.
      tree_memory(with.paths.build_mounts(), with.ids.empty()) {
  containers::hide_all(with.paths.build_mounts()); // of a daemon that was killed
}

namespace {

/// For clients that want to see the place: with it, as far as it is one of the Dockerfile.
std::string told(const Error& error, const Job& job, const BuildRequest& request) {
  if (request.positions.empty()) return error.what();
  Place place;
  if (const auto* known = dynamic_cast<const DockerfileError*>(&error)) place = known->place();
  if (const Instruction* step = job.failed_step(); step != nullptr && place.first_line == 0) {
    place.first_line = step->first_line;
    place.last_line = step->last_line;
  }
  if (place.first_line == 0) return error.what();
  return show_place(request.positions, job.dockerfile(), place, place.why.empty() ? error.what() : place.why);
}

Json error_message(const Error& error, const std::string& text) {
  Json line;
  const auto* failed = dynamic_cast<const StepFailed*>(&error);
  if (failed != nullptr) line["errorDetail"]["code"] = failed->exit_code();
  line["errorDetail"]["message"] = text;
  line["error"] = text;
  return line;
}

/// Images that were loaded for a session go with it, unless they were here before or somebody has given them a name.
std::shared_ptr<void> borrowed(images::ImageService& images, const images::Catalogue& before,
                               const std::vector<std::string>& ids) {
  std::vector<std::string> mine;
  for (const auto& id : ids)
    if (!before.images.contains(id)) mine.push_back(id);
  return {nullptr, [&images, mine](void*) {
            for (const auto& id : mine) {
              try {
                images::remove_nameless(images, id);
              } catch (const std::exception& e) {
                log::debug("the image " + id + " of a build's context stays: " + e.what());
              }
            }
          }};
}

/// -q: only the id, or what went on before it failed.
class Quiet {
 public:
  void take(const Json& message) {
    if (message.contains("result")) return result_.push_back(message);
    if (!message.contains("stream")) return;
    story_.push_back(message["stream"].get<std::string>());
    size_ += story_.back().size();
    for (; size_ > story_max; story_.pop_front()) size_ -= story_.front().size();
  }
  void succeed(const images::Progress& progress) const {
    for (const auto& message : result_) progress({{"stream", message["result"].get<std::string>() + "\n"}});
  }
  void fail(const images::Progress& progress) const {
    for (const auto& text : story_) progress({{"stream", text}});
  }

 private:
  static constexpr std::size_t story_max = 1 << 20; ///< its end says why it failed

  std::deque<std::string> story_;
  std::size_t size_ = 0;
  std::vector<Json> result_;
};

} // namespace

BuildService::BuildService(Collaborators with) : impl_(std::make_unique<Impl>(std::move(with))) {}
BuildService::~BuildService() = default;

void BuildService::end_abandoned_steps() {
  impl_->running_steps.end_all([this](const std::string& container) {
    end_step(impl_->with, container);
    log::info("ended the build step " + container + " of an earlier daemon");
  });
}

void BuildService::build(const BuildRequest& request, UniqueFd context, const images::Progress& progress,
                         registry::CancelPtr cancel) {
  Quiet quiet;
  const images::Progress quietly = [&](const Json& message) { quiet.take(message); };
  const images::Progress& tell = request.quiet ? quietly : progress;
  // Gone with the build, whatever comes of it.
  const SessionPtr session = request.session.empty() ? nullptr : impl_->sessions.take(request.session);
  // Behind the job, whose stages may begin with one of these.
  const std::shared_ptr<void> end(nullptr, [&session](void*) {
    if (session) session->drop_contexts();
  });
  Job job({impl_->with, impl_->cache, impl_->step_images, impl_->cache_mounts, impl_->running_steps, impl_->tree_memory, session},
          request, tell, cancel);
  try {
    job.prepare(std::move(context));
  } catch (const DockerfileError& error) {
    throw invalid(told(error, job, request));
  }
  job.look(request.check);
  if (request.check) return;
  try {
    job.run();
  } catch (const Error& error) {
    if (error.code() == Code::cancelled && cancel->is_set()) throw;
    if (request.quiet) quiet.fail(progress);
    progress(error_message(error, told(error, job, request)));
    return;
  }
  if (request.quiet) quiet.succeed(progress);
}

Sessions& BuildService::sessions() { return impl_->sessions; }

void BuildService::lend_context(const std::string& session, const std::string& name, UniqueFd tar, bool is_oci_layout) {
  const SessionPtr wanted = impl_->sessions.find(session);
  const Session::Activity busy(wanted);
  LentContext context;
  if (is_oci_layout) {
    images::LoadOptions options;
    options.unnamed = true;
    options.platforms = {images::parse_platform("").text()};
    const auto before = impl_->with.images.store().catalogue();
    const auto ids = impl_->with.images.load(
        std::move(tar), [](const Json&) {}, options);
    context.borrowed = borrowed(impl_->with.images, *before, ids);
    if (ids.size() != 1)
      throw invalid("the OCI layout \"" + name + "\" has " + std::to_string(ids.size()) + " images, expected one");
    context.image = ids.front().substr(ids.front().find(':') + 1);
  } else {
    context.tree = receive_tree(tar.get(), impl_->with.paths, impl_->tree_memory);
  }
  wanted->add_context(name, std::move(context));
}

} // namespace gantry::build
