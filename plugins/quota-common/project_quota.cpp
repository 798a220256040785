#include "quota-common/project_quota.hpp"

#include <fcntl.h>
#include <linux/dqblk_xfs.h>
#include <linux/fs.h>
#include <linux/quota.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <system_error>

#include <gantry/sdk/error.hpp>
#include <gantry/sdk/fd.hpp>

#ifndef SYS_quotactl_fd
#define SYS_quotactl_fd 443
#endif

namespace gantry::quota {
namespace {

/// Numbers below are left to the administrator.
constexpr std::uint32_t first_project = 1U << 20;
constexpr std::uint64_t block = 512; ///< unit of d_blk_hardlimit (dqblk_xfs.h)

Error failed(const std::string& what, int error) {
  return {Code::internal, what + ": " + std::generic_category().message(error), error};
}

/// quotactl_fd(2), Linux 5.14: needs no path of the block device, which a container host may not have.
int control(int fd, int command, std::uint32_t project, void* data) {
  return static_cast<int>(::syscall(SYS_quotactl_fd, fd, static_cast<unsigned>(QCMD(command, PRJQUOTA)), project, data));
}

bool is_enforced(int fd) {
  fs_quota_statv state{};
  state.qs_version = FS_QSTATV_VERSION1;
  return control(fd, Q_XGETQSTATV, 0, &state) == 0 && (state.qs_flags & FS_QUOTA_PDQ_ENFD) != 0;
}

/// Nobody has anything in it and nobody has limited it. XFS has no record of such a project, ext4 an empty one.
bool is_free(int fd, std::uint32_t project) {
  fs_disk_quota record{};
  if (control(fd, Q_XGETQUOTA, project, &record) != 0) {
    if (errno == ENOENT) return true;
    throw failed("look for a free project id", errno);
  }
  return record.d_bcount == 0 && record.d_icount == 0 && record.d_blk_hardlimit == 0 && record.d_blk_softlimit == 0 &&
         record.d_ino_hardlimit == 0 && record.d_ino_softlimit == 0;
}

/// By chance, so that whoever else has projects on this file system needs not be asked.
std::uint32_t choose_project(int fd) {
  for (;;) {
    std::uint32_t number = 0;
    if (::getrandom(&number, sizeof number, 0) != sizeof number) throw failed("get random bytes", errno);
    number &= 0x7fffffff;
    if (number >= first_project && is_free(fd, number)) return number;
  }
}

std::uint64_t blocks_of(std::uint64_t bytes) { return (bytes + block - 1) / block; }

bool set_limit(int fd, std::uint32_t project, std::uint64_t bytes) {
  fs_disk_quota record{};
  record.d_version = FS_DQUOT_VERSION;
  record.d_id = project;
  record.d_flags = FS_PROJ_QUOTA;
  record.d_fieldmask = FS_DQ_BHARD | FS_DQ_BSOFT;
  record.d_blk_hardlimit = record.d_blk_softlimit = blocks_of(bytes);
  return control(fd, Q_XSETQLIM, project, &record) == 0;
}

UniqueFd open_directory(const std::string& path) {
  return UniqueFd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

struct Projects {
  std::uint32_t own, outer; ///< of a directory, and of the one above
};

std::optional<Projects> projects_of(const std::string& directory) {
  const UniqueFd fd = open_directory(directory), above = open_directory(directory + "/..");
  fsxattr own{}, outer{};
  if (!fd || !above || ::ioctl(fd.get(), FS_IOC_FSGETXATTR, &own) != 0 || ::ioctl(above.get(), FS_IOC_FSGETXATTR, &outer) != 0)
    return std::nullopt;
  return Projects{own.fsx_projid, outer.fsx_projid};
}

} // namespace

std::uint32_t limit_tree(const std::string& directory, std::uint64_t bytes) {
  const UniqueFd fd = open_directory(directory);
  if (!fd) throw failed("open " + directory, errno);
  fsxattr attributes{};
  if (!is_enforced(fd.get()) || ::ioctl(fd.get(), FS_IOC_FSGETXATTR, &attributes) != 0) return 0;
  const std::uint32_t project = choose_project(fd.get());
  if (!set_limit(fd.get(), project, bytes)) throw failed("set the quota of " + directory, errno);
  attributes.fsx_projid = project;
  attributes.fsx_xflags |= FS_XFLAG_PROJINHERIT;
  if (::ioctl(fd.get(), FS_IOC_FSSETXATTR, &attributes) == 0) return project;
  const int error = errno;
  (void)set_limit(fd.get(), project, 0);
  throw failed("set the project of " + directory, error);
}

std::uint32_t project_of(const std::string& directory) noexcept {
  const auto projects = projects_of(directory);
  return projects && projects->own != projects->outer ? projects->own : 0;
}

std::uint32_t project_of(const std::string& directory, std::uint64_t bytes) noexcept {
  const std::uint32_t project = project_of(directory);
  const UniqueFd fd = open_directory(directory);
  fs_disk_quota record{};
  const bool known = project != 0 && fd && control(fd.get(), Q_XGETQUOTA, project, &record) == 0;
  // ext4 keeps limits in units of 1 KiB.
  return known && (record.d_blk_hardlimit + 1) / 2 == (blocks_of(bytes) + 1) / 2 ? project : 0;
}

void forget_limit(const std::string& directory, std::uint32_t project) noexcept {
  const UniqueFd fd = open_directory(directory);
  const auto projects = projects_of(directory);
  if (!fd || !projects) return;
  // One that it has from the directory above is the administrator's.
  if (project >= first_project && project != projects->outer) (void)set_limit(fd.get(), project, 0);
  fsxattr attributes{};
  if (projects->own == projects->outer || ::ioctl(fd.get(), FS_IOC_FSGETXATTR, &attributes) != 0) return;
  // So that it can be moved next to its neighbours, see rename(2) on EXDEV.
  attributes.fsx_projid = projects->outer;
  (void)::ioctl(fd.get(), FS_IOC_FSSETXATTR, &attributes);
}

} // namespace gantry::quota
