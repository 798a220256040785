#include "volumes/objects.hpp"

#include <fcntl.h>
#include <sched.h>

#include <cerrno>
#include <exception>
#include <memory>
#include <thread>

#include <gantry/sdk/fd.hpp>

#include "base/error.hpp"
#include "base/id.hpp"
#include "base/log.hpp"
#include "files/copy_tree.hpp"
#include "files/extract.hpp"
#include "files/tar_writer.hpp"

namespace gantry::volumes {
namespace {

/// Who copies is a user of the volumes, as containers are. After a crash no container has this name: what was made for it goes.
class Worker {
 public:
  explicit Worker(VolumeService& volumes) : volumes_(volumes), name_("copy-" + random_id()) {}
  ~Worker() {
    for (const auto& volume : mounted_) {
      try {
        volumes_.unmount(volume, name_);
      } catch (const std::exception& e) {
        log::error("volume " + volume + ": unmount after a copy: " + e.what());
      }
    }
    volumes_.abandon(name_); // nothing once it is settled
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  VolumePtr make(const std::string& name, const std::string& driver, const Pairs& options, const Pairs& labels) {
    if (!name.empty() && exists(name)) throw Error(Code::already_exists, "volume " + name + " exists already");
    const VolumePtr volume = volumes_.create({name, driver, options, labels, name_});
    // Somebody was as quick: then it is not ours, and abandon leaves it alone.
    if (volumes_.users(volume->name).size() != 1) throw Error(Code::already_exists, "volume " + volume->name + " exists already");
    return volume;
  }

  /// Its directory, open until the worker ends.
  int open(const std::string& volume) {
    volumes_.acquire(volume, name_);
    const Mount mount = volumes_.mount(volume, name_);
    mounted_.push_back(volume);
    if (mount.type != "bind") throw invalid("volume " + volume + " is a " + mount.type + " that has no place on the host");
    directories_.emplace_back(::open(mount.source.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directories_.back()) throw os_error("open volume " + volume, errno);
    return directories_.back().get();
  }

  void settle() { volumes_.settle(name_); }

 private:
  bool exists(const std::string& name) const {
    try {
      return volumes_.find(name) != nullptr;
    } catch (const Error& e) {
      if (e.code() != Code::not_found) throw;
      return false;
    }
  }

  VolumeService& volumes_;
  std::string name_;
  std::vector<std::string> mounted_;
  std::vector<UniqueFd> directories_;
};

/// On a thread whose working directory is its own, as the copies need it.
void on_own_thread(const std::function<void()>& f) {
  std::exception_ptr failure;
  std::thread thread([&] {
    try {
      if (::unshare(CLONE_FS) != 0) throw os_error("leave the shared working directory", errno);
      f();
    } catch (...) {
      failure = std::current_exception();
    }
  });
  thread.join();
  if (failure) std::rethrow_exception(failure);
}

VolumePtr original_of(VolumeService& volumes, const std::string& source, const char* done) {
  VolumePtr original = volumes.find(source);
  // What is mounted from elsewhere would be one place under two names.
  if (original->options.contains("device"))
    throw invalid("volume " + source + " is the device " + original->options.at("device") + ": it cannot be " + done);
  return original;
}

Pairs labels_of(const Volume& original) {
  Pairs labels = original.labels;
  labels.erase(anonymous_label);
  return labels;
}

void write_tar(int directory, int out) {
  struct stat info {};
  if (::fstat(directory, &info) != 0) throw os_error("look at a volume", errno);
  files::TarWriter tar(out, {});
  tar.add_tree(directory, ".", info, ".");
  tar.finish();
}

} // namespace

VolumePtr snapshot_volume(VolumeService& volumes, const std::string& source, const std::string& name) {
  const VolumePtr original = original_of(volumes, source, "snapshotted");
  return volumes.snapshot({name, original->driver, original->options, labels_of(*original), ""}, source);
}

VolumePtr clone_volume(VolumeService& volumes, const std::string& source, const std::string& name) {
  const VolumePtr original = original_of(volumes, source, "cloned");
  Worker worker(volumes);
  const Pairs labels = labels_of(*original);
  const VolumePtr copy = worker.make(name, original->driver, original->options, labels);
  const int from = worker.open(source), to = worker.open(copy->name);
  on_own_thread([&] { files::copy_tree(from, to); });
  worker.settle();
  return copy;
}

std::function<void(int out)> export_volume(VolumeService& volumes, const std::string& name) {
  (void)volumes.find(name);
  const auto worker = std::make_shared<Worker>(volumes);
  const int directory = worker->open(name);
  return [worker, directory](int out) { on_own_thread([&] { write_tar(directory, out); }); };
}

VolumePtr import_volume(VolumeService& volumes, const std::string& name, int in) {
  Worker worker(volumes);
  const VolumePtr volume = worker.make(name, "", {}, {});
  const int directory = worker.open(volume->name);
  on_own_thread([&] { files::extract(in, directory, "", {}); });
  worker.settle();
  return volume;
}

} // namespace gantry::volumes
