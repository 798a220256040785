#include "base/error.hpp"
#include "base/id.hpp"
#include "base/time.hpp"
#include "containers/exec.hpp"
#include "containers/files_view.hpp"
#include "files/user.hpp"

namespace gantry::containers {
namespace {

void check_request(const ExecRequest& request) {
  if (request.cmd.empty()) throw invalid("No exec command specified");
  for (const auto* list : {&request.cmd, &request.env}) {
    for (const auto& text : *list) {
      if (text.find('\0') != std::string::npos) throw invalid("Exec: \"" + text + "\" contains a NUL byte");
    }
  }
  for (const auto& assignment : request.env) {
    if (assignment.empty() || assignment.front() == '=') throw invalid("invalid environment variable: " + assignment);
  }
  if (!request.working_dir.empty() && request.working_dir.front() != '/') {
    throw invalid("Cwd must be an absolute path, got \"" + request.working_dir + "\"");
  }
}

/// A name is looked for where it will be used: in the container as it is now. A number needs nobody.
bool names_somebody(const std::string& user) { return user.find_first_not_of("0123456789:") != std::string::npos; }

} // namespace

Task<std::string> ContainerService::exec_create(std::string reference, ExecRequest request) {
  const PartsPtr parts = impl_->parts;
  check_request(request);
  const ContainerPtr container = parts->index.find(reference)->snapshot();
  check_exec_phase(*container, reference);
  if (names_somebody(request.user)) {
    auto look = [parts, container, user = request.user] {
      with_files(*parts, *container, Show::everything, [&](int root) { (void)files::find_user(root, user); });
    };
    co_await on(parts->exec_pool, std::move(look));
  }
  Exec exec;
  exec.id = random_id();
  exec.container_id = container->id;
  exec.request = std::move(request);
  parts->publish(*container, exec_action("exec_create", exec), {{"execID", exec.id}});
  const std::string id = exec.id;
  parts->execs.add(std::make_shared<ExecEntry>(std::move(exec)));
  const auto expired = parts->execs.expire(now_ns());
  if (!expired.empty()) {
    auto forget = [parts, expired] {
      for (const auto& old : expired) parts->store.erase_exec(old);
    };
    co_await on(parts->pool, std::move(forget));
  }
  co_return id;
}

} // namespace gantry::containers
