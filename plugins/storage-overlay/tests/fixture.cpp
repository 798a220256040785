#include "fixture.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "sha256.hpp"
#include "support/need.hpp"
#include "thread_locale.hpp"

namespace gantry::storage_overlay::test {
namespace {

UniqueFd memory_file(const std::string& bytes) {
  UniqueFd fd(::memfd_create("layer", MFD_CLOEXEC));
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t written = ::write(fd.get(), bytes.data() + done, bytes.size() - done);
    if (written <= 0) throw std::runtime_error("cannot write a memory file");
    done += static_cast<std::size_t>(written);
  }
  ::lseek(fd.get(), 0, SEEK_SET);
  return fd;
}

std::string content_of(int fd) {
  std::string bytes(static_cast<std::size_t>(::lseek(fd, 0, SEEK_END)), '\0');
  ::lseek(fd, 0, SEEK_SET);
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t got = ::read(fd, bytes.data() + done, bytes.size() - done);
    if (got <= 0) throw std::runtime_error("cannot read a memory file");
    done += static_cast<std::size_t>(got);
  }
  return bytes;
}

void fill(archive_entry* entry, const Item& item) {
  archive_entry_set_pathname(entry, item.path.c_str());
  archive_entry_set_mode(entry, item.symlink.empty() ? item.mode : S_IFLNK | 0777);
  archive_entry_set_uid(entry, item.uid);
  archive_entry_set_gid(entry, item.gid);
  archive_entry_set_mtime(entry, item.mtime, 0);
  archive_entry_set_rdev(entry, item.device);
  for (const auto& [name, value] : item.xattrs) archive_entry_xattr_add_entry(entry, name.c_str(), value.data(), value.size());
  if (!item.symlink.empty()) archive_entry_set_symlink(entry, item.symlink.c_str());
  if (!item.hardlink.empty()) archive_entry_set_hardlink(entry, item.hardlink.c_str());
  if (item.hardlink.empty() && S_ISREG(item.mode)) archive_entry_set_size(entry, static_cast<std::int64_t>(item.content.size()));
  if (item.declared_size < 0) return;
  archive_entry_set_size(entry, item.declared_size);
  archive_entry_sparse_add_entry(entry, 0, static_cast<std::int64_t>(item.content.size()));
}

la_ssize_t append(archive*, void* out, const void* data, std::size_t size) {
  static_cast<std::string*>(out)->append(static_cast<const char*>(data), size);
  return static_cast<la_ssize_t>(size);
}

} // namespace

TestCall::TestCall() : fd_(::eventfd(0, EFD_CLOEXEC)) {}
TestCall::~TestCall() { ::close(fd_); }
void TestCall::cancel() {
  cancelled_ = true;
  ::eventfd_write(fd_, 1);
}

std::string make_tar(const std::vector<Item>& items) {
  const ThreadLocale locale("C.UTF-8");
  std::string bytes;
  archive* a = archive_write_new();
  archive_write_set_format_pax_restricted(a);
  archive_write_set_bytes_in_last_block(a, 512);
  archive_write_open(a, &bytes, nullptr, append, nullptr);
  for (const auto& item : items) {
    archive_entry* entry = archive_entry_new();
    fill(entry, item);
    if (archive_write_header(a, entry) < ARCHIVE_WARN) ADD_FAILURE() << item.path << ": " << archive_error_string(a);
    if (!item.content.empty()) archive_write_data(a, item.content.data(), item.content.size());
    archive_entry_free(entry);
  }
  archive_write_close(a);
  archive_write_free(a);
  return bytes;
}

std::string sha256_of(const std::string& bytes) {
  Sha256 digest;
  digest.update(bytes.data(), bytes.size());
  return digest.finish();
}

void OverlayTest::SetUp() {
  if (const auto why = gantry::test::need_root(); !why.empty()) GTEST_SKIP() << why;
  static const bool isolated = ::unshare(CLONE_NEWNS) == 0 && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  ASSERT_TRUE(isolated) << "cannot make a mount namespace";
  std::string name = std::filesystem::temp_directory_path() / "gantry-overlay-XXXXXX";
  ASSERT_NE(::mkdtemp(name.data()), nullptr);
  dir_ = name + "/state";
  scratch_ = name + "/mnt";
  std::filesystem::create_directory(dir_);
  std::filesystem::create_directory(scratch_);
  restart();
}

void OverlayTest::TearDown() {
  driver_.reset();
  if (!dir_.empty()) std::filesystem::remove_all(std::filesystem::path(dir_).parent_path());
}

void OverlayTest::restart() {
  driver_.reset();
  host_ = std::make_unique<TestHost>(dir_);
  driver_ = std::make_unique<OverlayDriver>(*host_);
}

bool OverlayTest::trash_empties() const {
  for (int i = 0; i < 1000 && !std::filesystem::is_empty(dir_ + "/trash"); ++i) ::usleep(10'000);
  return std::filesystem::is_empty(dir_ + "/trash");
}

AppliedLayer OverlayTest::apply(const std::string& key, const std::string& tar) {
  return driver_->apply(call_, key, memory_file(tar).get());
}

AppliedLayer OverlayTest::make_layer(const std::string& name, const std::string& parent, const std::vector<Item>& items) {
  driver_->prepare(call_, "unpack", "", {});
  const AppliedLayer layer = apply("unpack", make_tar(items));
  driver_->commit(call_, name, "unpack", parent);
  return layer;
}

std::string OverlayTest::diff(const std::string& id) {
  const UniqueFd out = memory_file("");
  driver_->diff(call_, id, out.get());
  return content_of(out.get());
}

std::string OverlayTest::export_tree(const std::string& id) {
  const UniqueFd out = memory_file("");
  driver_->export_tree(call_, id, out.get());
  return content_of(out.get());
}

std::string OverlayTest::refusal(const std::string& tar, Code code) {
  driver_->prepare(call_, "refused", "", {});
  std::string sentence;
  try {
    apply("refused", tar);
    ADD_FAILURE() << "the tar was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    sentence = error.what();
  }
  driver_->remove(call_, "refused");
  return sentence;
}

struct stat OverlayTest::stat_of(const std::string& path) const {
  struct stat info {};
  EXPECT_EQ(::lstat(path.c_str(), &info), 0) << path;
  return info;
}

std::string OverlayTest::read(const std::string& path) const {
  std::ifstream file(path);
  EXPECT_TRUE(file.good()) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

OverlayTest::Mounted::Mounted(const std::vector<Mount>& mounts, const std::string& target) : target_(target) {
  const Mount& described = mounts.at(0);
  if (described.type == "bind") {
    EXPECT_EQ(::mount(described.source.c_str(), target_.c_str(), nullptr, MS_BIND | MS_REC, nullptr), 0);
    return;
  }
  std::string data;
  unsigned long flags = 0;
  for (const auto& option : described.options) {
    if (option == "ro") {
      flags |= MS_RDONLY;
    } else {
      data += (data.empty() ? "" : ",") + option;
    }
  }
  EXPECT_EQ(::mount("overlay", target_.c_str(), "overlay", flags, data.c_str()), 0) << data << ": " << strerror(errno);
}

OverlayTest::Mounted::~Mounted() { EXPECT_EQ(::umount2(target_.c_str(), 0), 0); }

} // namespace gantry::storage_overlay::test
