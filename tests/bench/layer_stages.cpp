// What each step of moving layers costs on this machine by itself, on one thread: the floor that a pull or a load is compared
// with.
//   gantry-layer-stages DIRECTORY LAYER...
// Each LAYER is a file (packed or not). Prints one line of JSON with bytes and seconds of a core: read, inflate, hash (of what is
// unpacked), write (into as many files of 256 KiB as it takes, in DIRECTORY); and the seconds that pass in the sync of those.
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "images/decompress.hpp"
#include "images/digest.hpp"

namespace {

using namespace gantry;
constexpr std::size_t file_size = 256 << 10;

double now_s() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// Of this thread: what else runs on the machine does not count.
double cpu_s() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

/// Reads the file, whose pages are in memory after `warm`.
images::ByteReader reader_of(const UniqueFd& file) {
  return [&file](char* buffer, std::size_t size) {
    const auto n = ::read(file.get(), buffer, size);
    return static_cast<std::size_t>(std::max<ssize_t>(n, 0));
  };
}

/// Seconds that each step took, and the bytes on both sides.
struct Stages {
  double read = 0, inflate = 0, hash = 0, write = 0, sync = 0;
  std::uint64_t packed = 0, unpacked = 0;
};

void write_piece(const std::string& directory, std::string_view bytes, int number) {
  const auto file = open_file(directory + "/" + std::to_string(number), O_WRONLY | O_CREAT | O_EXCL, 0600);
  while (!bytes.empty()) {
    const auto n = ::write(file.get(), bytes.data(), bytes.size());
    if (n < 0) throw os_error("write", errno);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void measure(const std::string& path, const std::string& directory, int& files, Stages& stages) {
  std::vector<char> buffer(256 << 10);
  const auto warm = open_file(path, O_RDONLY);
  while (::read(warm.get(), buffer.data(), buffer.size()) > 0) continue;

  double start = cpu_s();
  const auto packed = open_file(path, O_RDONLY);
  for (ssize_t n; (n = ::read(packed.get(), buffer.data(), buffer.size())) > 0;) stages.packed += static_cast<std::uint64_t>(n);
  stages.read += cpu_s() - start;

  std::string bytes;
  start = cpu_s();
  const auto again = open_file(path, O_RDONLY);
  double kept = 0; // what keeping the bytes for the next steps costs
  images::decompress(reader_of(again), [&](std::string_view piece) {
    const double began = cpu_s();
    bytes.append(piece);
    kept += cpu_s() - began;
    return true;
  });
  stages.inflate += cpu_s() - start - kept;
  stages.unpacked += bytes.size();

  start = cpu_s();
  (void)images::sha256_of(bytes);
  stages.hash += cpu_s() - start;

  start = cpu_s();
  for (std::size_t at = 0; at < bytes.size(); at += file_size)
    write_piece(directory, std::string_view(bytes).substr(at, file_size), files++);
  stages.write += cpu_s() - start;
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 3) return std::fprintf(stderr, "usage: gantry-layer-stages DIRECTORY LAYER...\n"), 2;
  try {
    Stages stages;
    int files = 0;
    for (int i = 2; i < argc; ++i) measure(argv[i], argv[1], files, stages);
    const double start = now_s();
    const auto directory = open_file(argv[1], O_RDONLY | O_DIRECTORY);
    if (::syncfs(directory.get()) != 0) throw os_error("syncfs", errno);
    stages.sync = now_s() - start;
    std::printf(
        "{\"packed\": %llu, \"unpacked\": %llu, \"read\": %.4f, \"inflate\": %.4f, \"hash\": %.4f, \"write\": %.4f, \"sync\": "
        "%.4f}\n",
        static_cast<unsigned long long>(stages.packed), static_cast<unsigned long long>(stages.unpacked), stages.read,
        stages.inflate, stages.hash, stages.write, stages.sync);
    return 0;
  } catch (const std::exception& e) {
    return std::fprintf(stderr, "gantry-layer-stages: %s\n", e.what()), 1;
  }
}
