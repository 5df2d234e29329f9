#include "storage/group_record.h"

#include <string>

#include "storage/record.h"
#include "tests/support/catch.h"
#include "tests/support/seeded_random.h"

namespace respublica {
namespace {

using Kind = GroupRecord::Kind;

constexpr std::uint64_t kMost = UINT64_MAX;

GroupRecord record_of(Kind kind) {
  GroupRecord record;
  record.kind = kind;
  record.group = 300;
  record.consumer = 7;
  record.name = "the name";
  record.last_delivered = {kMost, 5};
  record.entries_read = 12;
  record.time_ms = 1'700'000'000'000;
  // IDs need not grow.
  record.entries = {{{5, 1}, 2}, {{5, 2}, kMost}, {{4, 9}, 0}, {{kMost, kMost}, 1}};
  return record;
}

std::string written(const GroupRecord& record) {
  std::string bytes;
  put_group_record(bytes, record);
  return bytes;
}

/// Whether all of it is a record.
bool read_whole(std::string_view bytes, GroupRecord& record) {
  ByteReader reader(bytes);
  return read_group_record(reader, record) && reader.rest().empty();
}

}  // namespace

TEST_CASE("each kind of group record is read as it was written") {
  for (int kind = 1; kind <= static_cast<int>(Kind::died); ++kind) {
    CAPTURE(kind);
    const GroupRecord record = record_of(static_cast<Kind>(kind));
    const std::string bytes = written(record);
    GroupRecord read;
    REQUIRE(read_whole(bytes, read));
    CHECK(read.kind == record.kind);
    CHECK(read.group == 300);
    const bool has_place = record.kind == Kind::make || record.kind == Kind::move;
    CHECK(read.last_delivered == (has_place ? record.last_delivered : EntryKey{}));
    CHECK(read.entries_read == (has_place ? record.entries_read : std::nullopt));
    const bool has_name = record.kind == Kind::make || record.kind == Kind::make_consumer;
    CHECK(read.name == (has_name ? "the name" : ""));
    const bool has_consumer =
        record.kind == Kind::make_consumer || record.kind == Kind::drop_consumer || record.kind == Kind::deliver;
    CHECK(read.consumer == (has_consumer ? 7 : 0));
    const bool has_deliveries = record.kind == Kind::deliver || record.kind == Kind::give_back;
    CHECK(read.time_ms == (has_deliveries || record.kind == Kind::make_consumer ? record.time_ms : 0));
    if (has_deliveries || record.kind == Kind::died) CHECK(read.entries == record.entries);
    if (record.kind != Kind::release) continue;
    REQUIRE(read.entries.size() == 4);
    CHECK(read.entries[0] == GroupRecord::Entry{{5, 1}, 0});
    CHECK(read.entries[3] == GroupRecord::Entry{{kMost, kMost}, 0});
  }
}

TEST_CASE("a group that does not know how many entries it was given says so") {
  GroupRecord record = record_of(Kind::move);
  record.entries_read.reset();
  GroupRecord read = record_of(Kind::move);
  REQUIRE(read_whole(written(record), read));
  CHECK_FALSE(read.entries_read);
}

TEST_CASE("a group record that is cut off is none") {
  for (int kind = 1; kind <= static_cast<int>(Kind::died); ++kind) {
    const std::string bytes = written(record_of(static_cast<Kind>(kind)));
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      GroupRecord read;
      CHECK_FALSE(read_whole(std::string_view(bytes).substr(0, length), read));
    }
  }
}

TEST_CASE("a kind of group record that is not known is none") {
  std::string bytes = written(record_of(Kind::drop));
  GroupRecord read;
  for (const char kind : {'\0', '\x0a', '\xff'}) {
    bytes[0] = kind;
    CHECK_FALSE(read_whole(bytes, read));
  }
}

TEST_CASE("a count that the bytes have no room for takes no memory") {
  std::string bytes = written(record_of(Kind::release));
  GroupRecord read;
  bytes.resize(3);
  put_varint(bytes, kMost);
  bytes += "\x01\x01";
  CHECK_FALSE(read_whole(bytes, read));
  CHECK(read.entries.capacity() < 100);
}

TEST_CASE("bytes that are anything are no group record, or one that is written as it was read") {
  test::SeededRandom random(3);
  for (int round = 0; round < 30'000; ++round) {
    std::string bytes = written(record_of(static_cast<Kind>(1 + random.below(9))));
    for (std::uint64_t count = 1 + random.below(4); count > 0; --count) {
      bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
    }
    GroupRecord read;
    if (!read_whole(bytes, read)) continue;
    GroupRecord again;
    const std::string once = written(read);
    REQUIRE(read_whole(once, again));
    CHECK(written(again) == once);
  }
}

TEST_CASE("a group record is a record of its channel") {
  std::string payload;
  GroupRecord record = record_of(Kind::deliver);
  record.channel = {77};
  RecordWriter(payload).write(record);
  Record read;
  CHECK(read_record(payload, read).status == RecordRead::Status::whole);
  CHECK(read.kind == Record::Kind::group);
  CHECK(channel_of(read) == ChannelNumber{77});
  CHECK(read.group.entries == record.entries);
  // More bytes than the record has.
  payload.push_back('\0');
  CHECK_FALSE(read_damaged_record(payload, read));
}

}  // namespace respublica
