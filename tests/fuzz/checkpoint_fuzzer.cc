// A checkpoint whose section is anything, with the right checksums, and a file that is anything. Streams, groups and
// producers that are decoded must be the same when they are encoded and decoded again.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "broker/checkpoint.h"
#include "broker/group_codec.h"
#include "broker/producer_codec.h"
#include "broker/stream_codec.h"
#include "storage/memory_file_system.h"

namespace {

void check(bool is_right) {
  if (!is_right) std::abort();
}

/// False when they are none.
bool check_groups(respublica::ByteReader& in) {
  const auto groups = respublica::decode_groups(in);
  if (groups == nullptr) return false;
  std::string once;
  respublica::encode_groups(*groups, once);
  respublica::ByteReader again(once);
  const auto same = respublica::decode_groups(again);
  check(same != nullptr && again.rest().empty());
  std::string twice;
  respublica::encode_groups(*same, twice);
  check(once == twice);
  for (const auto& [name, group] : groups->all()) {
    std::size_t owned = 0;
    for (const auto& [consumer_name, consumer] : group.consumers()) owned += consumer.pending.size();
    check(group.by_claim().size() == group.pending().size() && owned <= group.pending().size());
  }
  return true;
}

/// The same.
bool check_producers(respublica::ByteReader& in) {
  const auto producers = respublica::decode_producers(in);
  if (producers == nullptr) return false;
  std::string once;
  respublica::encode_producers(*producers, once);
  const auto same = respublica::copy_of(*producers);
  check(same != nullptr);
  std::string twice;
  respublica::encode_producers(*same, twice);
  check(once == twice);
  return true;
}

void decode(std::string_view bytes) {
  respublica::ByteReader in(bytes);
  while (!in.rest().empty()) {
    const auto stream = respublica::decode_stream(in);
    if (stream == nullptr) return;
    std::string once;
    respublica::encode_stream(*stream, once);
    respublica::ByteReader again(once);
    const auto same = respublica::decode_stream(again);
    check(same != nullptr && again.rest().empty());
    std::string twice;
    respublica::encode_stream(*same, twice);
    check(once == twice);
    for (std::size_t i = 0; i < stream->windows().size(); ++i) {
      const respublica::StreamWindow& window = stream->windows()[i];
      check(window.begin <= window.last && window.live <= window.entries);
    }
    // As the checkpoint says what follows a stream.
    const auto states = in.fixed<std::uint8_t>();
    if (states > 3 || ((states & 1) != 0 && !check_groups(in))) return;
    if ((states & 2) != 0 && !check_producers(in)) return;
  }
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  decode(input);

  respublica::MemoryFileSystem files(1 << 22);
  auto file = std::move(respublica::CheckpointFile::create(files, {respublica::LogPosition{8}, 0, 1, 1}).value());
  check(file->add(respublica::LogPosition{8}, input).ok());
  check(file->finish().ok() && file->publish().ok());
  static_cast<void>(respublica::find_checkpoint(files));

  const std::string name = respublica::checkpoint_name(respublica::LogPosition{16});
  check(files.create(name).value()->write_at(0, input).ok());
  const auto read = respublica::read_checkpoint(
      files, name, [](const auto&, respublica::LogPosition, std::string_view section) -> respublica::Result<void> {
        decode(section);
        return {};
      });
  static_cast<void>(read);
  return 0;
}
