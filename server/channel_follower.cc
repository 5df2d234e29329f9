#include "server/channel_follower.h"

#include <algorithm>

#include "protocol/push_encoder.h"
#include "server/live_payload.h"

namespace respublica {

Result<std::uint64_t> ChannelFollower::read(const FindStream& find, StreamReader& reader, ProtocolVersion version,
                                            std::string& out, std::size_t limit) {
  bell_->answer();
  const std::shared_ptr<const Stream> stream = find(channel_);
  if (stream == nullptr) return std::uint64_t{0};
  if (number_ != stream->number()) next_ = first_;
  number_ = stream->number();
  if (!next_ || stream->length() == 0 || *next_ > stream->last_id()) return std::uint64_t{0};
  std::uint64_t messages = 0;
  std::string scratch;
  bool more = false;
  const auto visit = [&](const StoredEntry& entry) {
    if (out.size() >= limit) {
      more = true;
      return false;
    }
    append_message(out, version, "message", name_, live_payload(entry.fields, scratch));
    next_ = entry.id.next();
    ++messages;
    return true;
  };
  const Result<void> read = reader.forward(*stream, {*next_, kMaxStreamId}, visit);
  // Entries that have been removed since the stream was looked up cannot be read, and need not be.
  if (!read && find(channel_) == stream) return read.error();
  if (!read || more) bell_->ring();
  return messages;
}

void ChannelFollowers::remove(std::string_view name) {
  std::erase_if(followers_, [name](const ChannelFollower& follower) { return follower.name() == name; });
}

bool ChannelFollowers::due() const {
  return std::any_of(followers_.begin(), followers_.end(), [](const ChannelFollower& each) { return each.due(); });
}

Result<std::uint64_t> ChannelFollowers::read(const ChannelFollower::FindStream& find, StreamReader& reader,
                                             ProtocolVersion version, std::string& out) {
  for (std::size_t i = 0; i < followers_.size(); ++i) {
    turn_ = (turn_ + 1) % followers_.size();
    ChannelFollower& follower = followers_[turn_];
    if (follower.due()) return follower.read(find, reader, version, out, out.size() + kStepBytes);
  }
  return std::uint64_t{0};
}

}  // namespace respublica
