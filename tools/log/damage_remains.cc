#include "tools/log/damage_remains.h"

#include <algorithm>
#include <utility>

namespace respublica::logtool {

Result<void> show_remains(LogVisitor& visitor, Damage damage, std::string_view payload, const FrameRemains& remains,
                          const RecordPlace& place) {
  damage.kept = remains.whole.size();
  damage.may_concern_others = !remains.is_complete;
  Record record;
  const auto concern = [&damage](ChannelNumber channel) {
    if (std::ranges::find(damage.channels, channel) == damage.channels.end()) damage.channels.push_back(channel);
  };
  for (const FrameRemains::Piece& piece : remains.whole) {
    read_record(payload.substr(piece.at, piece.bytes), record);
    if (!remains.is_complete) concern(channel_of(record));
  }
  for (const FrameRemains::Piece& piece : remains.damaged) {
    if (!read_damaged_record(payload.substr(piece.at, piece.bytes), record)) {
      damage.may_concern_others = true;
      continue;
    }
    concern(channel_of(record));
    if (record.kind == Record::Kind::append) damage.entries.push_back({record.append.channel, record.append.id});
  }
  if (auto seen = visitor.damage(damage); !seen) return seen;
  return show_whole(visitor, payload, remains, place);
}

Result<void> show_whole(LogVisitor& visitor, std::string_view payload, const FrameRemains& remains,
                        const RecordPlace& place) {
  Record record;
  for (const FrameRemains::Piece& piece : remains.whole) {
    read_record(payload.substr(piece.at, piece.bytes), record);
    RecordPlace at = place;
    at.position = place.position + piece.at;
    at.offset = place.offset + piece.at;
    at.bytes = piece.bytes;
    if (auto seen = visitor.record(record, at); !seen) return seen;
  }
  return {};
}

}  // namespace respublica::logtool
