#include "server/entry_encoder.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

#include "storage/record.h"

namespace respublica {
namespace {

/// What stands before the fields of an entry in a virtual channel.
constexpr std::size_t kOwnFields = 2;

constexpr std::size_t kDigits = 20;
/// A type, a number and the end of the line; and the end of a bulk string.
constexpr std::size_t kHeader = 1 + kDigits + 2;
constexpr std::size_t kLineEnd = 2;

/// Room that is made for entries before they are added, what one takes beside its fields, and the first room of others.
constexpr std::uint64_t kMostRoom = 512 * 1024;
constexpr std::uint64_t kRoomBesideFields = 64;
constexpr std::size_t kFirstRoom = 512;

/// Most lengths and sequence numbers are short, and there are many.
char* put_number(char* at, std::uint64_t number) {
  if (number >= 1000) return std::to_chars(at, at + kDigits, number).ptr;
  if (number >= 100) *at++ = static_cast<char>('0' + number / 100);
  if (number >= 10) *at++ = static_cast<char>('0' + number / 10 % 10);
  *at++ = static_cast<char>('0' + number % 10);
  return at;
}

char* put_line_end(char* at) {
  at[0] = '\r';
  at[1] = '\n';
  return at + kLineEnd;
}

char* put_header(char* at, char type, std::uint64_t number) {
  *at++ = type;
  return put_line_end(put_number(at, number));
}

char* put(char* at, std::string_view bytes) {
  std::memcpy(at, bytes.data(), bytes.size());
  return at + bytes.size();
}

}  // namespace

void EntryEncoder::expect(std::uint64_t count, std::string_view fields) {
  const std::uint64_t one = fields.size() + kRoomBesideFields;
  end_ = room(end_, static_cast<std::size_t>(std::min(count, kMostRoom / one) * one));
}

void EntryEncoder::add(StreamId id, std::string_view fields) {
  const std::size_t count = FieldsReader(fields).count();
  char* at = put_header(room(end_, kHeader), '*', 2);
  at = put_id(at, id);
  at = put_header(room(at, kHeader), '*', 2 * count);
  end_ = put_fields(at, fields, count);
}

void EntryEncoder::add(const VirtualEntry& entry) {
  const std::size_t count = FieldsReader(entry.fields).count();
  char* at = put_header(room(end_, kHeader), '*', 2);
  at = put_id(at, entry.id);
  at = put_header(room(at, kHeader), '*', 2 * (kOwnFields + count));
  at = put_bulk(at, VirtualChannel::kChannelField);
  at = put_bulk(at, entry.channel);
  at = put_bulk(at, VirtualChannel::kIdField);
  at = put_id(at, entry.channel_id);
  end_ = put_fields(at, entry.fields, count);
}

SharedBytes EntryEncoder::take() {
  if (!block_) return {};
  block_.set_size(static_cast<std::size_t>(end_ - block_.data()));
  end_ = nullptr;
  limit_ = nullptr;
  return std::exchange(block_, {});
}

char* EntryEncoder::room(char* at, std::size_t bytes) {
  return static_cast<std::size_t>(limit_ - at) < bytes ? grow(at, bytes) : at;
}

char* EntryEncoder::grow(char* at, std::size_t bytes) {
  const std::size_t used = block_ ? static_cast<std::size_t>(at - block_.data()) : 0;
  SharedBytes larger = SharedBytes::allocate(std::max({used + bytes, 2 * used, kFirstRoom}));
  if (used > 0) std::memcpy(larger.data(), block_.data(), used);
  block_ = std::move(larger);
  limit_ = block_.data() + block_.capacity();
  return block_.data() + used;
}

char* EntryEncoder::put_bulk(char* at, std::string_view bytes) {
  at = room(at, kHeader + bytes.size() + kLineEnd);
  return put_line_end(put(put_header(at, '$', bytes.size()), bytes));
}

char* EntryEncoder::put_id(char* at, StreamId id) {
  if (prefix_bytes_ == 0 || id.ms != prefix_ms_) {
    char* const end = put_number(prefix_, id.ms);
    *end = '-';
    prefix_ms_ = id.ms;
    prefix_bytes_ = static_cast<std::size_t>(end + 1 - prefix_);
  }
  char text[sizeof prefix_ + kDigits];
  std::memcpy(text, prefix_, sizeof prefix_);
  const char* const end = put_number(text + prefix_bytes_, id.seq);
  return put_bulk(at, {text, static_cast<std::size_t>(end - text)});
}

char* EntryEncoder::put_fields(char* at, std::string_view fields, std::size_t count) {
  FieldsReader reader(fields);
  for (std::size_t i = 0; i < count; ++i) {
    const FieldsReader::Field field = reader.next();
    at = put_bulk(at, field.name);
    at = put_bulk(at, field.value);
  }
  return at;
}

}  // namespace respublica
