#pragma once
// Files of the log in few words; a failure that a test does not expect throws.

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "storage/file_system.h"

namespace respublica::test {

inline void require(const Result<void>& result) {
  if (!result) throw std::runtime_error(result.error().message);
}

template <typename T>
T require(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(result.value());
}

/// Up to `size` bytes from `offset` on.
inline std::string read(const LogFile& file, std::uint64_t offset, std::size_t size) {
  std::string bytes(size, '?');
  bytes.resize(require(file.read_at(offset, bytes)));
  return bytes;
}

inline std::string read_all(const LogFile& file) {
  return read(file, 0, static_cast<std::size_t>(require(file.size())));
}

inline std::string read_all(FileSystem& files, const std::string& name) { return read_all(*require(files.open(name))); }

inline void make_file(FileSystem& files, const std::string& name, const std::string& bytes) {
  require(require(files.create(name))->write_at(0, bytes));
}

}  // namespace respublica::test
