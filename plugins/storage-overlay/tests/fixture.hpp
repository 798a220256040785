#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "overlay_driver.hpp"

namespace gantry::storage_overlay::test {

class TestHost final : public Host {
 public:
  explicit TestHost(std::string dir) : dir_(std::move(dir)) {}
  void log(LogLevel, std::string_view message) override { logged.emplace_back(message); }
  const std::string& state_dir() const override { return dir_; }
  const std::string& run_dir() const override { return dir_; }
  const std::string& libexec_dir() const override { return dir_; }
  const std::string& instance() const override { return name_; }
  std::vector<std::string> logged;

 private:
  std::string dir_, name_ = "test";
};

class TestCall final : public Call {
 public:
  TestCall();
  ~TestCall() override;
  bool cancelled() const override { return cancelled_; }
  int cancel_fd() const override { return fd_; }
  std::int64_t deadline_ns() const override { return 0; }
  void progress(std::uint64_t, std::uint64_t) override {}
  void cancel();

 private:
  int fd_;
  bool cancelled_ = false;
};

/// One entry of a tar that a test builds. `type` is an S_IF* value; a hard link has `hardlink`.
struct Item {
  std::string path;
  std::string content = "";
  mode_t mode = S_IFREG | 0644;
  std::string symlink = "", hardlink = "";
  std::vector<std::pair<std::string, std::string>> xattrs = {};
  std::int64_t uid = 0, gid = 0, mtime = 1'000'000'000;
  dev_t device = 0;
  std::int64_t declared_size = -1; ///< a sparse file: `content` at the start of so many bytes
};

/// An uncompressed pax tar. Names go in as they are, however hostile.
std::string make_tar(const std::vector<Item>& items);
std::string sha256_of(const std::string& bytes);

/// A driver on a temporary directory of its own on a filesystem that holds overlay layers, in a mount namespace of the
/// test's own.
class OverlayTest : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  AppliedLayer apply(const std::string& key, const std::string& tar);
  /// prepare, apply and commit.
  AppliedLayer make_layer(const std::string& name, const std::string& parent, const std::vector<Item>& items);
  std::string diff(const std::string& id);
  std::string export_tree(const std::string& id);
  /// The sentence of the error that applying a tar gives; it must have this code.
  std::string refusal(const std::string& tar, Code code = Code::invalid);

  std::string fs(const std::string& id) const { return dir_ + "/s/" + id + "/fs"; }
  struct stat stat_of(const std::string& path) const;
  std::string read(const std::string& path) const;
  /// Starts over from what is on disk.
  void restart();
  /// Whether everything thrown away is deleted within ten seconds.
  bool trash_empties() const;

  /// Performs what the driver describes, and takes it away again.
  class Mounted {
   public:
    Mounted(const std::vector<Mount>& mounts, const std::string& target);
    ~Mounted();
    const std::string& path() const { return target_; }

   private:
    std::string target_;
  };
  Mounted mount(const std::vector<Mount>& mounts) { return Mounted(mounts, scratch_); }

  std::string dir_, scratch_;
  TestCall call_;
  std::unique_ptr<TestHost> host_;
  std::unique_ptr<OverlayDriver> driver_;
};

} // namespace gantry::storage_overlay::test
