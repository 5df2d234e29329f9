#include "storage/producer_record.h"

#include <string>

#include "storage/record.h"
#include "tests/support/catch.h"
#include "tests/support/seeded_random.h"

namespace respublica {
namespace {

using Kind = ProducerRecord::Kind;

Fingerprint fingerprint_of(std::string_view bytes) {
  FingerprintMaker maker;
  maker.add(bytes);
  return maker.finish();
}

ProducerRecord record_of(Kind kind) {
  ProducerRecord record;
  record.kind = kind;
  record.duration_s = 86'400;
  record.most = 10'000;
  record.producer = fingerprint_of("producer");
  record.iid = fingerprint_of("iid");
  record.entry = {1'700'000'000'000, UINT64_MAX};
  record.ahead_ms = 17;
  return record;
}

std::string written(const ProducerRecord& record) {
  std::string bytes;
  put_producer_record(bytes, record);
  return bytes;
}

/// Whether all of it is a record.
bool read_whole(std::string_view bytes, ProducerRecord& record) {
  ByteReader reader(bytes);
  return read_producer_record(reader, record) && reader.rest().empty();
}

}  // namespace

TEST_CASE("each kind of producer record is read as it was written") {
  ProducerRecord read;
  REQUIRE(read_whole(written(record_of(Kind::limit)), read));
  CHECK(read.kind == Kind::limit);
  CHECK(read.duration_s == 86'400);
  CHECK(read.most == 10'000);
  REQUIRE(read_whole(written(record_of(Kind::track)), read));
  CHECK(read.kind == Kind::track);
  CHECK(read.producer == fingerprint_of("producer"));
  CHECK(read.iid == fingerprint_of("iid"));
  CHECK(read.entry == EntryKey{1'700'000'000'000, UINT64_MAX});
  CHECK(read.ahead_ms == 17);
}

TEST_CASE("a producer record that is cut off, or of a kind that is not known, is none") {
  ProducerRecord read;
  for (const Kind kind : {Kind::limit, Kind::track}) {
    std::string bytes = written(record_of(kind));
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      CHECK_FALSE(read_whole(std::string_view(bytes).substr(0, length), read));
    }
    for (const char unknown : {'\0', '\3', '\xff'}) {
      bytes[0] = unknown;
      CHECK_FALSE(read_whole(bytes, read));
    }
  }
}

TEST_CASE("an entry was not added before the beginning of time") {
  ProducerRecord record = record_of(Kind::track);
  record.entry = {16, 0};
  ProducerRecord read;
  CHECK_FALSE(read_whole(written(record), read));
}

TEST_CASE("bytes that are anything are no producer record, or one that is written as it was read") {
  test::SeededRandom random(4);
  for (int round = 0; round < 10'000; ++round) {
    std::string bytes = written(record_of(random.percent(50) ? Kind::limit : Kind::track));
    for (std::uint64_t count = 1 + random.below(4); count > 0; --count) {
      bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
    }
    ProducerRecord read;
    if (!read_whole(bytes, read)) continue;
    ProducerRecord again;
    const std::string once = written(read);
    REQUIRE(read_whole(once, again));
    CHECK(written(again) == once);
  }
}

TEST_CASE("a producer record is a record of its channel") {
  std::string payload;
  ProducerRecord record = record_of(Kind::track);
  record.channel = {77};
  RecordWriter(payload).write(record);
  Record read;
  CHECK(read_record(payload, read).status == RecordRead::Status::whole);
  CHECK(read.kind == Record::Kind::producer);
  CHECK(channel_of(read) == ChannelNumber{77});
  CHECK(read.producer.iid == record.iid);
}

}  // namespace respublica
