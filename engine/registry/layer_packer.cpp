#include "registry/layer_packer.hpp"

#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <thread>
#include <vector>

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>

#include "base/error.hpp"

namespace gantry::registry {
namespace {

constexpr std::size_t block_size = 1 << 20;
constexpr std::size_t blocks_at_once = 4;
constexpr int zstd_level = 3;
/// The best that ISA-L offers; still several times as fast as zlib's default.
constexpr std::uint32_t gzip_level = 2, level_buffer = ISAL_DEF_LVL2_DEFAULT;

/// Fills the buffer unless the file ends.
std::size_t read_full(int fd, char* buffer, std::size_t size) {
  std::size_t got = 0;
  while (got < size) {
    auto n = ::read(fd, buffer + got, size - got);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw os_error("read a layer", errno);
    if (n == 0) break;
    got += static_cast<std::size_t>(n);
  }
  return got;
}

/// One piece of the tar, and what it becomes: raw deflate data that ends on a byte and refers to nothing before it.
struct Block {
  std::vector<char> in = std::vector<char>(block_size), out = std::vector<char>(block_size + (64 << 10)),
                    level = std::vector<char>(level_buffer);
  std::size_t size = 0, packed = 0;
  bool failed = false;

  void deflate() {
    auto stream = std::make_unique<isal_zstream>();
    isal_deflate_stateless_init(stream.get());
    stream->level = gzip_level;
    stream->level_buf = reinterpret_cast<unsigned char*>(level.data());
    stream->level_buf_size = level_buffer;
    stream->flush = FULL_FLUSH;
    stream->end_of_stream = 0;
    stream->next_in = reinterpret_cast<unsigned char*>(in.data());
    stream->avail_in = static_cast<std::uint32_t>(size);
    stream->next_out = reinterpret_cast<unsigned char*>(out.data());
    stream->avail_out = static_cast<std::uint32_t>(out.size());
    failed = isal_deflate_stateless(stream.get()) != COMP_OK || stream->avail_in != 0;
    packed = out.size() - stream->avail_out;
  }
};

void append_le32(std::string& text, std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) text += static_cast<char>(value >> shift & 0xff);
}

void deflate_all(std::vector<Block>& blocks, std::size_t count) {
  const std::size_t threads = std::min<std::size_t>(count, std::max(1U, std::thread::hardware_concurrency()));
  std::vector<std::thread> running;
  auto work = [&](std::size_t first) {
    for (std::size_t i = first; i < count; i += threads) blocks[i].deflate();
  };
  for (std::size_t t = 1; t < threads; ++t) running.emplace_back(work, t);
  work(0);
  for (auto& thread : running) thread.join();
}

void pack_gzip(int in, images::ReceivedWriter& writer, Cancel& cancel) {
  using namespace std::string_view_literals;
  writer.write("\x1f\x8b\x08\0\0\0\0\0\0\xff"sv);
  std::vector<Block> blocks(blocks_at_once);
  std::uint32_t crc = 0;
  std::uint64_t total = 0;
  for (bool more = true; more;) {
    cancel.check();
    std::size_t count = 0;
    for (; count < blocks.size() && more; ++count) {
      auto& block = blocks[count];
      block.size = read_full(in, block.in.data(), block_size);
      more = block.size == block_size;
      if (block.size == 0) break;
      crc = crc32_gzip_refl(crc, reinterpret_cast<unsigned char*>(block.in.data()), block.size);
      total += block.size;
    }
    deflate_all(blocks, count);
    for (std::size_t i = 0; i < count; ++i) {
      if (blocks[i].failed) throw internal("a layer cannot be compressed");
      writer.write({blocks[i].out.data(), blocks[i].packed});
    }
  }
  std::string end("\x03\0"sv); // an empty last block
  append_le32(end, crc);
  append_le32(end, static_cast<std::uint32_t>(total));
  writer.write(end);
}

void pack_zstd(int in, images::ReceivedWriter& writer, Cancel& cancel) {
  std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> context(ZSTD_createCCtx(), ZSTD_freeCCtx);
  if (!context) throw Error(Code::resource_exhausted, "out of memory");
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, zstd_level);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_nbWorkers, 2);
  std::vector<char> buffer(block_size), packed(ZSTD_CStreamOutSize());
  for (bool more = true; more;) {
    cancel.check();
    const auto size = read_full(in, buffer.data(), buffer.size());
    more = size == buffer.size();
    ZSTD_inBuffer input{buffer.data(), size, 0};
    for (std::size_t left = 1; input.pos < input.size || (!more && left != 0);) {
      ZSTD_outBuffer output{packed.data(), packed.size(), 0};
      left = ZSTD_compressStream2(context.get(), &output, &input, more ? ZSTD_e_continue : ZSTD_e_end);
      if (ZSTD_isError(left)) throw internal(std::string("a layer cannot be compressed: ") + ZSTD_getErrorName(left));
      writer.write({packed.data(), output.pos});
    }
  }
}

} // namespace

images::ReceivedFile pack_layer(int in, const std::string& path, const std::string& packing, Cancel& cancel) {
  images::ReceivedWriter writer(path);
  if (packing == "zstd")
    pack_zstd(in, writer, cancel);
  else
    pack_gzip(in, writer, cancel);
  return writer.finish();
}

} // namespace gantry::registry
