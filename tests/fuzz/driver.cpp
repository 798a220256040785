// Without libFuzzer: runs a target over the files of the corpus and over so many mutations of them, the same ones every time.
//   PROGRAM RUNS          the mutations
//   PROGRAM --seeds DIR   writes the corpus as files, for libFuzzer
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "api/build/corpus.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Random = std::mt19937;

std::vector<std::string> seeds() {
  std::vector<std::string> all;
  for (const auto& c : gantry::test::build_corpus()) all.push_back(c.dockerfile);
  for (const auto& c : gantry::test::mount_corpus()) all.push_back(c.dockerfile);
  for (const auto& c : gantry::test::option_corpus()) all.push_back(c.dockerfile);
  return all;
}

std::size_t below(Random& random, std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); }

/// Bytes and pieces changed, dropped, doubled, and taken from another seed.
std::string mutated(const std::vector<std::string>& all, Random& random) {
  static constexpr const char* words[] = {
      "${", "}", "<<E\n", "\\\n", "\"", "'", "$", "--from=", "[\"", "#", "FROM ", "\n", ":-", "//", "\x1b", "ONBUILD "};
  std::string text = all[below(random, all.size())];
  for (std::size_t n = 1 + below(random, 6); n > 0 && !text.empty(); --n) {
    const std::size_t at = below(random, text.size()), length = 1 + below(random, 20);
    switch (below(random, 6)) {
      case 0:
        text[at] = static_cast<char>(random());
        break;
      case 1:
        text.erase(at, length);
        break;
      case 2:
        text.insert(at, text.substr(below(random, text.size()), length));
        break;
      case 3:
        text.insert(at, words[below(random, std::size(words))]);
        break;
      case 4:
        text.insert(at, all[below(random, all.size())]);
        break;
      default:
        text.resize(at);
        break;
    }
  }
  return text;
}

void run(const std::string& text) { LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()); }

} // namespace

int main(int argc, char** argv) {
  const auto all = seeds();
  if (argc == 3 && std::string(argv[1]) == "--seeds") {
    for (std::size_t i = 0; i < all.size(); ++i) std::ofstream(std::string(argv[2]) + "/" + std::to_string(i)) << all[i];
    return 0;
  }
  const long runs = argc > 1 ? std::atol(argv[1]) : 10'000;
  for (const auto& text : all) run(text);
  Random random(1); // NOLINT: the same every time
  for (long i = 0; i < runs; ++i) run(mutated(all, random));
  std::printf("%zu seeds, %ld mutations\n", all.size(), runs);
  return 0;
}
