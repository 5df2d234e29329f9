#include "protocol/push_encoder.h"

#include <charconv>
#include <cstring>

namespace respublica {

namespace {

/// Room for "$<length>\r\n" or ":<number>\r\n".
constexpr std::size_t kHeaderRoom = 1 + 20 + 2;

/// Writes into room that was made beforehand. The caller has reckoned enough of it.
class Cursor {
 public:
  explicit Cursor(char* at) : at_(at) {}

  void raw(std::string_view bytes) {
    std::memcpy(at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }

  void number(char type, std::size_t value) {
    *at_++ = type;
    at_ = std::to_chars(at_, at_ + kHeaderRoom - 3, value).ptr;
    crlf();
  }

  void bulk(std::string_view bytes) {
    number('$', bytes.size());
    if (!bytes.empty()) raw(bytes);
    crlf();
  }

  void aggregate(ProtocolVersion version, char elements) {
    *at_++ = version == ProtocolVersion::resp3 ? '>' : '*';
    *at_++ = elements;
    crlf();
  }

  char* at() const { return at_; }

 private:
  void crlf() {
    *at_++ = '\r';
    *at_++ = '\n';
  }

  char* at_;
};

/// Payloads from this size on are appended by themselves, so that their room is not filled with zeros first.
constexpr std::size_t kLargePayload = 1024;

/// Grows `out` by at most `room` bytes, which `write` fills from a Cursor on; what it leaves is cut off.
template <typename Write>
void append_within(std::string& out, std::size_t room, Write write) {
  const std::size_t start = out.size();
  out.resize(start + room);
  Cursor cursor(out.data() + start);
  write(cursor);
  out.resize(static_cast<std::size_t>(cursor.at() - out.data()));
}

}  // namespace

void append_message(std::string& out, ProtocolVersion version, std::string_view kind, std::string_view channel,
                    std::string_view payload) {
  if (payload.size() >= kLargePayload) {
    append_message_header(out, version, kind, std::nullopt, channel, payload.size());
    out.append(payload).append("\r\n");
    return;
  }
  const std::size_t room = 4 + 3 * (kHeaderRoom + 2) + kind.size() + channel.size() + payload.size();
  append_within(out, room, [&](Cursor& cursor) {
    cursor.aggregate(version, '3');
    cursor.bulk(kind);
    cursor.bulk(channel);
    cursor.bulk(payload);
  });
}

void append_pattern_message(std::string& out, ProtocolVersion version, std::string_view pattern,
                            std::string_view channel, std::string_view payload) {
  if (payload.size() >= kLargePayload) {
    append_message_header(out, version, "pmessage", pattern, channel, payload.size());
    out.append(payload).append("\r\n");
    return;
  }
  const std::size_t room = 4 + 4 * (kHeaderRoom + 2) + 8 + pattern.size() + channel.size() + payload.size();
  append_within(out, room, [&](Cursor& cursor) {
    cursor.aggregate(version, '4');
    cursor.bulk("pmessage");
    cursor.bulk(pattern);
    cursor.bulk(channel);
    cursor.bulk(payload);
  });
}

void append_message_header(std::string& out, ProtocolVersion version, std::string_view kind,
                           std::optional<std::string_view> pattern, std::string_view channel,
                           std::size_t payload_size) {
  const std::size_t pattern_size = pattern ? pattern->size() : 0;
  const std::size_t room = 4 + 4 * (kHeaderRoom + 2) + kind.size() + pattern_size + channel.size();
  append_within(out, room, [&](Cursor& cursor) {
    cursor.aggregate(version, pattern ? '4' : '3');
    cursor.bulk(kind);
    if (pattern) cursor.bulk(*pattern);
    cursor.bulk(channel);
    cursor.number('$', payload_size);
  });
}

void append_confirmation(std::string& out, ProtocolVersion version, std::string_view kind,
                         std::optional<std::string_view> name, std::size_t count) {
  const std::size_t room = 4 + 3 * (kHeaderRoom + 2) + kind.size() + (name ? name->size() : 0);
  append_within(out, room, [&](Cursor& cursor) {
    cursor.aggregate(version, '3');
    cursor.bulk(kind);
    if (name) {
      cursor.bulk(*name);
    } else {
      cursor.raw(version == ProtocolVersion::resp3 ? "_\r\n" : "$-1\r\n");
    }
    cursor.number(':', count);
  });
}

}  // namespace respublica
