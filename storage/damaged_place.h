#pragma once
// Torn by a crash, or corrupt: what damage in the log means.

#include <cstdint>
#include <optional>

#include "storage/log_position.h"

namespace respublica {

/// A place in the log where a frame should stand, and none that is whole does.
struct DamagedPlace {
  LogPosition position;
  /// Another segment follows: this one was synced before that one was made.
  bool is_sealed = false;
  /// Everything before this place is known to have been on the disk, by what stands outside of the damaged frame and
  /// what follows it: the beginning of the segment, a checkpoint.
  LogPosition known_durable;
  /// The highest durable position that a frame behind the damage has in its header; none when no header is found.
  std::optional<LogPosition> later_durable;
};

enum class DamageVerdict : std::uint8_t {
  /// Of commits that nobody was told of: to be cut off, with all that follows.
  unacknowledged,
  /// What was there may have been acknowledged: nobody but an operator may decide that it is gone.
  corrupt,
};

/// Damage is unacknowledged only when nothing says that it was once on the disk: no segment follows, no checkpoint
/// and no later frame counts it as durable.
///
/// That a valid frame follows does not make it corrupt by itself. Frames that were written without a sync between them
/// (appendfsync everysec and no) reach the disk in any order when the power fails, so that the first can be torn and
/// the second whole. But then both were built before the next sync returned, and the second one's durable position is
/// at or below the first. Where each commit is synced before the next one, a later frame always counts it.
DamageVerdict judge(const DamagedPlace& place);

}  // namespace respublica
