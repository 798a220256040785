#include "files/tar_filter.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <unistd.h>

#include <memory>

#include "base/error.hpp"
#include "files/utf8_locale.hpp"

namespace gantry::files {
namespace {

constexpr std::size_t block = 256 << 10;

struct FreeReader {
  void operator()(archive* a) const { archive_read_free(a); }
};
struct FreeWriter {
  void operator()(archive* a) const { archive_write_free(a); }
};

class Filter {
 public:
  Filter(int in, int out) : reader_(archive_read_new()), writer_(archive_write_new()) {
    if (!reader_ || !writer_) throw Error(Code::resource_exhausted, "no memory to copy an archive");
    ::fcntl(in, F_SETPIPE_SZ, 1 << 20);
    archive_read_support_format_tar(reader_.get());
    archive_read_support_format_empty(reader_.get());
    check_reader(archive_read_open_fd(reader_.get(), in, block));
    archive_write_set_format_pax_restricted(writer_.get());
    archive_write_set_format_option(writer_.get(), "pax", "xattrheader", "SCHILY");
    archive_write_set_bytes_per_block(writer_.get(), block);
    archive_write_set_bytes_in_last_block(writer_.get(), 512);
    check_writer(archive_write_open_fd(writer_.get(), out));
  }

  void run(const std::function<bool(const std::string&)>& leave_out) {
    archive_entry* entry = nullptr;
    for (int result = archive_read_next_header(reader_.get(), &entry); result != ARCHIVE_EOF;
         result = archive_read_next_header(reader_.get(), &entry)) {
      check_reader(result);
      if (leave_out(plain_path(entry))) continue;
      check_writer(archive_write_header(writer_.get(), entry));
      copy_content();
    }
    check_writer(archive_write_close(writer_.get()));
  }

 private:
  static std::string plain_path(archive_entry* entry) {
    const char* name = archive_entry_pathname(entry);
    std::string path = name ? name : "";
    if (path.starts_with("./")) path.erase(0, 2);
    while (path.ends_with('/')) path.pop_back();
    return path;
  }

  void copy_content() {
    const void* data = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    for (int result = archive_read_data_block(reader_.get(), &data, &size, &offset); result != ARCHIVE_EOF;
         result = archive_read_data_block(reader_.get(), &data, &size, &offset)) {
      check_reader(result);
      check_writer(archive_write_data(writer_.get(), data, size));
    }
  }

  void check_reader(int result) {
    if (result >= ARCHIVE_WARN) return;
    const char* reason = archive_error_string(reader_.get());
    throw invalid(std::string("read a layer: ") + (reason ? reason : "unknown error"));
  }
  void check_writer(la_ssize_t result) {
    if (result >= ARCHIVE_WARN) return;
    const char* reason = archive_error_string(writer_.get());
    throw internal(std::string("write a layer: ") + (reason ? reason : "unknown error"));
  }

  Utf8Locale locale_;
  std::unique_ptr<archive, FreeReader> reader_;
  std::unique_ptr<archive, FreeWriter> writer_;
};

} // namespace

void filter_tar(int in, int out, const std::function<bool(const std::string&)>& leave_out) {
  Filter(in, out).run(leave_out);
  // What follows the end of the archive is padding; its writer is not to be stopped in the middle.
  char rest[4096];
  while (::read(in, rest, sizeof rest) > 0) {
  }
}

} // namespace gantry::files
