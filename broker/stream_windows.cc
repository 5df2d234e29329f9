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
  return deleted && std::binary_search(deleted->begin(), deleted->end(), id);
}

std::uint64_t StreamWindows::bytes() const {
  std::uint64_t bytes = sealed_ ? sealed_->bytes : 0;
  for (const StreamWindow& window : newest_) bytes += window.bytes;
  return bytes;
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
    push_back({id, position, position, 0, 0, 0, {}});
  } else if (newest_.empty() || position < newest_.back().last || position - newest_.back().last != back) {
    return false;
  }
  StreamWindow& last = newest_.back();
  last.last = position;
  ++last.entries;
  ++last.live;
  const std::uint64_t room = std::numeric_limits<std::uint32_t>::max() - last.bytes;
  last.bytes += static_cast<std::uint32_t>(std::min(bytes, room));
  drop_dead_front();
  return true;
}

bool StreamWindows::restore(StreamWindow window) {
  if (window.last < window.begin || window.entries > kMaxWindowEntries || window.live > window.entries) return false;
  if (!empty()) {
    const StreamWindow& before = (*this)[size() - 1];
    if (window.first <= before.first || window.begin <= before.last) return false;
  }
  push_back(std::move(window));
  return true;
}

void StreamWindows::push_back(StreamWindow window) {
  if (newest_.size() == kChunkWindows) seal();
  newest_.push_back(std::move(window));
}

template <typename Change>
void StreamWindows::edit(std::size_t index, Change&& change) {
  const std::size_t count = sealed_count();
  if (index >= count) return change(newest_[index - count]);
  const std::size_t place = sealed_->dropped + index;
  Sealed sealed = *sealed_;
  Chunk chunk = *sealed.chunks[place / kChunkWindows];
  StreamWindow& window = chunk[place % kChunkWindows];
  sealed.bytes -= window.bytes;
  change(window);
  sealed.bytes += window.bytes;
  sealed.chunks[place / kChunkWindows] = std::make_shared<const Chunk>(std::move(chunk));
  sealed_ = SharedValue(std::move(sealed));
}

void StreamWindows::lose(std::size_t index, std::uint64_t entries, std::uint64_t bytes) {
  edit(index, [entries, bytes](StreamWindow& window) {
    window.live = static_cast<std::uint16_t>(window.live - entries);
    window.bytes -=
        window.live == 0 ? window.bytes : static_cast<std::uint32_t>(std::min<std::uint64_t>(bytes, window.bytes));
  });
}

void StreamWindows::seal() {
  Sealed sealed = sealed_ ? *sealed_ : Sealed();
  sealed.chunks.push_back(std::make_shared<const Chunk>(newest_.begin(), newest_.end()));
  for (const StreamWindow& window : newest_) sealed.bytes += window.bytes;
  sealed_ = SharedValue(std::move(sealed));
  newest_.clear();
}

void StreamWindows::unseal() {
  Sealed sealed = *sealed_;
  const std::shared_ptr<const Chunk> last = std::move(sealed.chunks.back());
  sealed.chunks.pop_back();
  const std::size_t dropped = sealed.chunks.empty() ? sealed.dropped : 0;
  newest_.assign(last->begin() + static_cast<std::ptrdiff_t>(dropped), last->end());
  if (sealed.chunks.empty()) return sealed_.reset();
  for (const StreamWindow& window : newest_) sealed.bytes -= window.bytes;
  sealed_ = SharedValue(std::move(sealed));
}

bool StreamWindows::remove(std::size_t index, StreamId id) {
  const StreamWindow& found = (*this)[index];
  if (found.live == 0 || found.has_deleted(id)) return false;
  lose(index, 1, found.bytes / found.live);
  edit(index, [id](StreamWindow& window) {
    if (window.live == 0) return window.deleted.reset();
    std::vector<StreamId> deleted = window.deleted ? *window.deleted : std::vector<StreamId>();
    deleted.insert(std::upper_bound(deleted.begin(), deleted.end(), id), id);
    window.deleted = SharedValue(std::move(deleted));
  });
  drop_dead_front();
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
  const std::size_t sealed = std::min(count, sealed_count());
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < sealed; ++i) bytes += (*this)[i].bytes;
  newest_.erase(newest_.begin(), newest_.begin() + static_cast<std::ptrdiff_t>(count - sealed));
  if (sealed == 0) return;
  const std::size_t dropped = sealed_->dropped + sealed;
  const auto& chunks = sealed_->chunks;
  const auto kept = chunks.begin() + static_cast<std::ptrdiff_t>(dropped / kChunkWindows);
  if (kept == chunks.end()) return sealed_.reset();
  sealed_ = SharedValue(Sealed{{kept, chunks.end()}, dropped % kChunkWindows, sealed_->bytes - bytes});
}

void StreamWindows::drop_dead_front() {
  std::size_t dead = 0;
  while (dead < size() && (*this)[dead].live == 0) ++dead;
  if (dead > 0) drop_front(dead);
}

}  // namespace respublica
