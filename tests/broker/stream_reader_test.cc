#include "broker/stream_reader.h"

#include <cstring>
#include <vector>

#include "tests/support/catch.h"

namespace respublica::test {
namespace {

constexpr ChannelNumber kChannel{7};

/// Records in memory that one stream has; position 0 is the first byte. Counts how often it is read.
class RecordsInMemory final : public RecordSource {
 public:
  /// Appends an entry with the ID `ms`-0 to the stream.
  void append(Stream& stream, std::uint64_t ms) {
    const LogPosition position{bytes_.size()};
    FieldsWriter fields(1);
    fields.add("payload", std::to_string(ms));
    const std::string encoded = fields.take();
    AppendRecord record;
    record.channel = stream.number();
    record.id = {ms, 0};
    record.back = stream.windows().back_from(position);
    record.fields = encoded;
    RecordWriter(bytes_).write(record);
    REQUIRE(stream.apply(record, position));
  }

  Result<std::size_t> read(LogPosition position, std::span<char> into) const override {
    ++reads;
    bytes_read += into.size();
    const std::string_view rest = std::string_view(bytes_).substr(static_cast<std::size_t>(position.value));
    return rest.copy(into.data(), into.size());
  }

  mutable int reads = 0;
  mutable std::size_t bytes_read = 0;

 private:
  std::string bytes_;
};

std::vector<std::uint64_t> times(StreamReader& reader, const Stream& stream, StreamId first = {}) {
  std::vector<std::uint64_t> found;
  const auto visit = [&found](const StoredEntry& entry) {
    FieldsReader fields(entry.fields);
    CHECK(fields.next().value == std::to_string(entry.id.ms));
    found.push_back(entry.id.ms);
    return true;
  };
  CHECK(reader.forward(stream, {first, kMaxStreamId}, visit).ok());
  return found;
}

}  // namespace

TEST_CASE("the window that was read last is not read again") {
  RecordsInMemory records;
  Stream stream("c", kChannel);
  for (std::uint64_t ms = 1; ms <= 5; ++ms) records.append(stream, ms);
  StreamReader reader(records);
  CHECK(times(reader, stream) == std::vector<std::uint64_t>{1, 2, 3, 4, 5});
  const int reads = records.reads;
  CHECK(times(reader, stream, {4, 0}) == std::vector<std::uint64_t>{4, 5});
  CHECK(records.reads == reads);
}

TEST_CASE("of a long window the end is read alone when only that is asked for") {
  RecordsInMemory records;
  Stream stream("c", kChannel);
  for (std::uint64_t ms = 1; ms <= 1000; ++ms) records.append(stream, ms);
  StreamReader reader(records);
  CHECK(times(reader, stream, {1000, 0}) == std::vector<std::uint64_t>{1000});
  CHECK(times(reader, stream, {1000, 1}).empty());
  CHECK(records.bytes_read < 6000);
  records.append(stream, 1001);
  CHECK(times(reader, stream, {1001, 0}) == std::vector<std::uint64_t>{1001});
  CHECK(records.bytes_read < 12000);
}

TEST_CASE("wherever a read begins, all is found from there on") {
  RecordsInMemory records;
  Stream stream("c", kChannel);
  for (std::uint64_t ms = 1; ms <= 1000; ++ms) records.append(stream, ms);
  DeleteRecord removed;
  removed.channel = kChannel;
  for (std::uint64_t ms = 3; ms <= 1000; ms += 3) removed.ids.push_back({ms, 0});
  REQUIRE(stream.apply(removed));
  const auto left_from = [](std::uint64_t first) {
    std::vector<std::uint64_t> left;
    for (std::uint64_t ms = first; ms <= 1000; ++ms) {
      if (ms % 3 != 0) left.push_back(ms);
    }
    return left;
  };
  StreamReader ascending(records);
  StreamReader descending(records);
  for (std::uint64_t ms = 1; ms <= 1001; ms += 8) {
    REQUIRE(times(ascending, stream, {ms, 0}) == left_from(ms));
    REQUIRE(times(descending, stream, {1002 - ms, 0}) == left_from(1002 - ms));
    StreamReader fresh(records);
    REQUIRE(times(fresh, stream, {ms, 0}) == left_from(ms));
  }
}

TEST_CASE("who goes back in a window has it read twice at most") {
  RecordsInMemory records;
  Stream stream("c", kChannel);
  for (std::uint64_t ms = 1; ms <= 1000; ++ms) records.append(stream, ms);
  StreamReader reader(records);
  for (const std::uint64_t ms : {990U, 980U}) times(reader, stream, {ms, 0});
  const int reads = records.reads;
  for (const std::uint64_t ms : {700U, 10U, 995U, 1U}) times(reader, stream, {ms, 0});
  CHECK(records.reads == reads);
}

TEST_CASE("a window that has changed is read again") {
  RecordsInMemory records;
  Stream stream("c", kChannel);
  for (std::uint64_t ms = 1; ms <= 5; ++ms) records.append(stream, ms);
  StreamReader reader(records);
  CHECK(times(reader, stream).size() == 5);
  records.append(stream, 6);
  CHECK(times(reader, stream) == std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6});
  DeleteRecord removed;
  removed.channel = kChannel;
  removed.ids = {{3, 0}};
  REQUIRE(stream.apply(removed));
  CHECK(times(reader, stream) == std::vector<std::uint64_t>{1, 2, 4, 5, 6});
  TrimRecord trimmed;
  trimmed.channel = kChannel;
  trimmed.first_kept = {2, 0};
  trimmed.removed = 1;
  REQUIRE(stream.apply(trimmed));
  CHECK(times(reader, stream) == std::vector<std::uint64_t>{2, 4, 5, 6});
}

TEST_CASE("the window of another stream is read, though its records stand at the same places") {
  RecordsInMemory records;
  RecordsInMemory others;
  Stream stream("c", kChannel);
  Stream other("d", ChannelNumber{8});
  records.append(stream, 1);
  StreamReader reader(records);
  CHECK(times(reader, stream).size() == 1);
  others.append(other, 1);
  // The records there are of the first stream.
  CHECK_FALSE(reader.forward(other, {}, [](const StoredEntry&) { return true; }).ok());
  CHECK(times(reader, stream).size() == 1);
}

TEST_CASE("a damaged record is an error, and is looked for again the next time") {
  class Damaged final : public RecordSource {
   public:
    Result<std::size_t> read(LogPosition, std::span<char> into) const override {
      std::memset(into.data(), 'x', into.size());
      return into.size();
    }
  };
  RecordsInMemory records;
  Stream stream("c", kChannel);
  records.append(stream, 1);
  const Damaged damaged;
  StreamReader reader(damaged);
  for (int time = 0; time < 2; ++time) {
    const Result<void> read = reader.forward(stream, {}, [](const StoredEntry&) { return true; });
    REQUIRE_FALSE(read.ok());
    CHECK(read.error().message ==
          "the log cannot be read at position 0, channel 'c': the record is damaged (checksum)");
  }
}

}  // namespace respublica::test
