#pragma once
// Values in the order of their keys, in chunks.

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace respublica {

/// A sorted set of small values, `KeyOf()(value)` being the key of one. It takes little more memory than the values, is
/// fastest where values come at its end and go from its front, and logarithmic elsewhere. Two levels: chunks of at most
/// kChunk values, none empty.
///
///     [1 2 3 ... 128] [129 ... 256] [257 258]
///
/// Thread: its owner's.
template <typename Value, typename KeyOf>
class SortedChunks {
 public:
  using Key = std::decay_t<decltype(KeyOf()(std::declval<const Value&>()))>;

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  /// Of one that is not empty.
  const Value& front() const { return chunks_.front().front(); }
  const Value& back() const { return chunks_.back().back(); }

  /// Null when there is none. What changes in it must not change its key.
  Value* find(const Key& key) {
    const std::size_t at = chunk_of(key);
    if (at == chunks_.size()) return nullptr;
    const auto found = lower_bound(chunks_[at], key);
    return KeyOf()(*found) == key ? &*found : nullptr;
  }
  const Value* find(const Key& key) const { return const_cast<SortedChunks*>(this)->find(key); }

  /// False, and nothing has changed, when the key is there already.
  bool insert(const Value& value) {
    const Key key = KeyOf()(value);
    std::size_t at = chunk_of(key);
    if (at == chunks_.size()) {
      // Behind all others: chunks that are filled from one end stay full.
      if (chunks_.empty() || chunks_.back().size() == kChunk) chunks_.emplace_back();
      chunks_.back().push_back(value);
      ++size_;
      return true;
    }
    auto place = lower_bound(chunks_[at], key);
    if (KeyOf()(*place) == key) return false;
    if (chunks_[at].size() == kChunk) {
      at = split(at, key);
      place = lower_bound(chunks_[at], key);
    }
    chunks_[at].insert(place, value);
    ++size_;
    return true;
  }

  /// False when there is none.
  bool erase(const Key& key) {
    const std::size_t at = chunk_of(key);
    if (at == chunks_.size()) return false;
    Chunk& chunk = chunks_[at];
    const auto found = lower_bound(chunk, key);
    if (KeyOf()(*found) != key) return false;
    chunk.erase(found);
    --size_;
    if (chunk.empty()) {
      chunks_.erase(chunks_.begin() + static_cast<std::ptrdiff_t>(at));
    } else if (at + 1 < chunks_.size() && chunk.size() + chunks_[at + 1].size() <= kChunk / 2) {
      chunk.insert(chunk.end(), chunks_[at + 1].begin(), chunks_[at + 1].end());
      chunks_.erase(chunks_.begin() + static_cast<std::ptrdiff_t>(at + 1));
    }
    return true;
  }

  /// Calls visit(const Value&) for those whose keys are not below `first`, in order, until it returns false. It must
  /// not change them.
  template <typename Visit>
  void visit_from(const Key& first, Visit&& visit) const {
    std::size_t at = chunk_of(first);
    if (at == chunks_.size()) return;
    auto value = std::lower_bound(chunks_[at].begin(), chunks_[at].end(), first, before);
    while (true) {
      for (; value != chunks_[at].end(); ++value) {
        if (!visit(*value)) return;
      }
      if (++at == chunks_.size()) return;
      value = chunks_[at].begin();
    }
  }

  /// All of them, in order.
  template <typename Visit>
  void for_each(Visit&& visit) const {
    for (const Chunk& chunk : chunks_) {
      for (const Value& value : chunk) visit(value);
    }
  }

 private:
  static constexpr std::size_t kChunk = 128;
  using Chunk = std::vector<Value>;

  static bool before(const Value& value, const Key& key) { return KeyOf()(value) < key; }

  static typename Chunk::iterator lower_bound(Chunk& chunk, const Key& key) {
    return std::lower_bound(chunk.begin(), chunk.end(), key, before);
  }

  /// The first chunk whose last key is not below `key`; all others' keys are below it when there is none.
  std::size_t chunk_of(const Key& key) const {
    const auto ends_before = [&key](const Chunk& chunk) { return KeyOf()(chunk.back()) < key; };
    return static_cast<std::size_t>(std::partition_point(chunks_.begin(), chunks_.end(), ends_before) -
                                    chunks_.begin());
  }

  /// Makes two of a full chunk; returns the one that `key` belongs to.
  std::size_t split(std::size_t at, const Key& key) {
    Chunk upper(chunks_[at].begin() + kChunk / 2, chunks_[at].end());
    chunks_[at].resize(kChunk / 2);
    chunks_.insert(chunks_.begin() + static_cast<std::ptrdiff_t>(at + 1), std::move(upper));
    return KeyOf()(chunks_[at].back()) < key ? at + 1 : at;
  }

  std::vector<Chunk> chunks_;
  std::size_t size_ = 0;
};

}  // namespace respublica
