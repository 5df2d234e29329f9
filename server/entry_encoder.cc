#include "server/entry_encoder.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

#include "storage/record.h"

namespace respublica {
namespace {

/// What stands before the fields of an entry in a virtual channel.
constexpr std::string_view kChannelField = "$channel";
constexpr std::string_view kIdField = "$id";
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
  room(static_cast<std::size_t>(std::min(count, kMostRoom / one) * one));
}

void EntryEncoder::add(StreamId id, std::string_view fields) {
  const std::size_t count = FieldsReader(fields).count();
  array(2);
  bulk_id(id);
  array(2 * count);
  bulk_fields(fields, count);
}

void EntryEncoder::add(const VirtualEntry& entry) {
  const std::size_t count = FieldsReader(entry.fields).count();
  array(2);
  bulk_id(entry.id);
  array(2 * (kOwnFields + count));
  bulk_string(kChannelField);
  bulk_string(entry.channel);
  bulk_string(kIdField);
  bulk_id(entry.channel_id);
  bulk_fields(entry.fields, count);
}

SharedBytes EntryEncoder::take() {
  if (!block_) return {};
  block_.set_size(static_cast<std::size_t>(end_ - block_.data()));
  end_ = nullptr;
  left_ = 0;
  return std::exchange(block_, {});
}

char* EntryEncoder::room(std::size_t bytes) {
  if (left_ < bytes) grow(bytes);
  return end_;
}

void EntryEncoder::grow(std::size_t bytes) {
  const std::size_t used = block_ ? static_cast<std::size_t>(end_ - block_.data()) : 0;
  SharedBytes larger = SharedBytes::allocate(std::max({used + bytes, 2 * used, kFirstRoom}));
  if (used > 0) std::memcpy(larger.data(), block_.data(), used);
  block_ = std::move(larger);
  end_ = block_.data() + used;
  left_ = block_.capacity() - used;
}

void EntryEncoder::array(std::size_t elements) {
  char* const end = put_header(room(kHeader), '*', elements);
  left_ -= static_cast<std::size_t>(end - end_);
  end_ = end;
}

void EntryEncoder::bulk_string(std::string_view bytes) {
  char* const begin = room(kHeader + bytes.size() + kLineEnd);
  char* const end = put_line_end(put(put_header(begin, '$', bytes.size()), bytes));
  left_ -= static_cast<std::size_t>(end - end_);
  end_ = end;
}

void EntryEncoder::bulk_id(StreamId id) {
  if (prefix_bytes_ == 0 || id.ms != prefix_ms_) {
    char* const end = put_number(prefix_, id.ms);
    *end = '-';
    prefix_ms_ = id.ms;
    prefix_bytes_ = static_cast<std::size_t>(end + 1 - prefix_);
  }
  char text[sizeof prefix_ + kDigits];
  std::memcpy(text, prefix_, sizeof prefix_);
  const char* const end = put_number(text + prefix_bytes_, id.seq);
  bulk_string({text, static_cast<std::size_t>(end - text)});
}

void EntryEncoder::bulk_fields(std::string_view fields, std::size_t count) {
  FieldsReader reader(fields);
  for (std::size_t i = 0; i < count; ++i) {
    const FieldsReader::Field field = reader.next();
    bulk_string(field.name);
    bulk_string(field.value);
  }
}

}  // namespace respublica
