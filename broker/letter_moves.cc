#include "broker/letter_moves.h"

#include <utility>
#include <vector>

#include "broker/dead_letter.h"
#include "broker/dead_letters.h"
#include "broker/stream_batch.h"

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
      if (!exists) return refuse_group(Refusal::log_unreadable, exists.error().message);
    }
    for (const GivenEntries::Entry& entry : letters_.entries) {
      const std::optional<DeadLetter> letter = DeadLetter::read(letters_.fields_of(entry));
      if (!letter) continue;
      const Result<Fate> fate = fate_of(*letter);
      if (!fate) return refuse_group(Refusal::log_unreadable, fate.error().message);
      planned_.push_back({entry.id, *letter, fate.value()});
    }
    for (const Planned& one : planned_) {
      const Fate fate = command_.is_dry_run ? one.fate : carry_out(one);
      if (fate == Fate::left) ++fates_.skipped;
      if (fate == Fate::added_again) ++fates_.added;
      if (fate != Fate::left && fate != Fate::added_again) ++fates_.moved;
    }
    if (!gone_.empty()) edit_.batch().erase_present(*edit_.batch().find(channel_), gone_);
    return answer_of(fates_);
  }

 private:
  enum class Fate : std::uint8_t { left, discarded, sent, pending_again, added_again };
  struct Planned {
    StreamId id;
    DeadLetter letter;
    Fate fate = Fate::left;
  };

  Result<Fate> fate_of(const DeadLetter& letter) {
    if (command_.act == Act::discard) return Fate::discarded;
    if (command_.to) return letter.has_original() && *command_.to != channel_ ? Fate::sent : Fate::left;
    const GroupEdit::Place place = edit_.find(letter.channel(), letter.group());
    if (place.group == nullptr || letter.channel() == channel_) return Fate::left;
    const Result<bool> exists = edit_.read(*place.stream, letter.id(), nullptr);
    if (!exists) return exists.error();
    if (exists.value()) return Fate::pending_again;
    return letter.has_original() ? Fate::added_again : Fate::left;
  }

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
        if (!batch.append_own(std::string(one.letter.channel()), one.letter.revived())) return Fate::left;
        ++counts.redriven;
        break;
    }
    gone_.push_back(one.id);
    return one.fate;
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
  LetterFates fates_;
  std::vector<StreamId> gone_;
};

}  // namespace

DurableOutcome decide(GroupEdit& edit, const std::string& channel, const MoveLetters& command) {
  return LetterMove(edit, channel, command).run();
}

}  // namespace respublica
