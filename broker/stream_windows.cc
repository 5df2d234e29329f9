#include "broker/stream_windows.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace respublica {
namespace {

/// How many windows from the front on `is_before` holds for.
template <typename IsBefore>
std::size_t count_before(const StreamWindows& windows, IsBefore&& is_before) {
  std::size_t low = 0;
  std::size_t high = windows.size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (is_before(windows[middle])) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

}  // namespace

bool StreamWindow::has_deleted(StreamId id) const {
  return deleted != nullptr && std::binary_search(deleted->begin(), deleted->end(), id);
}

const StreamWindow& StreamWindows::operator[](std::size_t index) const {
  const std::size_t sealed = sealed_count();
  if (index >= sealed) return newest_[index - sealed];
  const std::size_t place = sealed_->dropped + index;
  return (*sealed_->chunks[place / kChunkWindows])[place % kChunkWindows];
}

std::optional<std::size_t> StreamWindows::find(StreamId id) const {
  const std::size_t count = count_before(*this, [id](const StreamWindow& window) { return window.first <= id; });
  if (count == 0) return std::nullopt;
  return count - 1;
}

std::size_t StreamWindows::find(LogPosition position) const {
  return count_before(*this, [position](const StreamWindow& window) { return window.last < position; });
}

std::uint64_t StreamWindows::count_from(StreamId id) const {
  std::uint64_t count = 0;
  for (std::size_t i = find(id).value_or(0); i < size(); ++i) count += (*this)[i].live;
  return count;
}

std::uint64_t StreamWindows::back_from(LogPosition position) const {
  if (newest_.empty()) return 0;
  const StreamWindow& last = newest_.back();
  if (last.live == 0 || begins_window(position, last.begin, last.entries)) return 0;
  return position - last.last;
}

bool StreamWindows::append(StreamId id, LogPosition position, std::uint64_t back, std::uint64_t bytes) {
  if (back == 0) {
    push_back({id, position, position, 0, 0, 0, nullptr});
  } else if (newest_.empty() || position < newest_.back().last || position - newest_.back().last != back) {
    return false;
  }
  StreamWindow& last = newest_.back();
  last.last = position;
  ++last.entries;
  ++last.live;
  const std::uint64_t room = std::numeric_limits<std::uint32_t>::max() - last.bytes;
  last.bytes += static_cast<std::uint32_t>(std::min(bytes, room));
  bytes_ += std::min(bytes, room);
  drop_dead_front();
  return true;
}

bool StreamWindows::restore(StreamWindow window) {
  if (window.last < window.begin || window.entries > kMaxWindowEntries || window.live > window.entries) return false;
  if (!empty()) {
    const StreamWindow& before = (*this)[size() - 1];
    if (window.first <= before.first || window.begin <= before.last) return false;
  }
  bytes_ += window.bytes;
  push_back(std::move(window));
  return true;
}

void StreamWindows::push_back(StreamWindow window) {
  if (newest_.size() == kChunkWindows) seal();
  newest_.push_back(std::move(window));
}

void StreamWindows::lose(std::size_t index, std::uint64_t entries, std::uint64_t bytes) {
  StreamWindow& window = editable(index);
  window.live = static_cast<std::uint16_t>(window.live - entries);
  if (window.live == 0 || bytes > window.bytes) bytes = window.bytes;
  window.bytes -= static_cast<std::uint32_t>(bytes);
  bytes_ -= bytes;
}

void StreamWindows::seal() {
  auto sealed = sealed_ ? std::make_shared<Sealed>(*sealed_) : std::make_shared<Sealed>();
  sealed->chunks.push_back(std::make_shared<const Chunk>(newest_.begin(), newest_.end()));
  sealed_ = std::move(sealed);
  newest_.clear();
}

void StreamWindows::unseal() {
  auto sealed = std::make_shared<Sealed>(*sealed_);
  const std::shared_ptr<const Chunk> last = std::move(sealed->chunks.back());
  sealed->chunks.pop_back();
  const std::size_t dropped = sealed->chunks.empty() ? sealed->dropped : 0;
  newest_.assign(last->begin() + static_cast<std::ptrdiff_t>(dropped), last->end());
  if (sealed->chunks.empty()) sealed = nullptr;
  sealed_ = std::move(sealed);
}

StreamWindow& StreamWindows::editable(std::size_t index) {
  const std::size_t count = sealed_count();
  if (index >= count) return newest_[index - count];
  const std::size_t place = sealed_->dropped + index;
  auto sealed = std::make_shared<Sealed>(*sealed_);
  std::shared_ptr<const Chunk>& shared = sealed->chunks[place / kChunkWindows];
  const auto chunk = std::make_shared<Chunk>(*shared);
  shared = chunk;
  sealed_ = std::move(sealed);
  return (*chunk)[place % kChunkWindows];
}

bool StreamWindows::remove(std::size_t index, StreamId id) {
  const StreamWindow& found = (*this)[index];
  if (found.live == 0 || found.has_deleted(id)) return false;
  lose(index, 1, found.bytes / found.live);
  StreamWindow& window = editable(index);
  if (window.live == 0) {
    window.deleted.reset();
    drop_dead_front();
    return true;
  }
  auto deleted = window.deleted ? std::make_shared<std::vector<StreamId>>(*window.deleted)
                                : std::make_shared<std::vector<StreamId>>();
  deleted->insert(std::upper_bound(deleted->begin(), deleted->end(), id), id);
  window.deleted = std::move(deleted);
  return true;
}

bool StreamWindows::trim(StreamId first_kept, std::uint64_t removed, std::uint64_t part_bytes) {
  const std::size_t windows = size();
  std::size_t whole = 0;
  for (; whole < windows && (*this)[whole].live <= removed; ++whole) {
    removed -= (*this)[whole].live;
    const bool next_too = whole + 1 < windows && (*this)[whole + 1].first < first_kept;
    if (removed > 0 && !next_too) return false;
  }
  if (removed > 0) {
    if (whole == windows) return false;
    lose(whole, removed, part_bytes);
  }
  drop_front(whole);
  return true;
}

bool StreamWindows::rewind(StreamId last) {
  while (!newest_.empty() && newest_.back().first > last) {
    if (newest_.back().live > 0) return false;
    newest_.pop_back();
    if (newest_.empty() && sealed_) unseal();
  }
  // What is deleted there by its ID must not hide an entry that gets it again.
  if (!newest_.empty()) newest_.back().entries = kMaxWindowEntries;
  return true;
}

void StreamWindows::drop_front(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) bytes_ -= (*this)[i].bytes;
  const std::size_t sealed = std::min(count, sealed_count());
  newest_.erase(newest_.begin(), newest_.begin() + static_cast<std::ptrdiff_t>(count - sealed));
  if (sealed == 0) return;
  const std::size_t dropped = sealed_->dropped + sealed;
  const auto& chunks = sealed_->chunks;
  const auto kept = chunks.begin() + static_cast<std::ptrdiff_t>(dropped / kChunkWindows);
  std::shared_ptr<Sealed> rest;
  if (kept != chunks.end()) rest = std::make_shared<Sealed>(Sealed{{kept, chunks.end()}, dropped % kChunkWindows});
  sealed_ = std::move(rest);
}

void StreamWindows::drop_dead_front() {
  std::size_t dead = 0;
  while (dead < size() && (*this)[dead].live == 0) ++dead;
  if (dead > 0) drop_front(dead);
}

}  // namespace respublica
