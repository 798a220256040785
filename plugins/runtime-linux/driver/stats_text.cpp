#include "driver/stats_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

namespace gantry::runtime_linux {
namespace {

/// Calls `f` with each line.
template <class F>
void each_line(std::string_view text, F f) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    f(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

/// Takes the next word off the line; empty at its end.
std::string_view next_word(std::string_view& line) {
  const std::size_t begin = std::min(line.find_first_not_of(" \t"), line.size());
  line.remove_prefix(begin);
  const std::string_view word = line.substr(0, line.find_first_of(" \t"));
  line.remove_prefix(word.size());
  return word;
}

bool is_number(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// "0.25"
bool is_decimal(std::string_view word) {
  const std::size_t dot = word.find('.');
  return is_number(word.substr(0, dot)) && (dot == std::string_view::npos || is_number(word.substr(dot + 1)));
}

/// Writes what separates members and items: nothing before the first.
class Comma {
 public:
  explicit Comma(std::string& out) : out_(out) {}
  std::string& next() {
    if (!first_) out_ += ',';
    first_ = false;
    return out_;
  }

 private:
  std::string& out_;
  bool first_ = true;
};

void append_member(std::string& out, std::string_view name, std::string_view number) {
  ((out += '"') += name) += "\":";
  out += number;
}

// Sorted, to be searched by halves.
constexpr std::array<std::string_view, 15> parts_v1 = {"active_anon",   "active_file", "cache",    "dirty",       "inactive_anon",
                                                       "inactive_file", "mapped_file", "pgfault",  "pgmajfault",  "pgpgin",
                                                       "pgpgout",       "rss",         "rss_huge", "unevictable", "writeback"};
constexpr std::array<std::string_view, 31> parts_v2 = {"active_anon",
                                                       "active_file",
                                                       "anon",
                                                       "anon_thp",
                                                       "file",
                                                       "file_dirty",
                                                       "file_mapped",
                                                       "file_writeback",
                                                       "inactive_anon",
                                                       "inactive_file",
                                                       "kernel_stack",
                                                       "pgactivate",
                                                       "pgdeactivate",
                                                       "pgfault",
                                                       "pglazyfree",
                                                       "pglazyfreed",
                                                       "pgmajfault",
                                                       "pgrefill",
                                                       "pgscan",
                                                       "pgsteal",
                                                       "shmem",
                                                       "slab",
                                                       "slab_reclaimable",
                                                       "slab_unreclaimable",
                                                       "sock",
                                                       "thp_collapse_alloc",
                                                       "thp_fault_alloc",
                                                       "unevictable",
                                                       "workingset_activate",
                                                       "workingset_nodereclaim",
                                                       "workingset_refault"};
static_assert(std::is_sorted(parts_v1.begin(), parts_v1.end()) && std::is_sorted(parts_v2.begin(), parts_v2.end()));

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::binary_search(names.begin(), names.end(), name);
}

bool is_part_v1(std::string_view name) {
  if (name.starts_with("hierarchical_")) return true;
  if (name.starts_with("total_")) name.remove_prefix(6);
  return contains(parts_v1, name);
}

template <class Wanted>
void append_pairs(std::string& out, std::string_view text, Wanted wanted) {
  out += '{';
  Comma comma(out);
  each_line(text, [&](std::string_view line) {
    const std::string_view name = next_word(line), value = next_word(line);
    if (wanted(name) && is_number(value)) append_member(comma.next(), name, value);
  });
  out += '}';
}

/// "8:16" → major and minor; false when it is something else.
bool split_device(std::string_view word, std::string_view& major, std::string_view& minor) {
  const std::size_t colon = word.find(':');
  if (colon == std::string_view::npos) return false;
  major = word.substr(0, colon);
  minor = word.substr(colon + 1);
  return is_number(major) && is_number(minor);
}

struct BlockIo {
  std::string_view major, minor, op, value;
};

void append_block_io(std::string& out, const BlockIo& io) {
  out += '{';
  append_member(out, "major", io.major);
  append_member(out += ',', "minor", io.minor);
  ((out += ",\"op\":\"") += io.op) += "\",";
  append_member(out, "value", io.value);
  out += '}';
}

/// An interface may be called almost anything.
void append_name(std::string& out, std::string_view name) {
  out += nlohmann::json(std::string(name)).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace

std::uint64_t pair_value(std::string_view text, std::string_view name) {
  std::uint64_t value = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = text.substr(begin, end - begin);
    begin = end + 1;
    if (!line.starts_with(name) || next_word(line) != name) continue;
    const std::string_view number = next_word(line);
    std::from_chars(number.data(), number.data() + number.size(), value);
    break;
  }
  return value;
}

std::uint64_t sum_of(std::string_view text) {
  std::uint64_t sum = 0;
  for (std::string_view word = next_word(text); !word.empty(); word = next_word(text)) {
    std::uint64_t value = 0;
    std::from_chars(word.data(), word.data() + word.size(), value);
    sum += value;
  }
  return sum;
}

void append_memory_parts_v1(std::string& out, std::string_view text) { append_pairs(out, text, is_part_v1); }

void append_memory_parts_v2(std::string& out, std::string_view text) {
  append_pairs(out, text, [](std::string_view name) { return contains(parts_v2, name); });
}

void append_numbers(std::string& out, std::string_view text) {
  out += '[';
  Comma comma(out);
  for (std::string_view word = next_word(text); !word.empty(); word = next_word(text))
    if (is_number(word)) comma.next() += word;
  out += ']';
}

void append_block_io_v1(std::string& out, std::string_view text) {
  out += '[';
  Comma comma(out);
  each_line(text, [&](std::string_view line) {
    BlockIo io;
    if (!split_device(next_word(line), io.major, io.minor)) return; // the total
    io.op = next_word(line);
    io.value = next_word(line);
    if (is_number(io.value)) append_block_io(comma.next(), io);
  });
  out += ']';
}

void append_block_io_v2(std::string& out, std::string_view text, bool bytes) {
  const std::string_view read = bytes ? "rbytes=" : "rios=", written = bytes ? "wbytes=" : "wios=";
  out += '[';
  Comma comma(out);
  each_line(text, [&](std::string_view line) {
    BlockIo io;
    if (!split_device(next_word(line), io.major, io.minor)) return;
    for (std::string_view word = next_word(line); !word.empty(); word = next_word(line)) {
      if (!word.starts_with(read) && !word.starts_with(written)) continue;
      io.op = word.starts_with(read) ? "read" : "write";
      io.value = word.substr(word.find('=') + 1);
      if (is_number(io.value)) append_block_io(comma.next(), io);
    }
  });
  out += ']';
}

bool append_networks(std::string& out, std::string_view text) {
  constexpr const char* columns[] = {"rx_bytes", "rx_packets", "rx_errors", "rx_dropped", "",          "",
                                     "",         "",           "tx_bytes",  "tx_packets", "tx_errors", "tx_dropped"};
  const std::size_t before = out.size();
  out += '{';
  Comma interfaces(out);
  bool any = false;
  each_line(text, [&](std::string_view line) {
    const std::size_t colon = line.rfind(':'); // a name may contain one
    if (colon == std::string_view::npos) return;
    std::string_view head = line.substr(0, colon);
    line.remove_prefix(colon + 1);
    const std::string_view name = next_word(head);
    if (name.empty() || name == "lo") return;
    any = true;
    append_name(interfaces.next(), name);
    out += ":{";
    Comma members(out);
    for (const char* column : columns) {
      const std::string_view value = next_word(line);
      if (*column) append_member(members.next(), column, is_number(value) ? value : "0");
    }
    out += '}';
  });
  out += '}';
  if (!any) out.resize(before);
  return any;
}

void append_pressure(std::string& out, std::string_view text) {
  out += '{';
  Comma kinds(out);
  each_line(text, [&](std::string_view line) {
    const std::string_view kind = next_word(line);
    if (kind != "some" && kind != "full") return;
    ((kinds.next() += '"') += kind) += "\":{";
    Comma members(out);
    for (std::string_view word = next_word(line); !word.empty(); word = next_word(line)) {
      const std::size_t equals = std::min(word.find('='), word.size() - 1);
      const std::string_view name = word.substr(0, equals), value = word.substr(equals + 1);
      const bool known = name == "avg10" || name == "avg60" || name == "avg300" || name == "total";
      if (known && is_decimal(value)) append_member(members.next(), name, value);
    }
    out += '}';
  });
  out += '}';
}

} // namespace gantry::runtime_linux
