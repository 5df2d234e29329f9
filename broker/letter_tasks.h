#pragma once
// Redrives and discards that go on in the background.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "broker/added_entries.h"
#include "broker/durable_command.h"
#include "broker/letter_command.h"
#include "broker/stream_reader.h"
#include "broker/stream_table.h"

namespace respublica {

/// A redrive or a discard as it stands.
struct LetterTask {
  enum class State : std::uint8_t { running, done, cancelled, failed };

  std::uint64_t id = 0;
  MoveLetters::Act act = MoveLetters::Act::redrive;
  /// Of the dead letters, and where they go if not back.
  std::string channel;
  std::optional<std::string> to;
  State state = State::running;
  LetterFates fates;
  /// Entries of the channel that it has looked at, of those that were there when it began.
  std::uint64_t looked = 0;
  std::uint64_t entries = 0;
  /// Milliseconds since 1970.
  std::uint64_t started_ms = 0;
  /// Letters a second; 0 = as fast as it goes.
  std::uint64_t rate = 0;
  /// Why it failed.
  std::string error;
};

/// All redrives and discards, and what each does next: a bounded piece, as a command of the sequencer. A task looks at
/// the letters that were there when it began, so that one that dies again is not sent back for ever. What it has moved
/// stays moved; the tasks themselves are not in the log.
///
/// Thread: the sequencer.
class LetterTasks {
 public:
  /// Tasks that run at once, and ended ones that are still shown.
  static constexpr std::size_t kMostRunning = 64;
  static constexpr std::size_t kEndedShown = 64;
  /// What one piece moves at most: letters, and bytes of their fields, but for the first one; and how many entries it
  /// looks at, and bytes of their fields.
  static constexpr std::size_t kMovedAtOnce = 256;
  static constexpr std::uint64_t kBytesAtOnce = 1ULL << 20;
  static constexpr std::size_t kLookedAtOnce = 2048;
  static constexpr std::uint64_t kLookedBytesAtOnce = 4ULL << 20;

  LetterTasks(const StreamTable& streams, const Clock& clock) : streams_(streams), clock_(clock) {}

  struct Request {
    MoveLetters::Act act = MoveLetters::Act::redrive;
    std::string channel;
    LetterFilter filter;
    std::optional<std::string> to;
    /// Letters a second; 0 = as fast as it goes.
    std::uint64_t rate = 0;
    /// It ends when so many have moved; 0 = with the last letter.
    std::uint64_t count = 0;
    /// Not empty: nothing is moved, the task is shown to nobody, and this is told at its end what would have been.
    std::function<void(const LetterTask&)> foresee;
  };
  /// Its ID, none when too many run already.
  std::optional<std::uint64_t> start(Request request);
  /// False when there is no such task, or it has ended.
  bool cancel(std::uint64_t id);
  /// In the order in which they began.
  std::vector<LetterTask> all() const;

  /// When the next piece is due; none = there is nothing to do.
  std::optional<SteadyTime> due() const;
  /// The next piece, if one is due and has something to move. It is to be reported with did(). `source` has the records
  /// of the streams.
  std::optional<DurableCommand> next(const RecordSource& source);
  /// What was answered to the last piece.
  void did(const DurableOutcome& outcome);

 private:
  struct Running {
    LetterTask task;
    Request request;
    /// Letters from here on are still to be looked at, up to `last`.
    StreamId from;
    StreamId last;
    SteadyTime due;
    AddedEntries added;
    /// Which look of all tasks was its last: those that are due at once take turns.
    std::uint64_t turn = 0;
    /// Of the piece that is being done.
    struct Plan {
      std::optional<StreamId> next;
      std::uint64_t looked = 0;
      std::uint64_t looked_bytes = 0;
    };
    Plan plan;
  };
  using ById = std::map<std::uint64_t, Running>;

  ById::iterator earliest();
  /// Gathers the letters of the next piece of a task.
  Result<MoveLetters> plan(Running& running, const RecordSource& source) const;
  /// Looks at one entry; false when the piece is full.
  bool look(Running& running, const StoredEntry& entry, MoveLetters& move, std::size_t most) const;
  /// The entry of the letter has been added again by the task.
  bool has_added(const Running& running, const DeadLetter& letter) const;
  static std::size_t most_of_piece(const Running& running);
  /// The piece is done: the task goes on behind it, or ends.
  void go_on(ById::iterator at);
  void end(ById::iterator at, LetterTask::State state);

  const StreamTable& streams_;
  const Clock& clock_;
  ById running_;
  /// The last of those that have ended, by ID.
  std::map<std::uint64_t, LetterTask> ended_;
  std::uint64_t next_id_ = 1;
  std::uint64_t next_turn_ = 1;
  /// The task whose piece is being done.
  std::uint64_t doing_ = 0;
};

}  // namespace respublica
