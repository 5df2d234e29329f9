#include "broker/stream_codec.h"

#include <limits>
#include <utility>
#include <vector>

namespace respublica {
namespace {

/// What follows that most streams have not.
enum Parts : std::uint8_t { kRare = 1, kExpires = 2 };

template <typename Integer>
Integer read_number(ByteReader& in, bool& fits) {
  const std::uint64_t value = in.varint();
  if (value > std::numeric_limits<Integer>::max()) fits = false;
  return static_cast<Integer>(value);
}

void encode_window(const StreamWindow& window, LogPosition before, std::string& out) {
  put_stream_id(out, window.first);
  put_varint(out, window.begin - before);
  put_varint(out, window.last - window.begin);
  put_varint(out, window.bytes);
  put_varint(out, window.entries);
  put_varint(out, window.live);
  put_varint(out, window.deleted ? window.deleted->size() : 0);
  if (!window.deleted) return;
  for (const StreamId id : *window.deleted) put_stream_id(out, id);
}

/// False when it is none.
bool decode_window(ByteReader& in, LogPosition before, StreamWindow& window) {
  bool fits = true;
  window.first = read_stream_id(in);
  window.begin = before + in.varint();
  window.last = window.begin + in.varint();
  window.bytes = read_number<std::uint32_t>(in, fits);
  window.entries = read_number<std::uint16_t>(in, fits);
  window.live = read_number<std::uint16_t>(in, fits);
  const std::uint64_t deleted = in.varint();
  if (!fits || window.begin < before || deleted > kMaxWindowEntries) return false;
  if (deleted == 0) return !in.failed();
  std::vector<StreamId> ids;
  for (std::uint64_t i = 0; i < deleted; ++i) {
    ids.push_back(read_stream_id(in));
    if (i > 0 && ids[i] <= ids[i - 1]) return false;
  }
  window.deleted = SharedValue(std::move(ids));
  return !in.failed();
}

}  // namespace

void put_stream_id(std::string& out, StreamId id) {
  put_varint(out, id.ms);
  put_varint(out, id.seq);
}

StreamId read_stream_id(ByteReader& in) {
  StreamId id;
  id.ms = in.varint();
  id.seq = in.varint();
  return id;
}

void encode_stream(const Stream& stream, std::string& out) {
  put_bytes(out, stream.name());
  put_varint(out, stream.number().value);
  put_varint(out, stream.length());
  put_stream_id(out, stream.last_id());
  const std::uint64_t gone = stream.entries_added() - stream.length();
  const bool rare = gone != 0 || stream.floor() != kMinStreamId || stream.max_deleted_id() != kMinStreamId;
  put_fixed(out, static_cast<std::uint8_t>((rare ? kRare : 0) | (stream.expires_ms() ? kExpires : 0)));
  if (rare) {
    put_stream_id(out, stream.floor());
    put_stream_id(out, stream.max_deleted_id());
    put_varint(out, gone);
  }
  if (stream.expires_ms()) put_varint(out, *stream.expires_ms());
  const StreamWindows& windows = stream.windows();
  put_varint(out, windows.size());
  LogPosition before;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    encode_window(windows[i], before, out);
    before = windows[i].last;
  }
}

std::shared_ptr<Stream> decode_stream(ByteReader& in) {
  const std::string_view name = in.bytes();
  const ChannelNumber number{in.varint()};
  StreamState state;
  state.length = in.varint();
  state.last_id = read_stream_id(in);
  const auto parts = in.fixed<std::uint8_t>();
  if ((parts & ~(kRare | kExpires)) != 0) return nullptr;
  if ((parts & kRare) != 0) {
    state.floor = read_stream_id(in);
    state.max_deleted_id = read_stream_id(in);
    state.entries_gone = in.varint();
  }
  if ((parts & kExpires) != 0) state.expires_ms = in.varint();
  const std::uint64_t windows = in.varint();
  LogPosition before;
  for (std::uint64_t i = 0; i < windows && !in.failed(); ++i) {
    StreamWindow window;
    if (!decode_window(in, before, window)) return nullptr;
    before = window.last;
    if (!state.windows.restore(std::move(window))) return nullptr;
  }
  if (in.failed()) return nullptr;
  return std::make_shared<Stream>(std::string(name), number, std::move(state));
}

}  // namespace respublica
