#include "tools/log/log_walk.h"

#include "storage/checkpoint_file.h"
#include "storage/segment_format.h"
#include "tests/log/sample_log.h"
#include "tests/support/catch.h"

namespace respublica::test {
namespace {

using Notes = std::vector<std::string>;
using logtool::Damage;

AppendRecord entry(std::uint64_t low, const std::string& fields) { return {{0}, {1, low}, 0, fields}; }

/// Frames of one entry each, with fields of so many bytes.
std::vector<LogPosition> add_frames(SampleLog& sample, std::size_t count, std::size_t size) {
  std::vector<LogPosition> frames;
  const std::string fields = one_field(std::string(size, 'x'));
  for (std::size_t i = 1; i <= count; ++i) frames.push_back(sample.add(entry(i, fields)));
  return frames;
}

std::string number(LogPosition position) { return std::to_string(position.value); }

std::string only_segment(FileSystem& files) { return require(files.list()).at(0); }

}  // namespace

TEST_CASE("a walk shows segments, frames and records in their order") {
  SampleLog sample;
  sample.add(ChannelRecord{{0}, "a"}, entry(1, one_field("x")));
  const LogPosition second = sample.add();
  CHECK(walk(sample.files).notes ==
        Notes{"segment 0", "frame 0", "record 48 channel", "record 60 append 1-1", "frame " + number(second)});
}

TEST_CASE("a walk goes through all segments and tells how far it has come") {
  SampleLog sample;
  add_frames(sample, 30, 10'000);
  const auto log = require(logtool::open_log_files(sample.files));
  REQUIRE(log.segments.size() > 3);
  std::uint64_t bytes = 0;
  for (const auto& file : log.segments) bytes += file.bytes;
  WalkNotes notes;
  std::uint64_t passed = 0;
  require(logtool::walk_log(log, notes, [&](std::uint64_t more) { passed += more; }));
  CHECK(notes.damages.empty());
  CHECK(notes.notes.size() == log.segments.size() + 2 * 30);
  CHECK(passed == bytes);
}

TEST_CASE("a frame with a damaged record keeps those whose own checksums are right") {
  SampleLog sample;
  const std::string fields = one_field("value");
  const LogPosition frame = sample.add(entry(1, fields), entry(2, fields), entry(3, fields));
  const LogPosition next = sample.add(entry(4, fields));
  std::string one;
  RecordWriter(one).write(entry(1, fields));
  const std::size_t record = one.size();
  damage(sample.files, frame + (kFrameHeaderBytes + 2 * record - 1), "!");
  const WalkNotes notes = walk(sample.files);
  CHECK(notes.notes == Notes{"segment 0", "loss 0-" + number(next), "record 48 append 1-1",
                             "record " + std::to_string(48 + 2 * record) + " append 1-3", "frame " + number(next),
                             "record " + number(next + kFrameHeaderBytes) + " append 1-4"});
  REQUIRE(notes.damages.size() == 1);
  const Damage& found = notes.damages[0];
  CHECK(found.file == only_segment(sample.files));
  CHECK(found.offset == kSegmentHeaderBytes);
  CHECK(found.kept == 2);
  CHECK_FALSE(found.may_concern_others);
  CHECK(found.channels == std::vector<ChannelNumber>{{0}});
  REQUIRE(found.entries.size() == 1);
  CHECK(found.entries[0].id == EntryKey{1, 2});
}

TEST_CASE("a frame with a damaged header keeps its records, up to where the next header stands") {
  SampleLog sample;
  const auto frames = add_frames(sample, 3, 10);
  damage(sample.files, frames[1], "!");
  const WalkNotes notes = walk(sample.files);
  REQUIRE(notes.damages.size() == 1);
  CHECK(notes.damages[0].begin == frames[1]);
  CHECK(notes.damages[0].end == frames[2]);
  CHECK(notes.damages[0].kept == 1);
  CHECK_FALSE(notes.damages[0].may_concern_others);
  CHECK(notes.notes.back() == "record " + number(frames[2] + kFrameHeaderBytes) + " append 1-3");
  CHECK(notes.notes.size() == 7);
}

TEST_CASE("zeros in the middle of a segment are passed over") {
  SampleLog sample;
  const auto frames = add_frames(sample, 5, 100);
  damage(sample.files, frames[1] + 8, std::string(frames[3] - frames[1], '\0'));
  const WalkNotes notes = walk(sample.files);
  CHECK(notes.notes == Notes{"segment 0", "frame 0", "record 48 append 1-1",
                             "loss " + number(frames[1]) + '-' + number(frames[4]), "frame " + number(frames[4]),
                             "record " + number(frames[4] + kFrameHeaderBytes) + " append 1-5"});
  CHECK(notes.damages[0].may_concern_others);
}

TEST_CASE("what a client wrote never passes for records, whatever is damaged") {
  SampleLog sample;
  // Each place in the payload that a damaged length could lead to has a record that looks whole.
  std::string forged;
  for (int i = 0; i < 200; ++i) RecordWriter(forged).write(DropRecord{{0}});
  const LogPosition frame = sample.add(entry(1, one_field("first")), entry(2, one_field(forged)));
  const LogPosition next = sample.add(entry(3, one_field("last")));
  const std::string whole = read_all(sample.files, only_segment(sample.files));
  for (LogPosition at = frame; at < next; at = at + 1) {
    damage(sample.files, at, std::string(1, static_cast<char>(whole[kSegmentHeaderBytes + at.value] ^ 0x10)));
    for (const std::string& note : walk(sample.files).notes) CHECK(note.find("drop") == std::string::npos);
    damage(sample.files, at, whole.substr(kSegmentHeaderBytes + at.value, 1));
  }
}

TEST_CASE("a torn frame at the end is a tail, not damage") {
  SampleLog sample;
  const auto frames = add_frames(sample, 2, 100);
  damage(sample.files, frames[1] + 60, "!");
  const WalkNotes notes = walk(sample.files);
  REQUIRE(notes.damages.size() == 1);
  CHECK(notes.damages[0].kind == Damage::Kind::tail);
  CHECK(notes.damages[0].begin == frames[1]);
  CHECK(notes.notes.back().starts_with("tail "));
}

TEST_CASE("the last frame is not torn any more when one behind it calls it durable") {
  SampleLog sample;
  const auto frames = add_frames(sample, 2, 100);
  require(sample.log->mark_durable(9));
  damage(sample.files, frames[1] + 60, "!");
  const WalkNotes notes = walk(sample.files);
  REQUIRE(notes.damages.size() == 1);
  CHECK(notes.damages[0].kind == Damage::Kind::loss);
  CHECK(notes.notes.back().starts_with("frame "));
}

TEST_CASE("the last frame is not torn any more when a checkpoint stands behind it") {
  SampleLog sample;
  const auto frames = add_frames(sample, 2, 100);
  damage(sample.files, frames[1] + 60, "!");
  write_checkpoint(sample.files, sample.log->end());
  const WalkNotes notes = walk(sample.files);
  REQUIRE(notes.damages.size() == 1);
  CHECK(notes.damages[0].kind == Damage::Kind::loss);
}

TEST_CASE("a segment file that is missing is missing positions") {
  SampleLog sample;
  add_frames(sample, 30, 10'000);
  const auto names = require(sample.files.list());
  REQUIRE(names.size() > 3);
  const auto first = parse_segment_name(names[1]);
  const auto behind = parse_segment_name(names[2]);
  require(sample.files.remove(names[1]));
  WalkNotes notes = walk(sample.files);
  REQUIRE(notes.damages.size() == 1);
  CHECK(notes.damages[0].file.empty());
  CHECK(notes.damages[0].begin == *first);
  CHECK(notes.damages[0].end == *behind);
  require(sample.files.remove(names[0]));
  notes = walk(sample.files);
  REQUIRE(notes.damages.size() == 1);
  CHECK(notes.damages[0].begin == LogPosition{});
}

TEST_CASE("a sealed segment that is too short or too long is damage") {
  SampleLog sample;
  add_frames(sample, 30, 10'000);
  const auto names = require(sample.files.list());
  const auto file = require(sample.files.open(names[0]));
  const std::uint64_t size = require(file->size());
  require(file->write_at(size, "more"));
  WalkNotes notes = walk(sample.files);
  REQUIRE(notes.damages.size() == 1);
  CHECK(notes.damages[0].kind == Damage::Kind::flaw);
  CHECK(notes.damages[0].offset == size);
  require(file->truncate(size - 10'000));
  notes = walk(sample.files);
  REQUIRE(notes.damages.size() == 2);
  CHECK(notes.damages[0].kind == Damage::Kind::loss);
  CHECK(notes.damages[0].end == notes.damages[1].begin);
  CHECK(notes.damages[1].file.empty());
}

TEST_CASE("a damaged segment header loses nothing while its frames tell the salt") {
  SampleLog sample;
  add_frames(sample, 3, 100);
  const std::string name = only_segment(sample.files);
  require(require(sample.files.open(name))->write_at(0, std::string(kSegmentHeaderBytes, '\0')));
  const WalkNotes notes = walk(sample.files);
  REQUIRE(notes.damages.size() == 1);
  CHECK(notes.damages[0].kind == Damage::Kind::flaw);
  CHECK(notes.notes.size() == 2 + 2 * 3);
}

TEST_CASE("a segment whose header and first frame are damaged is lost as a whole, and the next one is not") {
  SampleLog sample;
  add_frames(sample, 30, 10'000);
  const auto names = require(sample.files.list());
  require(require(sample.files.open(names[0]))->write_at(0, std::string(kSegmentHeaderBytes + 100, '\0')));
  const WalkNotes notes = walk(sample.files);
  REQUIRE(notes.damages.size() == 1);
  CHECK(notes.damages[0].kind == Damage::Kind::loss);
  CHECK(notes.damages[0].begin == LogPosition{});
  CHECK(notes.damages[0].end == *parse_segment_name(names[1]));
  CHECK(notes.notes[1] == "segment " + number(*parse_segment_name(names[1])));
}

TEST_CASE("a segment under the name of another one is read where it belongs") {
  SampleLog sample;
  add_frames(sample, 2, 100);
  const std::string name = only_segment(sample.files);
  require(sample.files.rename(name, segment_name({8})));
  WalkNotes notes = walk(sample.files);
  REQUIRE(notes.damages.size() == 1);
  CHECK(notes.damages[0].kind == Damage::Kind::flaw);
  CHECK(notes.notes.size() == 2 + 2 * 2);
  make_file(sample.files, name, read_all(sample.files, segment_name({8})));
  notes = walk(sample.files);
  CHECK(notes.notes.size() == 2 + 2 * 2);
}

TEST_CASE("a frame that does not follow the one before it is taken, and said") {
  SampleLog sample;
  const auto frames = add_frames(sample, 3, 10);
  require(sample.log->mark_durable(9));
  const std::string name = only_segment(sample.files);
  const auto file = require(sample.files.open(name));
  const auto segment = decode_segment_header(read(*file, 0, kSegmentHeaderBytes)).value();
  auto header =
      *decode_frame_header(read(*file, kSegmentHeaderBytes + frames[1].value, kFrameHeaderBytes), segment.salt);
  header.previous_crc ^= 1;
  std::string bytes(kFrameHeaderBytes, '\0');
  encode_frame_header(header, segment.salt, bytes.data());
  damage(sample.files, frames[1], bytes);
  const WalkNotes notes = walk(sample.files);
  // The frame behind it does not follow it, either: its checksum is another one now.
  REQUIRE(notes.damages.size() == 2);
  for (const Damage& found : notes.damages) CHECK(found.kind == Damage::Kind::flaw);
  CHECK(notes.notes.size() == 1 + 2 + 2 * 3 + 1);
}

TEST_CASE("frames that a broker writes while the log is read are no damage") {
  SampleLog sample;
  add_frames(sample, 1, 100);
  /// Writes on while it reads.
  struct Writing final : logtool::LogVisitor {
    explicit Writing(SampleLog& log) : sample(log) {}
    Result<void> frame(const FrameHeader&) override {
      if (++frames < 50) add_frames(sample, 2, 10);
      return {};
    }
    Result<void> record(const Record&, const logtool::RecordPlace&) override { return {}; }
    Result<void> damage(const Damage&) override { return Error{"there is no damage"}; }
    SampleLog& sample;
    int frames = 0;
  };
  Writing visitor(sample);
  const auto log = require(logtool::open_log_files(sample.files));
  require(logtool::walk_log(log, visitor, [](std::uint64_t) {}));
  CHECK(visitor.frames == 1 + 2 * 49);
}

TEST_CASE("any byte of a log may be damaged: the walk ends, and what it shows was there") {
  SampleLog sample;
  const std::string fields = one_field("value");
  sample.add(ChannelRecord{{0}, "a"}, entry(1, fields), entry(2, fields));
  sample.add(entry(3, fields));
  require(sample.log->mark_durable(9));
  const Notes before = walk(sample.files).notes;
  const std::string name = only_segment(sample.files);
  const std::string whole = read_all(sample.files, name).substr(0, kSegmentHeaderBytes + sample.log->end().value);
  const auto file = require(sample.files.open(name));
  for (std::size_t at = 0; at < whole.size(); at += at < 64 || at >= kSegmentHeaderBytes ? 1 : 64) {
    require(file->write_at(at, std::string(1, static_cast<char>(~whole[at]))));
    const WalkNotes notes = walk(sample.files);
    CAPTURE(at);
    // Padding has no checksum, and means nothing.
    CHECK((!notes.damages.empty() || notes.notes == before));
    for (const std::string& note : notes.notes) {
      if (note.starts_with("record")) CHECK(std::ranges::find(before, note) != before.end());
    }
    require(file->write_at(at, whole.substr(at, 1)));
  }
}

}  // namespace respublica::test
