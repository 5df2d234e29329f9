#pragma once
// A file read from front to back, in large pieces.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "storage/file_system.h"

namespace respublica {

/// Shows pieces of a file; reads ahead, so that small pieces one behind the other cost few system calls.
///
/// Thread: its owner's.
class FileWindow {
 public:
  /// What is read at once, if not more is asked for.
  static constexpr std::size_t kPiece = std::size_t{1} << 20;

  explicit FileWindow(const LogFile& file) : file_(file) {}

  /// The `count` bytes at `offset`, fewer only at the end of the file. The view lasts until the next call.
  Result<std::string_view> at(std::uint64_t offset, std::size_t count) {
    if (offset < begin_ || offset - begin_ > size_ || count > size_ - (offset - begin_)) {
      if (capacity_ < std::max(count, kPiece)) {
        capacity_ = std::max(count, kPiece);
        // Not filled with zeros first.
        buffer_ = std::make_unique_for_overwrite<char[]>(capacity_);
      }
      size_ = 0;
      const Result<std::size_t> read = file_.read_at(offset, {buffer_.get(), capacity_});
      if (!read) return read.error();
      begin_ = offset;
      size_ = read.value();
    }
    return std::string_view(buffer_.get(), size_).substr(static_cast<std::size_t>(offset - begin_), count);
  }

  /// What is shown next is read anew.
  void forget() { size_ = 0; }

 private:
  const LogFile& file_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  /// Of the buffer's first bytes in the file, and how many there are.
  std::uint64_t begin_ = 0;
  std::size_t size_ = 0;
};

}  // namespace respublica
