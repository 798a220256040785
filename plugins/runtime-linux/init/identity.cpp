#include "init/identity.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cstdio>
#include <cstring>

#include "init/report.hpp"
#include "init/root_path.hpp"

namespace gantry::runtime_linux::init {
namespace {

/// A piece of a database that is mapped read-only.
struct Text {
  const char* data = "";
  std::size_t size = 0;

  bool equals(const char* s) const { return std::strlen(s) == size && !std::memcmp(data, s, size); }
  bool empty() const { return size == 0; }
  /// Cuts off and returns what comes before `separator` (or everything).
  Text take(char separator) {
    const void* found = size ? std::memchr(data, separator, size) : nullptr;
    const std::size_t n = found ? static_cast<std::size_t>(static_cast<const char*>(found) - data) : size;
    const Text piece{data, n};
    data += found ? n + 1 : n;
    size -= found ? n + 1 : n;
    return piece;
  }
  bool contains_item(Text item) const {
    for (Text rest = *this; !rest.empty();) {
      const Text one = rest.take(',');
      if (one.size == item.size && !std::memcmp(one.data, item.data, one.size)) return true;
    }
    return false;
  }
};

constexpr off_t max_database = 64 << 20;
constexpr std::uint64_t max_id = 0x7fffffff;

/// The whole file; empty when it is missing or no regular file. It stays mapped: exec drops it.
Text read_database(int root, const char* path) {
  const int fd = open_file_in_root(root, path);
  if (fd < 0) return {};
  struct stat info {};
  Text text;
  if (::fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0) {
    if (info.st_size > max_database) fail(0, "%s is larger than 64 MiB", path);
    void* map = ::mmap(nullptr, static_cast<std::size_t>(info.st_size), PROT_READ, MAP_PRIVATE, fd, 0);
    if (map != MAP_FAILED) text = {static_cast<const char*>(map), static_cast<std::size_t>(info.st_size)};
  }
  ::close(fd);
  return text;
}

/// Decimal number of at most 18 digits: what no id can be is a number all the same.
bool parse_number(Text text, std::uint64_t& value) {
  if (text.empty() || text.size > 18) return false;
  value = 0;
  for (std::size_t i = 0; i < text.size; ++i) {
    if (text.data[i] < '0' || text.data[i] > '9') return false;
    value = value * 10 + static_cast<std::uint64_t>(text.data[i] - '0');
  }
  return true;
}

void check_range(std::uint64_t id) {
  if (id > max_id) fail_because(ControlReason::user_not_found, 0, "uids and gids must be in range 0-2147483647");
}

/// name:password:number:rest — the start of a line of either database.
struct Entry {
  Text name, rest;
  std::uint64_t number = 0;
};

bool next_entry(Text& database, Entry& entry) {
  while (!database.empty()) {
    Text line = database.take('\n');
    if (line.empty() || line.data[0] == '#') continue;
    entry.name = line.take(':');
    line.take(':');
    if (!parse_number(line.take(':'), entry.number)) continue;
    entry.rest = line;
    return true;
  }
  return false;
}

void copy_home(Text home, Identity& identity) {
  if (home.empty() || home.size >= sizeof identity.home) return;
  std::memcpy(identity.home, home.data, home.size);
  identity.home[home.size] = '\0';
}

void add_group(Identity& identity, std::uint64_t gid) {
  check_range(gid);
  for (int i = 0; i < identity.group_count; ++i)
    if (identity.groups[i] == gid) return;
  if (identity.group_count == max_groups) fail(0, "more than %d supplementary groups", max_groups);
  identity.groups[identity.group_count++] = static_cast<gid_t>(gid);
}

/// Finds the user and fills uid, gid and home. Returns its name when it has an entry.
Text find_user(Text passwd, Text user, Identity& identity) {
  std::uint64_t wanted = identity.uid;
  const bool numeric = user.empty() || parse_number(user, wanted);
  Entry entry;
  while (next_entry(passwd, entry)) {
    const bool same = entry.name.size == user.size && !std::memcmp(entry.name.data, user.data, user.size);
    if (numeric ? entry.number != wanted : !same) continue;
    std::uint64_t gid = 0;
    parse_number(entry.rest.take(':'), gid);
    entry.rest.take(':');
    check_range(entry.number);
    check_range(gid);
    identity.uid = static_cast<uid_t>(entry.number);
    if (!user.empty()) identity.gid = static_cast<gid_t>(gid);
    copy_home(entry.rest.take(':'), identity);
    return entry.name;
  }
  if (!numeric)
    fail_because(ControlReason::user_not_found, 0, "unable to find user %.*s: no matching entries in passwd file",
                 static_cast<int>(user.size), user.data);
  check_range(wanted);
  identity.uid = static_cast<uid_t>(wanted);
  return {};
}

std::uint64_t find_group(Text groups, Text wanted) {
  std::uint64_t number = 0;
  const bool numeric = parse_number(wanted, number);
  Entry entry;
  while (next_entry(groups, entry)) {
    const bool same = entry.name.size == wanted.size && !std::memcmp(entry.name.data, wanted.data, wanted.size);
    if (same || (numeric && entry.number == number)) return entry.number;
  }
  if (!numeric)
    fail_because(ControlReason::user_not_found, 0, "unable to find group %.*s: no matching entries in group file",
                 static_cast<int>(wanted.size), wanted.data);
  return number;
}

void add_memberships(Text groups, Text user, Identity& identity) {
  Entry entry;
  while (next_entry(groups, entry))
    if (entry.rest.contains_item(user)) add_group(identity, entry.number);
}

} // namespace

void resolve_identity(const PlanView& plan, Identity& identity) {
  const PlanProcess& process = plan->process;
  identity.uid = process.uid;
  identity.gid = process.gid;
  const int root = ::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  const Text passwd = read_database(root, "/etc/passwd");
  const Text groups = read_database(root, "/etc/group");
  ::close(root);

  const char* spelled = plan.string(process.user);
  Text group{spelled, std::strlen(spelled)};
  const Text user = group.take(':');
  const Text name = find_user(passwd, user, identity);
  if (!group.empty()) {
    const std::uint64_t gid = find_group(groups, group);
    check_range(gid);
    identity.gid = static_cast<gid_t>(gid);
  }
  add_group(identity, identity.gid);
  if (group.empty() && !name.empty() && *spelled) add_memberships(groups, name, identity);
  for (const std::uint32_t gid : plan.array<std::uint32_t>(process.additional_gids)) add_group(identity, gid);
  for (const Slice wanted : plan.strings(process.groups)) {
    const char* text = plan.string(wanted);
    add_group(identity, find_group(groups, {text, std::strlen(text)}));
  }
}

} // namespace gantry::runtime_linux::init
