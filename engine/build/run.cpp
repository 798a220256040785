#include "build/run.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include "build/run_config.hpp"
#include "containers/container_service.hpp"

namespace gantry::build {
namespace {

namespace asio = boost::asio;

/// Waits, on this thread, for a coroutine that runs on the engine's.
template <class T>
T wait_for(Collaborators& with, Task<T> task) {
  return asio::co_spawn(with.executor, std::move(task), asio::use_future).get();
}

containers::CreateRequest make_request(const BuildRequest& build, const State& state, const std::string& image,
                                       const RunStep& step) {
  containers::CreateRequest request;
  request.config = state.config;
  auto& config = request.config;
  config.image = image;
  if (!step.command.empty()) config.cmd = step.command; // RUN []: what the image runs
  config.entrypoint = step.entrypoint.empty() ? containers::StringList{""} : step.entrypoint;
  config.env = step.env;
  config.healthcheck = containers::Healthcheck{{"NONE"}};
  config.hostname.clear();
  config.on_build.clear();
  config.attach_stdout = config.attach_stderr = true;
  auto& host = request.host_config;
  host.log_config.type = "none";
  host.network_mode = !step.network_mode.empty() ? step.network_mode : build.network_mode;
  host.shm_size = build.shm_size;
  host.extra_hosts = build.extra_hosts;
  host.resources = build.resources;
  host.binds = step.binds;
  host.tmpfs = step.tmpfs;
  host.privileged = step.privileged;
  if (!step.devices.empty()) host.resources.device_requests = Json::array({{{"Driver", "cdi"}, {"DeviceIDs", step.devices}}});
  // What a step has mounted is the engine's and the context's, whose labels stay as they are.
  if (!step.binds.empty()) host.security_opt.emplace_back("label=disable");
  return request;
}

/// Splits the frames of stdout and stderr.
class Frames {
 public:
  explicit Frames(const images::Progress& progress) : progress_(progress) {}

  void feed(std::string_view bytes) {
    buffer_ += bytes;
    for (;;) {
      if (buffer_.size() < 8) return;
      const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(buffer_[i])); };
      const std::size_t size = byte(4) << 24 | byte(5) << 16 | byte(6) << 8 | byte(7);
      if (buffer_.size() < 8 + size) return;
      const std::string text = buffer_.substr(8, size);
      // Docker shows what a step complains about in red.
      progress_({{"stream", buffer_[0] == 2 ? "\x1b[91m" + text + "\x1b[0m" : text}});
      buffer_.erase(0, 8 + size);
    }
  }

 private:
  const images::Progress& progress_;
  std::string buffer_;
};

} // namespace

RunContainer::RunContainer(Collaborators& with, const RunningSteps& running, const BuildRequest& build, const State& state,
                           const std::string& image, const RunStep& step)
    : with_(with), shown_(joined(step.command)) {
  if (step.command.empty() && state.config.cmd.value_or(containers::StringList{}).empty()) throw invalid("No command specified");
  id_ = wait_for(with_, with_.containers.create(make_request(build, state, image, step))).id;
  try {
    mark_.emplace(running, id_);
  } catch (...) {
    end_step(with_, id_);
    throw;
  }
}

void RunContainer::run(const images::Progress& progress, registry::Cancel& cancel) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) throw os_error("socketpair for a step's output", errno);
  const UniqueFd ours(ends[0]);
  containers::AttachRequest attach;
  attach.client = UniqueFd(ends[1]);
  attach.out = attach.err = attach.stream = true;
  const auto waiter = with_.containers.wait(id_, containers::WaitCondition::next_exit);
  wait_for(with_, with_.containers.attach(id_, std::move(attach)));
  wait_for(with_, with_.containers.start(id_));
  pass_on(ours.get(), progress, cancel);
  const auto result = wait_for(with_, waiter->result());
  if (result.status_code != 0)
    throw StepFailed(result.status_code,
                     "The command '" + shown_ + "' returned a non-zero code: " + std::to_string(result.status_code));
}

void RunContainer::pass_on(int socket, const images::Progress& progress, registry::Cancel& cancel) {
  Frames frames(progress);
  std::vector<char> buffer(64 << 10);
  for (;;) {
    pollfd wanted[] = {{socket, POLLIN, 0}, {cancel.fd(), POLLIN, 0}};
    if (::poll(wanted, 2, -1) < 0 && errno != EINTR) throw os_error("wait for a step's output", errno);
    if (cancel.is_set()) {
      remove();
      cancel.check();
    }
    if (wanted[0].revents == 0) continue;
    const ssize_t n = ::recv(socket, buffer.data(), buffer.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    frames.feed({buffer.data(), static_cast<std::size_t>(n)});
  }
}

void RunContainer::remove() { end_step(with_, id_); }

void end_step(Collaborators& with, const std::string& container) {
  containers::RemoveOptions options;
  options.force = options.volumes = true;
  try {
    wait_for(with, with.containers.remove(container, options));
  } catch (const Error& e) {
    if (e.code() != Code::not_found) throw;
  }
}

} // namespace gantry::build
