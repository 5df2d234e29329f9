#pragma once
// What is asked about dead letters that are to leave their channel: values without any protocol in them.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "broker/dead_letter.h"
#include "broker/stream_id.h"
#include "storage/record.h"

namespace respublica {

/// Which dead letters are meant: those for which all holds that is set.
struct LetterFilter {
  std::optional<std::string> channel;
  std::optional<std::string> group;
  std::optional<std::string> reason;
  /// Of the letters, ascending; empty = any.
  std::vector<StreamId> ids;
  /// Of the entries that died (`dlq.id`), ascending; empty = any.
  std::vector<StreamId> origins;

  bool any() const { return channel || group || reason || !ids.empty() || !origins.empty(); }
  /// `id` is that of the letter.
  bool admits(StreamId id, const DeadLetter& letter) const {
    const auto holds = [](const std::optional<std::string>& wanted, std::string_view is) {
      return !wanted || *wanted == is;
    };
    const auto is_among = [](const std::vector<StreamId>& wanted, StreamId is) {
      return wanted.empty() || std::ranges::binary_search(wanted, is);
    };
    return holds(channel, letter.channel()) && holds(group, letter.group()) && holds(reason, letter.reason()) &&
           is_among(ids, id) && is_among(origins, letter.id());
  }
};

/// An entry that died, by the number of its channel.
struct DeadEntry {
  ChannelNumber channel;
  StreamId id;
  auto operator<=>(const DeadEntry&) const = default;
};

/// Dead letters leave their channel, DurableCommand::channel.
struct MoveLetters {
  enum class Act : std::uint8_t {
    /// Their entries are pending again in their groups; or are added to `to`.
    redrive,
    discard,
  };

  Act act = Act::redrive;
  /// Ascending.
  std::vector<StreamId> ids;
  /// Those of them whose entry has been added again by a letter before, ascending: they go without it being added once
  /// more.
  std::vector<StreamId> repeated = {};
  /// Of the fields of all of them.
  std::uint64_t bytes = 0;
  std::optional<std::string> to;
  /// Nothing is changed: it is said what would be.
  bool is_dry_run = false;
};

/// What became of dead letters.
struct LetterFates {
  /// Pending again in their groups, or their entry has been added again by another letter; of `to`: added there;
  /// discarded.
  std::uint64_t moved = 0;
  /// Added to their channels anew, as the entry was gone.
  std::uint64_t added = 0;
  /// Left where they are: there is no such group, a consumer has the entry, or there is nothing that could be added.
  std::uint64_t skipped = 0;
  /// The entries of `added`, of this piece alone.
  std::vector<DeadEntry> added_entries = {};

  std::uint64_t gone() const { return moved + added; }
  void add(const LetterFates& other) {
    moved += other.moved;
    added += other.added;
    skipped += other.skipped;
  }
};

}  // namespace respublica
