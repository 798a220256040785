#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

namespace gantry::images {

/// Fills the buffer with at least one byte, fewer than asked for are normal; 0 at the end. Blocks; throws what went wrong.
using ByteReader = std::function<std::size_t(char* buffer, std::size_t size)>;
/// Takes bytes; false when nobody wants more of them.
using ByteSink = std::function<bool(std::string_view)>;

/// How the bytes of a layer are packed, by their first bytes.
enum class Packing { plain, gzip, zstd, other };

/// Bytes that `packing_of` needs to see.
inline constexpr std::size_t packing_head = 6;
Packing packing_of(std::string_view head);

/// Unpacks everything that `read` gives into `sink`: gzip (with ISA-L: several times as fast as zlib), zstd, bzip2, xz, or as it
/// is. Memory does not grow with the data. invalid for damaged data, for an early end, and for a decompression bomb.
void decompress(const ByteReader& read, const ByteSink& sink);

} // namespace gantry::images
