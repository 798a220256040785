#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace gantry::runtime_linux::shim {

/// Bytes waiting to be written: appended at the end, taken from the front. Its memory goes away when it is empty.
class Buffer {
 public:
  Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { std::free(data_); }

  bool empty() const { return begin_ == end_; }
  const char* data() const { return data_ + begin_; }
  std::size_t size() const { return end_ - begin_; }

  void append(const void* bytes, std::size_t n) {
    if (!n) return;
    if (end_ + n > capacity_) make_room(n);
    std::memcpy(data_ + end_, bytes, n);
    end_ += n;
  }
  void drop(std::size_t n) {
    begin_ += n;
    if (begin_ == end_) clear();
  }
  void clear() {
    std::free(data_);
    data_ = nullptr;
    begin_ = end_ = capacity_ = 0;
  }

 private:
  void make_room(std::size_t n) {
    if (begin_) std::memmove(data_, data_ + begin_, size());
    end_ -= begin_;
    begin_ = 0;
    if (end_ + n <= capacity_) return;
    capacity_ = (end_ + n) * 2;
    data_ = static_cast<char*>(std::realloc(data_, capacity_));
    if (!data_) std::abort();
  }

  char* data_ = nullptr;
  std::size_t begin_ = 0, end_ = 0, capacity_ = 0;
};

} // namespace gantry::runtime_linux::shim
