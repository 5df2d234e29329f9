#include "broker/letter_moves.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "broker/dead_letter.h"
#include "broker/dead_letters.h"
#include "broker/stream_batch.h"
#include "broker/virtual_channel.h"

namespace respublica {
namespace {

using Act = MoveLetters::Act;

/// One MoveLetters: all that can fail is looked up before anything is changed.
class LetterMove {
 public:
  LetterMove(GroupEdit& edit, const std::string& channel, const MoveLetters& command)
      : edit_(edit), channel_(channel), command_(command) {}

  DurableOutcome run() {
    const Stream* const stream = edit_.batch().find(channel_);
    if (stream == nullptr) return answer_of(LetterFates());
    for (const StreamId id : command_.ids) {
      const Result<bool> exists = edit_.read(*stream, id, &letters_);
      if (!exists) return refused(Refusal::log_unreadable, exists.error().message);
    }
    for (const GivenEntries::Entry& entry : letters_.entries) {
      const std::optional<DeadLetter> letter = DeadLetter::read(letters_.fields_of(entry));
      if (!letter) continue;
      planned_.push_back({entry.id, *letter});
      if (const Result<void> planned = plan(planned_.back()); !planned) {
        return refused(Refusal::log_unreadable, planned.error().message);
      }
    }
    for (const Planned& one : planned_) {
      const Fate fate = command_.is_dry_run ? one.fate : carry_out(one);
      if (fate == Fate::left) ++fates_.skipped;
      if (fate == Fate::added_again) ++fates_.added;
      if (fate != Fate::left && fate != Fate::added_again) ++fates_.moved;
    }
    fates_.added_entries.assign(added_.begin(), added_.end());
    if (!gone_.empty()) edit_.batch().erase_present(*edit_.batch().find(channel_), gone_);
    return answer_of(fates_);
  }

 private:
  enum class Fate : std::uint8_t { left, discarded, sent, pending_again, added_again, added_before };
  struct Planned {
    StreamId id;
    DeadLetter letter;
    Fate fate = Fate::left;
    /// Of Fate::added_again and Fate::added_before.
    DeadEntry entry = {};
  };

  Result<void> plan(Planned& one) {
    const DeadLetter& letter = one.letter;
    if (command_.act == Act::discard) {
      one.fate = Fate::discarded;
    } else if (command_.to) {
      if (letter.has_original() && *command_.to != channel_) one.fate = Fate::sent;
    } else if (letter.channel() != channel_ && !is_broker_name(letter.channel())) {
      return plan_return(one);
    }
    return {};
  }

  Result<void> plan_return(Planned& one) {
    const DeadLetter& letter = one.letter;
    const GroupEdit::Place place = edit_.find(letter.channel(), letter.group());
    if (place.group == nullptr) return {};
    const Result<bool> exists = edit_.read(*place.stream, letter.id(), nullptr);
    if (!exists) return exists.error();
    if (exists.value()) {
      const PendingEntry* const pending = place.group->pending().find(letter.id());
      // It is not taken from a consumer that works on it.
      if (pending == nullptr || pending->consumer == kNobody) one.fate = Fate::pending_again;
    } else if (letter.has_original()) {
      one.entry = {place.stream->number(), letter.id()};
      const bool is_first = !is_repeated(one) && added_.insert(one.entry).second;
      one.fate = is_first ? Fate::added_again : Fate::added_before;
    }
    return {};
  }

  bool is_repeated(const Planned& one) const { return std::ranges::binary_search(command_.repeated, one.id); }

  /// What has become of the letter.
  Fate carry_out(const Planned& one) {
    StreamBatch& batch = edit_.batch();
    DeadLetterCounts& counts = batch.dead_letter_counts();
    switch (one.fate) {
      case Fate::left:
        return Fate::left;
      case Fate::discarded:
        ++counts.discarded;
        break;
      case Fate::sent:
        if (!batch.append_own(*command_.to, one.letter.original())) return Fate::left;
        ++counts.redriven;
        break;
      case Fate::pending_again:
        revive(one.letter);
        ++counts.redriven;
        break;
      case Fate::added_again:
        if (!batch.append_own(std::string(one.letter.channel()), one.letter.revived())) {
          added_.erase(one.entry);
          return Fate::left;
        }
        ++counts.redriven;
        break;
      case Fate::added_before:
        if (!is_repeated(one) && !added_.contains(one.entry)) return Fate::left;
        ++counts.redriven;
        break;
    }
    if (one.fate != Fate::pending_again) let_go(one.letter);
    gone_.push_back(one.id);
    return one.fate;
  }

  /// Nobody will decide any more about an entry that holds others of its key (`on-dead hold`): they are held no longer.
  void let_go(const DeadLetter& letter) {
    const GroupEdit::Place place = edit_.find(letter.channel(), letter.group());
    if (place.group == nullptr) return;
    const PendingEntry* const pending = place.group->pending().find(letter.id());
    // One that has died again since is another letter's.
    const bool is_its_own = letter.deaths() > place.group->deaths_of(letter.id());
    if (pending == nullptr || !pending->order.is_held() || !is_its_own) return;
    edit_.release(place, {letter.id()});
    edit_.batch().wake(place.stream->name());
  }

  void revive(const DeadLetter& letter) {
    const GroupEdit::Place place = edit_.find(letter.channel(), letter.group());
    GroupRecord record;
    record.kind = GroupRecord::Kind::give_back;
    record.entries = {{to_entry_key(letter.id()), 0}};
    edit_.change(place, std::move(record));
    remember_deaths(edit_, letter);
    edit_.batch().wake(place.stream->name());
  }

  GroupEdit& edit_;
  const std::string& channel_;
  const MoveLetters& command_;
  GivenEntries letters_;
  std::vector<Planned> planned_;
  /// Entries that are added again.
  std::set<DeadEntry> added_;
  LetterFates fates_;
  std::vector<StreamId> gone_;
};

}  // namespace

DurableOutcome decide(GroupEdit& edit, const std::string& channel, const MoveLetters& command) {
  return LetterMove(edit, channel, command).run();
}

}  // namespace respublica
