#pragma once
// What one client has sent and is not served yet.

#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/shared_bytes.h"
#include "protocol/request_parser.h"

namespace respublica {

/// The input side of a session, without its socket. Bytes are read into a buffer that all sessions of an io thread
/// share, and are parsed there; only what belongs to a request that is not complete, or may not run yet, is kept. A
/// large bulk string is read straight into a block of its own (RequestParser::wanted_bulk), which grows with what
/// arrives, so that an announced length costs nothing by itself. An idle session holds no memory here.
///
///     room()       where to read: [rest of the bulk string's block] [shared buffer]
///     received()   what there is to parse now: [kept bytes] [new bytes]
///     keep()       what of it could not be served
///
/// Thread: its session's io thread.
class RequestInput {
 public:
  /// Fills `vectors` with where to read; returns how many are filled.
  std::size_t room(std::array<iovec, 2>& vectors, std::span<char> shared);

  /// `bytes` bytes were read into what room() gave. Returns what is to be parsed, or nothing while a large bulk string
  /// is incomplete. The view holds until the next call here.
  std::optional<std::string_view> received(std::size_t bytes, std::span<const char> shared);

  /// Keeps what was read into the shared buffer for later: no request may run now.
  void hold(std::string_view bytes);

  /// The bytes kept from before, to be parsed once more: a request in there may run now.
  std::string_view kept() const { return pending_ ? pending_->kept() : std::string_view(); }

  /// The parser that goes with what is to be parsed; `shared` serves all sessions that have kept nothing.
  RequestParser& parser(RequestParser& shared) { return pending_ ? pending_->parser : shared; }

  /// Keeps `rest`, the end of what was to be parsed, together with the state of its parser.
  void keep(std::string_view rest, RequestParser& shared);

  /// Begins a block when the parser waits for a large bulk string of which all that came is kept.
  void begin_block();

  bool empty() const { return !pending_; }
  /// Bytes of memory that what is kept takes, the parser's included.
  std::size_t memory() const;

 private:
  struct Pending {
    std::string_view kept() const { return std::string_view(bytes).substr(served); }
    /// Keeps the last `count` bytes.
    void keep_last(std::size_t count);

    /// What is kept, behind `served` bytes that are not needed any more. They are cut off when they are the larger
    /// part, so that serving a long pipeline request by request does not move what follows each time.
    std::string bytes;
    std::size_t served = 0;
    RequestParser parser;
    SharedBytes block;
    std::size_t block_filled = 0;
    /// The bulk string's length with CRLF.
    std::size_t block_size = 0;
  };

  bool block_complete() const;
  void grow_block();

  std::unique_ptr<Pending> pending_;
};

}  // namespace respublica
