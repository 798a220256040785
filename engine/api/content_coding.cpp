#include "api/content_coding.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>

#include "base/error.hpp"

namespace gantry::api {
namespace {

struct Offer {
  Coding coding;
  std::string_view name;
};
/// "deflate" is the bare stream, as in Docker.
constexpr std::array offers = {Offer{Coding::gzip, "gzip"}, Offer{Coding::deflate, "deflate"}};

std::string trimmed_lower(std::string_view text) {
  std::string word;
  for (const char c : text) {
    if (c != ' ' && c != '\t') word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return word;
}

/// "gzip;q=0.5"
struct Choice {
  std::string name;
  double weight = 1;
};

Choice parse_choice(std::string_view text) {
  const std::string word = trimmed_lower(text);
  const std::size_t semicolon = word.find(";q=");
  if (semicolon == std::string::npos) return {word.substr(0, word.find(';')), 1};
  return {word.substr(0, semicolon), std::strtod(word.c_str() + semicolon + 3, nullptr)};
}

} // namespace

Coding negotiated_coding(std::string_view accept) {
  Coding best = Coding::identity;
  double weight = 0;
  for (const Offer& offer : offers) {
    for (std::string_view rest = accept; !rest.empty();) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      const Choice choice = parse_choice(rest.substr(0, comma));
      rest.remove_prefix(std::min(comma + 1, rest.size()));
      if ((choice.name != offer.name && choice.name != "*") || !(choice.weight > weight)) continue;
      best = offer.coding;
      weight = choice.weight;
    }
  }
  return best;
}

const char* coding_name(Coding coding) {
  for (const Offer& offer : offers) {
    if (offer.coding == coding) return offer.name.data();
  }
  return nullptr;
}

struct Encoder::Deflate {
  z_stream stream{};
  bool ended = false;
};

Encoder::Encoder(Coding coding) {
  if (coding == Coding::identity) return;
  deflate_ = std::make_unique<Deflate>();
  // Fast rather than small: the daemon is to stay faster than the link. Window bits as zlib.h has them: +16 for gzip's frame,
  // negative for none.
  const int window = coding == Coding::gzip ? MAX_WBITS + 16 : -MAX_WBITS;
  if (deflateInit2(&deflate_->stream, Z_BEST_SPEED, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw internal("zlib cannot be used");
}

Encoder::~Encoder() {
  if (deflate_) deflateEnd(&deflate_->stream);
}

std::string Encoder::next(const std::function<std::string()>& read) {
  if (!deflate_) return read();
  std::string packed;
  z_stream& stream = deflate_->stream;
  while (packed.empty() && !deflate_->ended) {
    std::string plain = read();
    deflate_->ended = plain.empty();
    stream.next_in = reinterpret_cast<Bytef*>(plain.data());
    stream.avail_in = static_cast<uInt>(plain.size());
    std::string piece(64 << 10, '\0');
    do {
      stream.next_out = reinterpret_cast<Bytef*>(piece.data());
      stream.avail_out = static_cast<uInt>(piece.size());
      (void)deflate(&stream, deflate_->ended ? Z_FINISH : Z_NO_FLUSH); // Z_BUF_ERROR: there was nothing to do
      packed.append(piece, 0, piece.size() - stream.avail_out);
    } while (stream.avail_out == 0);
  }
  return packed;
}

} // namespace gantry::api
