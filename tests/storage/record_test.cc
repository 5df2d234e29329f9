#include "storage/record.h"

#include <limits>

#include "tests/support/catch.h"

namespace {

using namespace respublica;

constexpr EntryKey kKey{1526919030474, 55};
constexpr ChannelNumber kChannel{300};

template <typename T>
std::string written(const T& record) {
  std::string payload;
  RecordWriter(payload).write(record);
  return payload;
}

/// Every kind of record, in the order of Record::Kind.
std::vector<std::string> one_of_each() {
  FieldsWriter fields(2);
  fields.add("name", "value");
  fields.add("", std::string(300, '\0'));
  return {written(ChannelRecord{kChannel, "orders"}),
          written(AppendRecord{kChannel, kKey, 117, fields.take()}),
          written(DeleteRecord{kChannel, {kKey, {0, 1}}}),
          written(TrimRecord{kChannel, kKey, 12, 3456}),
          written(CountersRecord{kChannel, kKey, {1, 2}, std::numeric_limits<std::uint64_t>::max()}),
          written(DropRecord{kChannel}),
          written(ExpiryRecord{kChannel, 1526919030474}),
          written(ExpiryRecord{kChannel, std::nullopt})};
}

}  // namespace

TEST_CASE("each kind of record is read as it was written") {
  const std::vector<std::string> bytes = one_of_each();
  Record record;
  for (const std::string& each : bytes) {
    const RecordRead read = read_record(each, record);
    REQUIRE(read.status == RecordRead::Status::whole);
    CHECK(read.bytes == each.size());
  }
  read_record(bytes[0], record);
  CHECK(record.channel.name == "orders");
  CHECK(record.channel.channel == kChannel);
  read_record(bytes[1], record);
  CHECK(record.append.id == kKey);
  CHECK(record.append.back == 117);
  FieldsReader fields(record.append.fields);
  REQUIRE(fields.count() == 2);
  const FieldsReader::Field first = fields.next();
  CHECK(first.name == "name");
  CHECK(first.value == "value");
  const FieldsReader::Field second = fields.next();
  CHECK(second.name.empty());
  CHECK(second.value == std::string(300, '\0'));
  read_record(bytes[2], record);
  CHECK(record.remove.ids == std::vector<EntryKey>{kKey, {0, 1}});
  read_record(bytes[3], record);
  CHECK(record.trim.first_kept == kKey);
  CHECK(record.trim.removed == 12);
  read_record(bytes[4], record);
  CHECK(record.counters.max_deleted == EntryKey{1, 2});
  CHECK(record.counters.entries_added == std::numeric_limits<std::uint64_t>::max());
  read_record(bytes[5], record);
  CHECK(record.kind == Record::Kind::drop);
  read_record(bytes[6], record);
  CHECK(record.expiry.at_ms == 1526919030474);
  read_record(bytes[7], record);
  CHECK(record.expiry.at_ms == std::nullopt);
}

TEST_CASE("a record that is cut off anywhere asks for more bytes") {
  Record record;
  for (const std::string& whole : one_of_each()) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const RecordRead read = read_record(std::string_view(whole).substr(0, size), record);
      REQUIRE(read.status == RecordRead::Status::cut_off);
      CHECK(read.bytes > size);
      CHECK(read.bytes <= whole.size());
    }
  }
}

TEST_CASE("a record with any one bit flipped is not taken for whole") {
  Record record;
  for (const std::string& whole : one_of_each()) {
    for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
      std::string flipped = whole;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
      CHECK(read_record(flipped, record).status != RecordRead::Status::whole);
    }
  }
}

TEST_CASE("records stand one behind the other") {
  std::string payload;
  RecordWriter writer(payload);
  CHECK(writer.write(DropRecord{kChannel}) == 0);
  const std::size_t second = payload.size();
  CHECK(writer.write(ChannelRecord{kChannel, "a"}) == second);
  Record record;
  CHECK(read_record(payload, record).bytes == second);
  CHECK(read_record(std::string_view(payload).substr(second), record).bytes == payload.size() - second);
}

TEST_CASE("the channel of each kind of record is known") {
  Record record;
  for (const std::string& bytes : one_of_each()) {
    REQUIRE(read_record(bytes, record).status == RecordRead::Status::whole);
    CHECK(channel_of(record) == kChannel);
  }
}

TEST_CASE("what a damaged record says can be guessed") {
  std::string bytes = written(AppendRecord{kChannel, kKey, 117, "fields"});
  bytes.back() = '!';
  Record record;
  REQUIRE(read_record(bytes, record).status == RecordRead::Status::damaged);
  REQUIRE(read_damaged_record(bytes, record));
  CHECK(record.kind == Record::Kind::append);
  CHECK(record.append.channel == kChannel);
  CHECK(record.append.id == kKey);
  CHECK_FALSE(read_damaged_record(std::string(bytes.size(), '\0'), record));
  CHECK_FALSE(read_damaged_record("", record));
}

TEST_CASE("no more fields are read than the bytes have room for, whatever number stands before them") {
  CHECK(FieldsReader("").count() == 0);
  CHECK(FieldsReader("\xff\xff\xff\xff\xff\xff\xff\xff\x7f").count() == 0);
  FieldsReader reader("\xff\xff\xff\x7f\x01\x61\x01\x62!");
  REQUIRE(reader.count() == 2);
  CHECK(reader.next().value == "b");
  CHECK(reader.next().name.empty());
}

TEST_CASE("fields are told from other bytes") {
  FieldsWriter writer(2);
  writer.add("name", "value");
  writer.add("", "");
  const std::string fields = writer.take();
  CHECK(are_fields(fields));
  CHECK(are_fields(std::string(1, '\0')));
  CHECK_FALSE(are_fields(""));
  CHECK_FALSE(are_fields(fields + "x"));
  CHECK_FALSE(are_fields(std::string_view(fields).substr(0, fields.size() - 1)));
  CHECK_FALSE(are_fields("\xff\xff\xff\xff\xff\xff\xff\xff\x7f"));
}
