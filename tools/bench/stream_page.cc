#include "tools/bench/stream_page.h"

#include <fmt/format.h>

#include <charconv>

#include "tools/bench/bench_error.h"
#include "tools/bench/message_shape.h"
#include "tools/bench/printable.h"

namespace respublica::bench {

namespace {

constexpr std::size_t kExcerpt = 120;
constexpr std::string_view kEnd = "\r\n";

/// Reads a reply from its start. Once something was not as expected, all that follows fails too.
class ReplyCursor {
 public:
  explicit ReplyCursor(std::string_view rest) : rest_(rest) {}

  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

  void expect(std::string_view text) {
    ok_ = ok_ && rest_.starts_with(text);
    rest_.remove_prefix(ok_ ? text.size() : 0);
  }

  /// `KIND<number>\r\n`; 0 if that is not there.
  std::size_t header(char kind) {
    std::size_t number = 0;
    if (rest_.empty() || rest_.front() != kind) {
      ok_ = false;
      return 0;
    }
    const auto [end, error] = std::from_chars(rest_.data() + 1, rest_.data() + rest_.size(), number);
    ok_ = ok_ && error == std::errc();
    if (ok_) {
      rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    }
    expect(kEnd);
    return ok_ ? number : 0;
  }

  std::string_view bulk_string() {
    const std::size_t size = header('$');
    ok_ = ok_ && size <= rest_.size();
    if (!ok_) {
      return {};
    }
    const std::string_view text = rest_.substr(0, size);
    rest_.remove_prefix(size);
    expect(kEnd);
    return text;
  }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace

Result<std::vector<StreamEntry>> entries_of(std::string_view reply, std::string_view channel) {
  std::vector<StreamEntry> entries;
  if (reply == "*-1\r\n" || reply == "_\r\n") {
    return entries;
  }
  ReplyCursor cursor(reply);
  const bool is_map = reply.starts_with('%');
  cursor.expect(is_map ? "%1\r\n" : "*1\r\n*2\r\n");
  bool right = cursor.bulk_string() == channel;
  for (std::size_t missing = cursor.header('*'); missing > 0 && right && cursor.ok(); --missing) {
    StreamEntry entry;
    cursor.expect("*2\r\n");
    entry.id = cursor.bulk_string();
    cursor.expect("*2\r\n");
    right = cursor.bulk_string() == kPayloadField;
    entry.payload = cursor.bulk_string();
    entries.push_back(entry);
  }
  if (!right || !cursor.ok() || !cursor.at_end()) {
    const std::size_t at = reply.size() - cursor.rest().size();
    return Error{fmt::format("not the entries of {}: byte {} of the reply to XREAD is wrong, before {}", channel, at,
                             printable(cursor.rest().substr(0, kExcerpt)))};
  }
  return entries;
}

PayloadStamp stamp_of(const StreamEntry& entry) {
  if (entry.payload.size() >= kStampSize) {
    const PayloadStamp stamp = read_stamp(entry.payload.data());
    const bool is_padded = entry.payload.find_first_not_of(kPadding, kStampSize) == std::string_view::npos;
    if (stamp.magic == PayloadStamp::kMagic && is_padded) {
      return stamp;
    }
  }
  throw BenchError(fmt::format("entry {} is not what was written", entry.id));
}

}  // namespace respublica::bench
