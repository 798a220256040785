#include "images/decompress.hpp"

#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <isa-l/igzip_lib.h>

#include "base/error.hpp"
#include "images/archive_handle.hpp"
#include "images/expansion_guard.hpp"

namespace gantry::images {
namespace {

using namespace std::string_view_literals;
constexpr std::size_t chunk = 256 << 10;

Error broken(const std::string& why) { return invalid("layer cannot be decompressed: " + why); }

/// The packed side: what was read for the detection first, then the rest. Counts.
class Input {
 public:
  explicit Input(const ByteReader& read) : read_(read), buffer_(chunk) { fill_head(); }

  std::string_view head() const { return {buffer_.data(), size_}; }
  /// The next bytes, empty at the end; valid until the next call.
  std::string_view next() {
    if (!head_taken_) {
      head_taken_ = true;
      if (size_) return head();
    }
    size_ = read_(buffer_.data(), buffer_.size());
    count_ += size_;
    return {buffer_.data(), size_};
  }
  std::uint64_t count() const { return count_; }

 private:
  void fill_head() {
    while (size_ < packing_head) {
      auto n = read_(buffer_.data() + size_, buffer_.size() - size_);
      if (n == 0) break;
      size_ += n;
    }
    count_ = size_;
  }

  const ByteReader& read_;
  std::vector<char> buffer_;
  std::size_t size_ = 0;
  bool head_taken_ = false;
  std::uint64_t count_ = 0;
};

/// The unpacked side: stops bombs.
class Output {
 public:
  Output(const Input& input, const ByteSink& sink) : input_(input), sink_(sink) {}
  bool put(std::string_view bytes) {
    count_ += bytes.size();
    check_expansion(input_.count(), count_);
    return bytes.empty() || sink_(bytes);
  }

 private:
  const Input& input_;
  const ByteSink& sink_;
  std::uint64_t count_ = 0;
};

/// gzip: members one after the other; zeros behind the last are padding.
class Gunzip {
 public:
  Gunzip(Input& input, Output& output) : input_(input), output_(output), out_(chunk) { begin_member(); }

  void run() {
    for (std::string_view bytes; !(bytes = input_.next()).empty();)
      if (!take(bytes)) return;
    if (state_->block_state != ISAL_BLOCK_FINISH) throw broken("unexpected end of gzip data");
  }

 private:
  void begin_member() {
    isal_inflate_init(state_.get());
    state_->crc_flag = ISAL_GZIP;
  }

  bool take(std::string_view bytes) {
    if (state_->block_state == ISAL_BLOCK_FINISH && !next_member(bytes)) return true;
    state_->next_in = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data()));
    state_->avail_in = static_cast<std::uint32_t>(bytes.size());
    for (;;) {
      if (!inflate_once()) return false;
      if (state_->block_state == ISAL_BLOCK_FINISH) {
        std::string_view rest(reinterpret_cast<char*>(state_->next_in), state_->avail_in);
        if (!next_member(rest)) return true;
        state_->next_in = reinterpret_cast<unsigned char*>(const_cast<char*>(rest.data()));
        state_->avail_in = static_cast<std::uint32_t>(rest.size());
      } else if (state_->avail_in == 0 && state_->avail_out != 0) {
        return true;
      }
    }
  }

  /// Whether more data follows; `rest` begins with it.
  bool next_member(std::string_view& rest) {
    auto start = rest.find_first_not_of('\0');
    padded_ = padded_ || start != 0;
    if (start == rest.npos) return false;
    if (padded_ || rest[start] != '\x1f') throw broken("garbage behind the end of gzip data");
    begin_member();
    return true;
  }

  bool inflate_once() {
    state_->next_out = reinterpret_cast<unsigned char*>(out_.data());
    state_->avail_out = static_cast<std::uint32_t>(out_.size());
    if (auto code = isal_inflate(state_.get()); code != ISAL_DECOMP_OK && code != ISAL_END_INPUT)
      throw broken(code == ISAL_INCORRECT_CHECKSUM ? "wrong checksum in gzip data" : "damaged gzip data");
    return output_.put({out_.data(), out_.size() - state_->avail_out});
  }

  Input& input_;
  Output& output_;
  std::unique_ptr<inflate_state> state_ = std::make_unique<inflate_state>();
  std::vector<char> out_;
  bool padded_ = false;
};

void unzstd(Input& input, Output& output) {
  std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
  if (!context) throw Error(Code::resource_exhausted, "out of memory");
  // A frame may ask for a window of any size: 128 MiB is what `zstd --ultra -22` uses.
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, 27);
  std::vector<char> buffer(chunk);
  std::size_t left = 0;
  for (std::string_view bytes; !(bytes = input.next()).empty();) {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    for (bool full = true; in.pos < in.size || full;) {
      ZSTD_outBuffer out{buffer.data(), buffer.size(), 0};
      left = ZSTD_decompressStream(context.get(), &out, &in);
      if (ZSTD_isError(left)) throw broken(std::string("zstd: ") + ZSTD_getErrorName(left));
      if (!output.put({buffer.data(), out.pos})) return;
      full = out.pos == out.size;
    }
  }
  if (left != 0) throw broken("unexpected end of zstd data");
}

la_ssize_t read_for_archive(archive*, void* input, const void** buffer) {
  auto bytes = static_cast<Input*>(input)->next();
  *buffer = bytes.data();
  return static_cast<la_ssize_t>(bytes.size());
}

/// bzip2 and xz, which layers in archives of other tools may have.
void unpack_other(Input& input, Output& output) {
  auto reader = make_archive_reader();
  archive_read_support_format_raw(reader.get());
  archive_entry* entry = nullptr;
  if (archive_read_open(reader.get(), &input, nullptr, read_for_archive, nullptr) != ARCHIVE_OK ||
      archive_read_next_header(reader.get(), &entry) != ARCHIVE_OK)
    throw broken(archive_reason(reader.get()));
  std::vector<char> buffer(chunk);
  for (;;) {
    auto n = archive_read_data(reader.get(), buffer.data(), buffer.size());
    if (n < 0) throw broken(archive_reason(reader.get()));
    if (n == 0 || !output.put({buffer.data(), static_cast<std::size_t>(n)})) return;
  }
}

void copy(Input& input, Output& output) {
  for (std::string_view bytes; !(bytes = input.next()).empty();)
    if (!output.put(bytes)) return;
}

} // namespace

Packing packing_of(std::string_view head) {
  if (head.starts_with("\x1f\x8b"sv)) return Packing::gzip;
  if (head.starts_with("\x28\xb5\x2f\xfd"sv)) return Packing::zstd;
  if (head.starts_with("BZh"sv) || head.starts_with("\xfd"
                                                    "7zXZ\0"sv))
    return Packing::other;
  return Packing::plain;
}

void decompress(const ByteReader& read, const ByteSink& sink) {
  Input input(read);
  Output output(input, sink);
  switch (packing_of(input.head())) {
    case Packing::gzip:
      return Gunzip(input, output).run();
    case Packing::zstd:
      return unzstd(input, output);
    case Packing::other:
      return unpack_other(input, output);
    case Packing::plain:
      return copy(input, output);
  }
}

} // namespace gantry::images
