#include "storage/frame_pieces.h"

#include <functional>
#include <string>

#include "storage/memory_file_system.h"
#include "tests/storage/log_access.h"
#include "tests/support/catch.h"

namespace respublica::test {
namespace {

/// Two frames of four records of ten bytes each in a segment that has been left, and what is kept of them.
struct TwoFrames {
  static constexpr std::size_t kRecord = 10;
  static constexpr std::size_t kFrame = kFrameHeaderBytes + 4 * kRecord;

  TwoFrames() {
    log = open_log(files, {}, {64 * 1024}).log;
    for (std::uint64_t i = 0; i < 2; ++i) {
      FrameBuilder frame;
      frame.bytes() +=
          std::string(kRecord, static_cast<char>('a' + 4 * i)) + std::string(kRecord, static_cast<char>('b' + 4 * i)) +
          std::string(kRecord, static_cast<char>('c' + 4 * i)) + std::string(kRecord, static_cast<char>('d' + 4 * i));
      require(log->reserve(frame.size()));
      require(log->append(frame, 100 + i));
    }
    append(*log, std::string(70'000, 'x'));
    writer = require(CompactSegmentWriter::create(files, *log->view(), {}, {2 * kFrame}));
  }

  /// The bytes of the first segment.
  std::string bytes(std::uint64_t position, std::size_t count) const {
    std::string bytes(count, '\0');
    require(log->read({position}, bytes));
    return bytes;
  }
  void keep(std::uint64_t position, std::size_t count) { require(writer->add({position}, bytes(position, count))); }
  void keep_header(std::uint64_t position) { keep(position, kFrameHeaderBytes); }

  /// "100:aabb 100:dd": when the frame was written and the records of each piece that is found, or the error.
  std::string pieces(LogPosition end = {2 * kFrame}) {
    if (writer) {
      require(log->replace(require(writer->finish())));
      writer.reset();
    }
    const auto view = log->view();
    FramePieces pieces;
    pieces.enter(*view->front(), end);
    std::string all;
    for (LogPosition position; true; position = pieces.end()) {
      Result<bool> found = pieces.find(position);
      if (!found) return found.error().message;
      if (!found.value()) return all;
      // Where it says that it is it is found again.
      CHECK(require(pieces.find(pieces.place())));
      CHECK(bytes(pieces.begin().value, require(pieces.records()).size()) == require(pieces.records()));
      all += (all.empty() ? "" : " ") + std::to_string(pieces.header().time_ms) + ':';
      const std::string_view records = require(pieces.records());
      for (std::size_t i = 0; i < records.size(); i += kRecord) all += records[i];
    }
  }

  MemoryFileSystem files{1 << 20};
  std::unique_ptr<MessageLog> log;
  std::unique_ptr<CompactSegmentWriter> writer;
};

constexpr std::uint64_t kFirst = kFrameHeaderBytes;
constexpr std::uint64_t kSecond = TwoFrames::kFrame + kFrameHeaderBytes;

TEST_CASE("each frame of a plain segment is one piece") {
  TwoFrames f;
  f.writer.reset();
  CHECK(f.pieces() == "100:abcd 101:efgh");
  CHECK(f.pieces({TwoFrames::kFrame}) == "100:abcd");
}

TEST_CASE("in a compact segment the records between two gaps are a piece") {
  TwoFrames f;
  f.keep(0, kFrameHeaderBytes + 10);
  f.keep(kFirst + 20, 20);
  f.keep_header(TwoFrames::kFrame);
  f.keep(kSecond + 10, 10);
  f.keep(kSecond + 30, 10);
  CHECK(f.pieces() == "100:a 100:cd 101:f 101:h");
  CHECK(f.pieces({TwoFrames::kFrame}) == "100:a 100:cd");
}

TEST_CASE("a compact segment that keeps all has the frames as pieces, with or without the padding") {
  TwoFrames whole;
  whole.keep(0, 2 * TwoFrames::kFrame);
  CHECK(whole.pieces() == "100:abcd 101:efgh");
  static_assert(TwoFrames::kFrame % kFrameAlignment == 0);
}

TEST_CASE("frames of which nothing is kept are no pieces, nor are headers alone") {
  TwoFrames second;
  second.keep_header(0);
  second.keep_header(TwoFrames::kFrame);
  second.keep(kSecond, 20);
  CHECK(second.pieces() == "101:ef");
  TwoFrames none;
  CHECK(none.pieces().empty());
}

TEST_CASE("padding is no record, kept or not") {
  MemoryFileSystem files(1 << 20);
  const auto log = open_log(files).log;
  for (std::uint64_t i = 0; i < 2; ++i) {
    FrameBuilder frame;
    frame.bytes() += std::string(13, static_cast<char>('a' + i));
    require(log->reserve(frame.size()));
    require(log->append(frame, 1));
  }
  append(*log, std::string(70'000, 'x'));
  constexpr std::uint64_t kPadded = 64;
  for (const bool is_apart : {false, true}) {
    auto writer = require(CompactSegmentWriter::create(files, *log->view(), {}, {2 * kPadded}));
    std::string bytes(2 * kPadded, '\0');
    require(log->read({}, bytes));
    if (is_apart) {
      // Of the first frame the header and the padding.
      require(writer->add({0}, std::string_view(bytes).substr(0, kFrameHeaderBytes)));
      require(writer->add({kFrameHeaderBytes + 13}, std::string_view(bytes).substr(kFrameHeaderBytes + 13)));
    } else {
      require(writer->add({0}, bytes));
    }
    const CompactSegment compact = require(writer->finish());
    FramePieces pieces;
    pieces.enter(*compact.segment(), {2 * kPadded});
    REQUIRE(require(pieces.find({0})));
    if (!is_apart) {
      CHECK(require(pieces.records()) == std::string(13, 'a'));
      CHECK(pieces.end() == LogPosition{kPadded});
      REQUIRE(require(pieces.find(pieces.end())));
    }
    CHECK(require(pieces.records()) == std::string(13, 'b'));
    CHECK_FALSE(require(pieces.find(pieces.end())));
  }
}

TEST_CASE("what looks like a header among the records of a frame is none") {
  TwoFrames f;
  f.keep_header(0);
  std::string fake = f.bytes(TwoFrames::kFrame, kFrameHeaderBytes);
  // Of the place where it stands, in the first frame behind a gap.
  constexpr std::uint64_t kAt = kFirst + 10;
  FrameHeader header;
  header.position = {kAt};
  encode_frame_header(header, 0, fake.data());
  require(f.writer->add({kAt}, std::string_view(fake).substr(0, 30)));
  f.keep_header(TwoFrames::kFrame);
  f.keep(kSecond, 10);
  require(f.log->replace(require(f.writer->finish())));
  const auto view = f.log->view();
  FramePieces pieces;
  pieces.enter(*view->front(), {2 * TwoFrames::kFrame});
  REQUIRE(require(pieces.find({0})));
  CHECK(pieces.begin() == LogPosition{kAt});
  CHECK(require(pieces.records()) == fake.substr(0, 30));
  REQUIRE(require(pieces.find(pieces.end())));
  CHECK(pieces.begin() == LogPosition{kSecond});
}

TEST_CASE("a kept frame whose header is not there, or says what cannot be, is damage") {
  const std::string no_frame = "the log is damaged at position 88: there is no frame";
  const auto pieces_with = [](const std::function<void(FrameHeader&)>& change) {
    TwoFrames f;
    f.keep(0, TwoFrames::kFrame);
    std::string bytes = f.bytes(TwoFrames::kFrame, kFrameHeaderBytes);
    FrameHeader header = *decode_kept_frame_header(bytes);
    change(header);
    encode_frame_header(header, 7, bytes.data());
    require(f.writer->add({TwoFrames::kFrame}, bytes));
    f.keep(kSecond, 40);
    return f.pieces();
  };
  CHECK(pieces_with([](FrameHeader&) {}) == "100:abcd 101:efgh");
  CHECK(pieces_with([](FrameHeader& header) { header.position = {0}; }) == no_frame);
  CHECK(pieces_with([](FrameHeader& header) { header.time_ms = 99; }) == no_frame);
  CHECK(pieces_with([](FrameHeader& header) { header.payload_bytes = 0xffffffff; }).find("beyond its segment") !=
        std::string::npos);
  TwoFrames without;
  without.keep(0, TwoFrames::kFrame);
  without.keep(kSecond, 40);
  CHECK(without.pieces() == "the log is damaged at position 136: there is no frame");
  TwoFrames cut;
  cut.keep(0, TwoFrames::kFrame);
  cut.keep(TwoFrames::kFrame, kFrameHeaderBytes - 1);
  CHECK(cut.pieces() == no_frame);
}

}  // namespace
}  // namespace respublica::test
