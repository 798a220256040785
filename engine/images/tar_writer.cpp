#include "images/tar_writer.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "base/error.hpp"
#include "images/archive_handle.hpp"

namespace gantry::images {
namespace {

constexpr int block_size = 256 << 10, tar_record = 10240;

} // namespace

TarWriter::TarWriter(UniqueFd out) : out_(std::move(out)), tar_(archive_write_new(), archive_write_free) {
  archive_write_set_format_pax_restricted(tar_.get());
  archive_write_set_bytes_per_block(tar_.get(), block_size);
  archive_write_set_bytes_in_last_block(tar_.get(), tar_record); // as every tar ends
  if (archive_write_open_fd(tar_.get(), out_.get()) != ARCHIVE_OK)
    throw internal("write an archive: " + archive_reason(tar_.get()));
}

TarWriter::~TarWriter() = default;

void TarWriter::header(const std::string& path, std::uint64_t size) {
  std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(archive_entry_new(), archive_entry_free);
  archive_entry_set_pathname(entry.get(), path.c_str());
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0644);
  archive_entry_set_mtime(entry.get(), 0, 0);
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(size));
  if (archive_write_header(tar_.get(), entry.get()) != ARCHIVE_OK)
    throw unavailable("write an archive: " + archive_reason(tar_.get()));
}

void TarWriter::data(std::string_view bytes) {
  if (archive_write_data(tar_.get(), bytes.data(), bytes.size()) != static_cast<la_ssize_t>(bytes.size()))
    throw unavailable("write an archive: " + archive_reason(tar_.get()));
}

void TarWriter::add(const std::string& path, std::string_view content) {
  header(path, content.size());
  data(content);
}

void TarWriter::add(const std::string& path, int from, std::uint64_t size) {
  header(path, size);
  std::vector<char> buffer(block_size);
  for (std::uint64_t left = size; left > 0;) {
    auto n = ::read(from, buffer.data(), std::min<std::uint64_t>(buffer.size(), left));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw os_error("read " + path, errno);
    if (n == 0) throw Error(Code::data_loss, path + " is shorter than it was");
    data({buffer.data(), static_cast<std::size_t>(n)});
    left -= static_cast<std::uint64_t>(n);
  }
}

void TarWriter::finish() {
  if (archive_write_close(tar_.get()) != ARCHIVE_OK) throw unavailable("write an archive: " + archive_reason(tar_.get()));
}

} // namespace gantry::images
