#pragma once
// The arguments of the stream commands, read into values. Every error is the whole error reply, in Redis's words, and
// the one that Redis finds first. An ID is digits: the blanks and signs that Redis lets stand before them are not
// taken.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "broker/group_command.h"
#include "broker/read_caps.h"
#include "broker/stream_id.h"
#include "broker/stream_request.h"
#include "server/commands/argument_values.h"
#include "server/commands/idempotence_arguments.h"

namespace respublica {

struct AddArguments {
  std::string_view key;
  RequestedId id;
  std::optional<TrimRule> trim;
  /// Of groups, to entries that are trimmed off.
  References references = References::keep;
  /// Absent with NOMKSTREAM: a stream that does not exist is not made.
  bool make_stream = true;
  /// Only with an ID that is `*`.
  std::optional<ProducerWords> producer;
  /// Field, value, field, value...: at least one pair.
  StreamArguments fields;
};

/// XADD key [NOMKSTREAM] [KEEPREF|DELREF|ACKED] [IDMPAUTO producer-id | IDMP producer-id idempotent-id]
/// [MAXLEN|MINID [=|~] threshold [LIMIT count]] *|ms-*|id field value [field value ...]
Result<AddArguments> parse_add(StreamArguments arguments);

struct TrimArguments {
  std::string_view key;
  TrimRule rule;
  References references = References::keep;
};

/// XTRIM key MAXLEN|MINID [=|~] threshold [LIMIT count] [KEEPREF|DELREF|ACKED]
Result<TrimArguments> parse_trim(StreamArguments arguments);

enum class RangeOrder : std::uint8_t { forward, backward };

struct RangeArguments {
  std::string_view key;
  IdRange range;
  /// Absent: all. 0, to which negative numbers are raised, is answered with the null array if the key exists.
  std::optional<std::uint64_t> count;
};

/// XRANGE key start end [COUNT count] (forward), XREVRANGE key end start [COUNT count] (backward). A bound is `-`, `+`,
/// an ID, or `(` and an ID that is itself left out.
Result<RangeArguments> parse_range(StreamArguments arguments, RangeOrder order);

/// From where on XREAD reads one stream.
struct ReadPosition {
  enum class Kind : std::uint8_t {
    /// The entries behind `after`.
    after,
    /// The entries that come from now on (`$`).
    new_entries,
    /// The last entry (`+`, as in Redis 7.4).
    last_entry,
  };

  std::string_view key;
  Kind kind = Kind::after;
  StreamId after;
};

struct ReadArguments {
  /// Entries of each stream; 0 = all.
  std::uint64_t count = 0;
  /// Of all streams together.
  ReadCaps caps;
  /// Absent: does not wait. 0: for ever. At most 2^42 ms, so that it can be added to a time.
  std::optional<std::chrono::milliseconds> block;
  /// At least one; the same key may be there twice.
  std::vector<ReadPosition> streams;
};

/// XREAD [COUNT count] [MAXCOUNT count] [MAXSIZE bytes] [BLOCK milliseconds] STREAMS key [key ...] id [id ...]
Result<ReadArguments> parse_read(StreamArguments arguments);

struct DeleteArguments {
  std::string_view key;
  /// In the order given; an ID may be there twice.
  std::vector<StreamId> ids;
};

/// XDEL key id [id ...]. Redis answers 0 without a look at the IDs when the key does not exist.
Result<DeleteArguments> parse_delete(StreamArguments arguments);

struct SetIdArguments {
  std::string_view key;
  StreamId last_id;
  std::optional<std::uint64_t> entries_added;
  /// Not above last_id. 0-0 is as good as absent, in Redis too.
  std::optional<StreamId> max_deleted_id;
};

/// XSETID key last-id [ENTRIESADDED entries-added] [MAXDELETEDID max-deleted-id]
Result<SetIdArguments> parse_set_id(StreamArguments arguments);

}  // namespace respublica
