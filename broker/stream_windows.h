#pragma once
// Where in the log the entries of one channel are.

#include <boost/container/small_vector.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "broker/shared_value.h"
#include "broker/stream_id.h"
#include "storage/entry_window.h"
#include "storage/log_position.h"

namespace respublica {

/// A stretch of the log and the entries of one channel in it. Each entry's record says how many bytes back the one
/// before it stands, so `last` leads to all of them.
///
///     begin                     last
///       v                        v
///     [e1]...other channels...[e2][e3]          first = the ID of e1, entries = 3
struct StreamWindow {
  /// The ID of the first entry that was written to it, which may have been deleted since.
  StreamId first;
  LogPosition begin;
  LogPosition last;
  /// Of the records of the live entries in the log, at most 4 GiB. One that is deleted by its ID is taken to be as
  /// large as the average.
  std::uint32_t bytes = 0;
  /// That were written to it; kMaxWindowEntries when it takes no more.
  std::uint16_t entries = 0;
  /// Entries that have not been deleted.
  std::uint16_t live = 0;
  /// IDs of those deleted one by one, sorted; none when none was.
  SharedValue<std::vector<StreamId>> deleted;

  bool has_deleted(StreamId id) const;
};

/// The windows of one channel in the order of their IDs. A copy shares all but the newest few with its original, so
/// that readers keep the list that they began with while it grows. Windows without live entries go from the front;
/// elsewhere they stay.
///
/// Thread: its owner's; a const list any.
class StreamWindows {
 public:
  std::size_t size() const { return sealed_count() + newest_.size(); }
  /// Nothing is live.
  bool empty() const { return size() == 0; }
  /// The sum of StreamWindow::bytes.
  std::uint64_t bytes() const;
  const StreamWindow& operator[](std::size_t index) const;
  /// The last window whose first ID is not above `id`; none when all begin above it.
  std::optional<std::size_t> find(StreamId id) const;
  /// The first window that ends at or behind `position`; size() when there is none.
  std::size_t find(LogPosition position) const;

  /// At least as many live entries as there are with an ID not below `id`, and not many more.
  std::uint64_t count_from(StreamId id) const;

  /// How far back an entry that will stand at `position` has the one before it: 0 when it begins a window.
  std::uint64_t back_from(LogPosition position) const;
  /// Adds the entry at `position`, the greatest so far of IDs and positions; `back` as back_from() gave it when the
  /// entry was written, `bytes` what its record takes. False, and nothing has changed, when it cannot have been that.
  [[nodiscard]] bool append(StreamId id, LogPosition position, std::uint64_t back, std::uint64_t bytes);
  /// Marks an entry of window `index` as deleted. Indexes are other ones afterwards. False, and nothing has changed,
  /// when the window cannot have it.
  [[nodiscard]] bool remove(std::size_t index, StreamId id);
  /// Removes `removed` entries: all live ones below `first_kept`; those in the window of others that stay have
  /// `part_bytes`. False when there cannot be so many.
  [[nodiscard]] bool trim(StreamId first_kept, std::uint64_t removed, std::uint64_t part_bytes);
  /// No entry above `last` is live, and IDs above it may come again. False when one must be live.
  [[nodiscard]] bool rewind(StreamId last);

  /// Adds a window as it was in another list. False, and nothing has changed, when it is not behind the others, or
  /// contradicts itself.
  [[nodiscard]] bool restore(StreamWindow window);

 private:
  static constexpr std::size_t kChunkWindows = 16;
  using Chunk = std::vector<StreamWindow>;
  struct Sealed {
    /// Full ones.
    std::vector<std::shared_ptr<const Chunk>> chunks;
    /// So many windows of the first chunk are gone.
    std::size_t dropped = 0;
    /// The sum of StreamWindow::bytes of the others.
    std::uint64_t bytes = 0;
  };

  std::size_t sealed_count() const { return sealed_ ? sealed_->chunks.size() * kChunkWindows - sealed_->dropped : 0; }
  /// Has change(StreamWindow&) change a window.
  template <typename Change>
  void edit(std::size_t index, Change&& change);
  void push_back(StreamWindow window);
  void lose(std::size_t index, std::uint64_t entries, std::uint64_t bytes);
  void seal();
  void unseal();
  void drop_front(std::size_t count);
  void drop_dead_front();

  /// Never without chunks; none when there is none.
  SharedValue<Sealed> sealed_;
  /// Not empty when there are sealed ones. Most channels have one window.
  boost::container::small_vector<StreamWindow, 1> newest_;
};

}  // namespace respublica
