#include "storage/record.h"

#include <algorithm>

#include "storage/byte_codec.h"
#include "storage/crc32c.h"

namespace respublica {
namespace {

constexpr std::size_t kLengthAt = 4;
constexpr std::size_t kBodyAt = 8;

void put_key(std::string& out, EntryKey key) {
  put_varint(out, key.high);
  put_varint(out, key.low);
}

EntryKey read_key(ByteReader& reader) {
  EntryKey key;
  key.high = reader.varint();
  key.low = reader.varint();
  return key;
}

void read_remove(ByteReader& reader, DeleteRecord& record) {
  record.ids.clear();
  const std::uint64_t count = reader.varint();
  for (std::uint64_t i = 0; i < count && !reader.failed(); ++i) record.ids.push_back(read_key(reader));
}

void read_expiry(ByteReader& reader, ExpiryRecord& record) {
  record.at_ms.reset();
  if (const auto stays = reader.fixed<std::uint8_t>(); stays == 0) record.at_ms = reader.varint();
}

/// False when the body is not exactly a record.
bool read_body(std::string_view body, Record& record) {
  ByteReader reader(body);
  record.kind = static_cast<Record::Kind>(reader.fixed<std::uint8_t>());
  const ChannelNumber channel{reader.varint()};
  switch (record.kind) {
    case Record::Kind::channel:
      record.channel = {channel, reader.bytes()};
      break;
    case Record::Kind::append:
      record.append.channel = channel;
      record.append.id = read_key(reader);
      record.append.back = reader.varint();
      record.append.fields = reader.take(reader.rest().size());
      break;
    case Record::Kind::remove:
      record.remove.channel = channel;
      read_remove(reader, record.remove);
      break;
    case Record::Kind::trim:
      record.trim.channel = channel;
      record.trim.first_kept = read_key(reader);
      record.trim.removed = reader.varint();
      record.trim.part_bytes = reader.varint();
      break;
    case Record::Kind::counters:
      record.counters.channel = channel;
      record.counters.last_id = read_key(reader);
      record.counters.max_deleted = read_key(reader);
      record.counters.entries_added = reader.varint();
      break;
    case Record::Kind::drop:
      record.drop.channel = channel;
      break;
    case Record::Kind::expiry:
      record.expiry.channel = channel;
      read_expiry(reader, record.expiry);
      break;
    case Record::Kind::group:
      record.group.channel = channel;
      if (!read_group_record(reader, record.group)) return false;
      break;
    case Record::Kind::producer:
      record.producer.channel = channel;
      if (!read_producer_record(reader, record.producer)) return false;
      break;
    default:
      return false;
  }
  return !reader.failed() && reader.rest().empty();
}

}  // namespace

std::uint64_t AppendRecord::bytes() const {
  return kBodyAt + 1 + varint_bytes(channel.value) + varint_bytes(id.high) + varint_bytes(id.low) + varint_bytes(back) +
         fields.size();
}

std::size_t RecordWriter::begin(Record::Kind kind, ChannelNumber channel) {
  const std::size_t start = payload_.size();
  payload_.append(kBodyAt, '\0');
  payload_.push_back(static_cast<char>(kind));
  put_varint(payload_, channel.value);
  return start;
}

std::size_t RecordWriter::finish(std::size_t start) {
  char* const at = payload_.data() + start;
  set_fixed(at + kLengthAt, static_cast<std::uint32_t>(payload_.size() - start - kBodyAt));
  set_fixed(at, crc32c(0, std::string_view(payload_).substr(start + kLengthAt)));
  return start;
}

std::size_t RecordWriter::write(const ChannelRecord& record) {
  const std::size_t start = begin(Record::Kind::channel, record.channel);
  put_bytes(payload_, record.name);
  return finish(start);
}

std::size_t RecordWriter::write(const AppendRecord& record) {
  const std::size_t start = begin(Record::Kind::append, record.channel);
  put_key(payload_, record.id);
  put_varint(payload_, record.back);
  payload_.append(record.fields);
  return finish(start);
}

std::size_t RecordWriter::write(const DeleteRecord& record) {
  const std::size_t start = begin(Record::Kind::remove, record.channel);
  put_varint(payload_, record.ids.size());
  for (const EntryKey id : record.ids) put_key(payload_, id);
  return finish(start);
}

std::size_t RecordWriter::write(const TrimRecord& record) {
  const std::size_t start = begin(Record::Kind::trim, record.channel);
  put_key(payload_, record.first_kept);
  put_varint(payload_, record.removed);
  put_varint(payload_, record.part_bytes);
  return finish(start);
}

std::size_t RecordWriter::write(const CountersRecord& record) {
  const std::size_t start = begin(Record::Kind::counters, record.channel);
  put_key(payload_, record.last_id);
  put_key(payload_, record.max_deleted);
  put_varint(payload_, record.entries_added);
  return finish(start);
}

std::size_t RecordWriter::write(const DropRecord& record) { return finish(begin(Record::Kind::drop, record.channel)); }

std::size_t RecordWriter::write(const ExpiryRecord& record) {
  const std::size_t start = begin(Record::Kind::expiry, record.channel);
  payload_.push_back(record.at_ms ? '\0' : '\1');
  if (record.at_ms) put_varint(payload_, *record.at_ms);
  return finish(start);
}

std::size_t RecordWriter::write(const GroupRecord& record) {
  const std::size_t start = begin(Record::Kind::group, record.channel);
  put_group_record(payload_, record);
  return finish(start);
}

std::size_t RecordWriter::write(const ProducerRecord& record) {
  const std::size_t start = begin(Record::Kind::producer, record.channel);
  put_producer_record(payload_, record);
  return finish(start);
}

RecordRead read_record(std::string_view bytes, Record& record) {
  using Status = RecordRead::Status;
  if (bytes.size() < kBodyAt) return {Status::cut_off, kBodyAt};
  ByteReader reader(bytes);
  const auto crc = reader.fixed<std::uint32_t>();
  const std::size_t whole = kBodyAt + reader.fixed<std::uint32_t>();
  if (bytes.size() < whole) return {Status::cut_off, whole};
  if (crc != crc32c(0, bytes.substr(kLengthAt, whole - kLengthAt))) return {Status::damaged, whole};
  const bool valid = read_body(bytes.substr(kBodyAt, whole - kBodyAt), record);
  return {valid ? Status::whole : Status::damaged, whole};
}

ChannelNumber channel_of(const Record& record) {
  switch (record.kind) {
    case Record::Kind::channel:
      break;
    case Record::Kind::append:
      return record.append.channel;
    case Record::Kind::remove:
      return record.remove.channel;
    case Record::Kind::trim:
      return record.trim.channel;
    case Record::Kind::counters:
      return record.counters.channel;
    case Record::Kind::drop:
      return record.drop.channel;
    case Record::Kind::expiry:
      return record.expiry.channel;
    case Record::Kind::group:
      return record.group.channel;
    case Record::Kind::producer:
      return record.producer.channel;
  }
  return record.channel.channel;
}

bool read_damaged_record(std::string_view bytes, Record& record) {
  return bytes.size() > kBodyAt && read_body(bytes.substr(kBodyAt), record);
}

bool are_fields(std::string_view bytes) {
  ByteReader reader(bytes);
  const std::uint64_t count = reader.varint();
  for (std::uint64_t i = 0; i < count && !reader.failed(); ++i) {
    reader.bytes();
    reader.bytes();
  }
  return !reader.failed() && reader.rest().empty();
}

FieldsWriter::FieldsWriter(std::size_t fields) { put_varint(bytes_, fields); }

void FieldsWriter::add(std::string_view name, std::string_view value) {
  put_bytes(bytes_, name);
  put_bytes(bytes_, value);
}

FieldsReader::FieldsReader(std::string_view fields) {
  ByteReader reader(fields);
  const std::uint64_t count = reader.varint();
  rest_ = reader.rest();
  // Name and value take a byte each at least.
  count_ = static_cast<std::size_t>(std::min<std::uint64_t>(count, rest_.size() / 2));
}

FieldsReader::Field FieldsReader::next() {
  ByteReader reader(rest_);
  Field field;
  field.name = reader.bytes();
  field.value = reader.bytes();
  rest_ = reader.rest();
  return field;
}

}  // namespace respublica
