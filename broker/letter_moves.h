#pragma once
// Decides what becomes of dead letters that are to leave their channel.

#include <string>

#include "broker/group_edit.h"

namespace respublica {

/// More than a letter that moves takes beside its fields and the name of where it goes.
inline constexpr std::uint64_t kMoveBytes = 1024;

/// Each letter is, when the frame is written, either where it was or where it goes, and never in both. A redrive makes
/// the entry pending again in its group, as if it had never been delivered; an entry that is gone from its channel is
/// added to it again, with `dlq.redriven-from`, once for all its letters. An entry that a consumer has pending is not
/// taken from it: the letter stays. An entry that holds others of its key (`on-dead hold`) lets them go when its letter
/// goes elsewhere. Who waits for entries is woken. Answers LetterFates; letters that are not there, and entries that
/// are no letters, do not count. An error when the log cannot be read: then nothing has changed.
DurableOutcome decide(GroupEdit& edit, const std::string& channel, const MoveLetters& command);

}  // namespace respublica
