#pragma once
// Consecutive PUBLISHes of one client to one channel, handled as one.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/shared_bytes.h"
#include "broker/shared_registry.h"
#include "server/command_table.h"
#include "server/fan_out.h"
#include "server/mailbox.h"

namespace respublica {

class IoThread;

/// Gathers the PUBLISHes that stand one behind the other in what was read from one client, and publishes them
/// together (FanOut). All messages of a run have the
/// same receivers, chosen when the run is sealed; all its requests had been read by then, so that no client can tell
/// this from one by one.
///
///     PUBLISH a 1 | PUBLISH a 2 | PUBLISH a 3 | PING        ->  seal before PING: ":2 :2 :2", one block of 3 frames
///
/// A run is sealed before any other command of the client, at the end of what was read, and when it is large.
///
/// Thread: its io thread.
class PublishRun final : private DeliveryTarget {
 public:
  explicit PublishRun(IoThread& io);

  /// Bytes that stay where they are until the run is sealed: what add() is given from elsewhere is sealed at once.
  void set_stable_input(std::string_view input) { stable_ = input; }

  /// Adds one PUBLISH or SPUBLISH; its reply is written when the run is sealed. `block`, if set, holds the payload
  /// followed by CRLF.
  void add(const Command& command, ChannelKind kind, std::string_view channel, std::string_view payload,
           SharedBytes block);
  bool open() const { return !payloads_.empty(); }
  /// How many calls have been added since the start.
  std::uint64_t added() const { return added_; }
  /// Publishes what was gathered, writes the replies and delivers.
  void seal();

 private:
  bool is_stable(std::string_view bytes) const;
  void take(std::size_t io_thread, Delivery delivery) override;
  void reply(std::size_t count, std::size_t receivers);

  IoThread& io_;
  std::string_view stable_;
  const Command* command_ = nullptr;
  ChannelKind kind_ = ChannelKind::channel;
  std::string_view channel_;
  std::vector<std::string_view> payloads_;
  std::size_t bytes_ = 0;
  std::uint64_t added_ = 0;
  SharedBytes block_;
  FanOut fan_out_;
  /// Deliveries to this thread's own sessions, made after the registry's lock is released.
  std::vector<Delivery> local_;
};

}  // namespace respublica
