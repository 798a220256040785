#include "containers/names.hpp"

#include <algorithm>
#include <array>
#include <random>

#include "base/error.hpp"

namespace gantry::containers {
namespace {

constexpr std::array<std::string_view, 64> adjectives = {
    "agile",   "airy",   "amber",   "ample",   "apt",    "balmy", "bold",   "brisk",   "calm",    "candid", "civil",
    "clever",  "cosmic", "crisp",   "curious", "dapper", "deft",  "eager",  "early",   "earnest", "fair",   "fleet",
    "fond",    "frank",  "gentle",  "gilded",  "glad",   "grand", "hardy",  "honest",  "humble",  "jovial", "keen",
    "kind",    "lively", "lucid",   "lunar",   "mellow", "merry", "mighty", "modest",  "neat",    "nimble", "noble",
    "patient", "placid", "plucky",  "polite",  "prime",  "quick", "quiet",  "radiant", "rapid",   "robust", "serene",
    "sharp",   "silent", "sincere", "steady",  "sunny",  "tidy",  "upbeat", "vivid",   "witty",
};

// People of docks, cranes, logistics, computing and science.
constexpr std::array<std::string_view, 64> surnames = {
    "archimedes", "babbage",  "backus",  "bardeen",   "bassi",    "boole",    "brahe",   "brunel",  "cantor",     "cerf",
    "clarke",     "codd",     "curie",   "dijkstra",  "eckert",   "euler",    "faraday", "fermat",  "floyd",      "fourier",
    "galilei",    "gauss",    "germain", "goedel",    "hamilton", "hamming",  "hertz",   "hoare",   "hopper",     "huffman",
    "huygens",    "jacquard", "kepler",  "kernighan", "knuth",    "lagrange", "lamarr",  "lamport", "leibniz",    "liskov",
    "lovelace",   "mclean",   "meitner", "naur",      "noether",  "nygaard",  "pascal",  "perlman", "postel",     "ramanujan",
    "ritchie",    "shannon",  "stevin",  "tesla",     "thompson", "torvalds", "turing",  "vaughan", "vonneumann", "watt",
    "wiener",     "wilkes",   "wirth",   "zuse",
};

} // namespace

bool is_valid_name(std::string_view name) {
  const auto alphanumeric = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto allowed = [&](char c) { return alphanumeric(c) || c == '_' || c == '.' || c == '-'; };
  return name.size() >= 2 && alphanumeric(name.front()) && std::all_of(name.begin(), name.end(), allowed);
}

std::string checked_name(std::string_view name) {
  if (name.starts_with('/')) name.remove_prefix(1);
  if (!is_valid_name(name)) {
    throw invalid("Invalid container name (" + std::string(name) + "), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed");
  }
  return std::string(name);
}

std::string generate_name(const std::function<bool(const std::string&)>& taken) {
  thread_local std::minstd_rand random{std::random_device{}()};
  const auto pick = [](const auto& words) { return std::string(words[random() % words.size()]); };
  for (int attempt = 0;; ++attempt) {
    std::string name = pick(adjectives) + "_" + pick(surnames);
    if (attempt >= 4) name += std::to_string(random() % (attempt < 16 ? 1000U : 1000000000U));
    if (!taken(name)) return name;
  }
}

} // namespace gantry::containers
