#include "buildkit/post_build/post_jobs.hpp"

#include <stdexcept>
#include <vector>

namespace gantry::buildkit {

PostJobs::Hold::Hold(PostJobs& jobs, std::string id) : jobs_(jobs), id_(std::move(id)) {
  const std::lock_guard lock(jobs_.guard_);
  auto& job = jobs_.jobs_[id_];
  if (!job) job = std::make_shared<Job>();
  ++job->builds;
  job_ = job;
}

PostJobs::Hold::~Hold() {
  const std::lock_guard lock(jobs_.guard_);
  if (--job_->builds == 0) jobs_.jobs_.erase(id_);
}

bool PostJobs::upload(const std::string& id, UniqueFd connection) {
  sweep();
  const std::lock_guard lock(guard_);
  auto found = jobs_.find(id);
  if (found == jobs_.end()) {
    std::size_t early = 0;
    for (const auto& [name, job] : jobs_) early += job->builds == 0 ? 1 : 0;
    if (early >= early_max) return false;
    found = jobs_.emplace(id, std::make_shared<Job>()).first;
  }
  found->second->upload = std::move(connection);
  changed_.notify_all();
  return true;
}

UniqueFd PostJobs::wait_for_upload(Job& job) {
  std::unique_lock lock(guard_);
  const bool came = changed_.wait_for(lock, patience, [&job] { return bool(job.upload) || job.cancellation.cancelled(); });
  job.cancellation.check();
  if (!came) throw std::runtime_error("context deadline exceeded");
  return std::move(job.upload);
}

void PostJobs::cancel(const std::string& id) {
  std::shared_ptr<Job> found;
  {
    const std::lock_guard lock(guard_);
    if (const auto it = jobs_.find(id); it != jobs_.end()) found = it->second;
  }
  if (!found) return;
  found->cancellation.cancel(); // without the lock: it runs hooks
  const std::lock_guard lock(guard_);
  changed_.notify_all();
}

void PostJobs::cancel_all() {
  std::vector<std::string> ids;
  {
    const std::lock_guard lock(guard_);
    for (const auto& [id, job] : jobs_) ids.push_back(id);
  }
  for (const auto& id : ids) cancel(id);
}

void PostJobs::forget(const std::string& id) {
  const std::lock_guard lock(guard_);
  if (const auto found = jobs_.find(id); found != jobs_.end() && found->second->builds == 0) jobs_.erase(found);
}

void PostJobs::sweep(Clock::time_point now) {
  const std::lock_guard lock(guard_);
  std::erase_if(jobs_, [now](const auto& one) { return one.second->builds == 0 && now - one.second->since > patience; });
}

std::size_t PostJobs::size() {
  const std::lock_guard lock(guard_);
  return jobs_.size();
}

} // namespace gantry::buildkit
