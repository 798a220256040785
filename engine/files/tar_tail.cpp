#include "files/tar_tail.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <set>

#include "files/tar_pass.hpp"

namespace gantry::files {
namespace {

constexpr TarField mode_field{100, 8}, uid_field{108, 8}, gid_field{116, 8}, mtime_field{136, 12}, link_field{157, 100},
    magic_field{257, 8};

void put_number(TarBlock& block, TarField field, std::uint64_t value) {
  std::snprintf(block.data() + field.at, field.size, "%0*llo", static_cast<int>(field.size - 1),
                static_cast<unsigned long long>(value));
}

void put_text(TarBlock& block, TarField field, const std::string& value) {
  std::memcpy(block.data() + field.at, value.data(), std::min(value.size(), field.size));
}

TarBlock header_of(const TarItem& item, std::int64_t mtime_s) {
  TarBlock block{};
  put_text(block, tar_name, item.path + (item.kind == '5' ? "/" : ""));
  put_text(block, link_field, item.target);
  put_text(block, magic_field, std::string("ustar\00000", 8));
  put_number(block, mode_field, item.kind == '2' ? 0777 : item.mode);
  put_number(block, uid_field, 0);
  put_number(block, gid_field, 0);
  put_number(block, tar_size, 0);
  put_number(block, mtime_field, static_cast<std::uint64_t>(std::max<std::int64_t>(mtime_s, 0)));
  block[tar_kind_at] = item.kind;
  std::snprintf(block.data() + tar_checksum.at, tar_checksum.size, "%06o", tar_checksum_of(block));
  block[tar_checksum.at + 7] = ' ';
  return block;
}

} // namespace

void copy_tar_with(int in, int out, const std::vector<TarItem>& items, std::int64_t mtime_s) {
  TarPass tar(in, out);
  std::set<std::string> paths;
  while (const auto path = tar.next()) {
    paths.insert(*path);
    tar.take();
  }
  for (const auto& item : items) {
    if (paths.contains(item.path)) continue;
    const TarBlock header = header_of(item, mtime_s);
    tar.write(header.data(), header.size());
  }
  tar.finish();
}

} // namespace gantry::files
