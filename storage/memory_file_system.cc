#include "storage/memory_file_system.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <limits>
#include <span>
#include <string_view>
#include <utility>

namespace respublica {
namespace {

/// No file is longer, as on a disk.
constexpr std::uint64_t kMaxSize = std::numeric_limits<std::int64_t>::max();

Error not_found(std::string_view operation, const std::string& name) {
  return {"cannot " + std::string(operation) + " " + name + ": there is no such file in memory", ErrorKind::not_found};
}

Error too_large(std::string_view operation, const std::string& name) {
  return {"cannot " + std::string(operation) + " " + name + ": no file can be as large", ErrorKind::no_space};
}

}  // namespace

/// How much memory all files have, and may have.
///
/// Thread: any.
class MemoryBudget {
 public:
  explicit MemoryBudget(std::uint64_t limit) : limit_(limit) {}

  /// False if that were more than the limit.
  bool take(std::uint64_t bytes) {
    std::uint64_t used = used_.load(std::memory_order_relaxed);
    do {
      if (bytes > limit_ - used) return false;
    } while (!used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
    return true;
  }
  void give_back(std::uint64_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }

  std::uint64_t used() const { return used_.load(std::memory_order_relaxed); }
  std::uint64_t limit() const { return limit_; }

 private:
  const std::uint64_t limit_;
  std::atomic<std::uint64_t> used_ = 0;
};

/// The bytes of one file. Where there is no chunk there are zeros.
///
/// Thread: any, guarded by mutex_: a reader that runs ahead into what is being written reads some of both.
class MemoryContent {
 public:
  explicit MemoryContent(std::shared_ptr<MemoryBudget> budget) : budget_(std::move(budget)) {}
  MemoryContent(const MemoryContent&) = delete;
  MemoryContent& operator=(const MemoryContent&) = delete;
  ~MemoryContent() { budget_->give_back(chunks_.size() * kChunk); }

  std::size_t read(std::uint64_t offset, std::span<char> into) const {
    const MutexLock lock(mutex_);
    if (offset >= size_) return 0;
    const std::size_t count = std::min<std::uint64_t>(into.size(), size_ - offset);
    for (std::size_t done = 0; done < count;) {
      const Piece piece(offset + done, count - done);
      const auto chunk = chunks_.find(piece.chunk);
      if (chunk == chunks_.end()) {
        std::memset(into.data() + done, 0, piece.size);
      } else {
        std::memcpy(into.data() + done, chunk->second->data() + piece.begin, piece.size);
      }
      done += piece.size;
    }
    return count;
  }

  /// False, and nothing has changed, when that takes too much memory.
  bool write(std::uint64_t offset, std::string_view bytes) {
    if (bytes.empty()) return true;
    const MutexLock lock(mutex_);
    if (!make_chunks(offset / kChunk, (offset + bytes.size() - 1) / kChunk)) return false;
    size_ = std::max<std::uint64_t>(size_, offset + bytes.size());
    while (!bytes.empty()) {
      const Piece piece(offset, bytes.size());
      std::memcpy(chunks_.find(piece.chunk)->second->data() + piece.begin, bytes.data(), piece.size);
      bytes.remove_prefix(piece.size);
      offset += piece.size;
    }
    return true;
  }

  /// Has the chunks of [begin, end); false, and nothing has changed, when that takes too much memory.
  bool occupy(std::uint64_t begin, std::uint64_t end) {
    const MutexLock lock(mutex_);
    return begin >= end || make_chunks(begin / kChunk, (end - 1) / kChunk);
  }

  void resize(std::uint64_t size) {
    const MutexLock lock(mutex_);
    const auto first_gone = chunks_.lower_bound(size / kChunk + (size % kChunk == 0 ? 0 : 1));
    budget_->give_back(static_cast<std::uint64_t>(std::distance(first_gone, chunks_.end())) * kChunk);
    chunks_.erase(first_gone, chunks_.end());
    if (const auto cut = chunks_.find(size / kChunk); cut != chunks_.end()) {
      std::fill(cut->second->begin() + static_cast<std::ptrdiff_t>(size % kChunk), cut->second->end(), '\0');
    }
    size_ = size;
  }

  void grow(std::uint64_t size) {
    const MutexLock lock(mutex_);
    size_ = std::max(size_, size);
  }

  std::uint64_t size() const {
    const MutexLock lock(mutex_);
    return size_;
  }

  const MemoryBudget& budget() const { return *budget_; }

 private:
  static constexpr std::uint64_t kChunk = MemoryFileSystem::kChunk;
  using Chunk = std::array<char, kChunk>;

  /// The part of a range of the file that its first chunk has.
  struct Piece {
    Piece(std::uint64_t offset, std::size_t left)
        : chunk(offset / kChunk), begin(offset % kChunk), size(std::min<std::uint64_t>(left, kChunk - begin)) {}

    std::uint64_t chunk;
    std::size_t begin;
    std::size_t size;
  };

  /// Makes all chunks from first to last, or none.
  bool make_chunks(std::uint64_t first, std::uint64_t last) REQUIRES(mutex_) {
    const auto have = std::distance(chunks_.lower_bound(first), chunks_.upper_bound(last));
    const std::uint64_t missing = last - first + 1 - static_cast<std::uint64_t>(have);
    if (!budget_->take(missing * kChunk)) return false;
    for (std::uint64_t i = first; missing > 0 && i <= last; ++i) {
      std::unique_ptr<Chunk>& chunk = chunks_[i];
      if (!chunk) chunk = std::make_unique<Chunk>();
    }
    return true;
  }

  const std::shared_ptr<MemoryBudget> budget_;
  mutable Mutex mutex_;
  std::map<std::uint64_t, std::unique_ptr<Chunk>> chunks_ GUARDED_BY(mutex_);
  std::uint64_t size_ GUARDED_BY(mutex_) = 0;
};

namespace {

class MemoryFile final : public LogFile {
 public:
  MemoryFile(std::string name, std::shared_ptr<MemoryContent> content)
      : name_(std::move(name)), content_(std::move(content)) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) const override {
    return content_->read(offset, into);
  }

  Result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
    if (offset > kMaxSize || bytes.size() > kMaxSize - offset) return too_large("write", name_);
    if (content_->write(offset, bytes)) return {};
    return full();
  }

  Result<void> sync() override { return {}; }

  Result<void> preallocate(std::uint64_t size) override {
    if (size > kMaxSize) return too_large("set space aside for", name_);
    content_->grow(size);
    return {};
  }

  Result<void> occupy(std::uint64_t begin, std::uint64_t end) override {
    if (content_->occupy(begin, end)) return {};
    return full();
  }

  Result<void> truncate(std::uint64_t size) override {
    if (size > kMaxSize) return too_large("resize", name_);
    content_->resize(size);
    return {};
  }

  Result<std::uint64_t> size() const override { return content_->size(); }

 private:
  Error full() const {
    const std::string limit = std::to_string(content_->budget().limit());
    return Error{"cannot write " + name_ + ": the log may have no more than " + limit + " bytes of memory",
                 ErrorKind::no_space};
  }

  const std::string name_;
  const std::shared_ptr<MemoryContent> content_;
};

}  // namespace

MemoryFileSystem::MemoryFileSystem(std::uint64_t limit) : budget_(std::make_shared<MemoryBudget>(limit)) {}

MemoryFileSystem::~MemoryFileSystem() = default;

Result<std::unique_ptr<LogFile>> MemoryFileSystem::create(const std::string& name) {
  const MutexLock lock(mutex_);
  const auto [place, is_new] = files_.try_emplace(name);
  if (!is_new) return Error{"cannot create " + name + ": there is such a file in memory"};
  place->second = std::make_shared<MemoryContent>(budget_);
  return std::unique_ptr<LogFile>(new MemoryFile(name, place->second));
}

Result<std::unique_ptr<LogFile>> MemoryFileSystem::open(const std::string& name) {
  const MutexLock lock(mutex_);
  const auto found = files_.find(name);
  if (found == files_.end()) return not_found("open", name);
  return std::unique_ptr<LogFile>(new MemoryFile(name, found->second));
}

Result<std::vector<std::string>> MemoryFileSystem::list() {
  const MutexLock lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, content] : files_) names.push_back(name);
  return names;
}

Result<void> MemoryFileSystem::rename(const std::string& from, const std::string& to) {
  const MutexLock lock(mutex_);
  const auto found = files_.find(from);
  if (found == files_.end()) return not_found("rename", from);
  if (from == to) return {};
  files_[to] = std::move(found->second);
  files_.erase(found);
  return {};
}

Result<void> MemoryFileSystem::remove(const std::string& name) {
  const MutexLock lock(mutex_);
  if (files_.erase(name) == 0) return not_found("remove", name);
  return {};
}

std::uint64_t MemoryFileSystem::memory() const { return budget_->used(); }

}  // namespace respublica
