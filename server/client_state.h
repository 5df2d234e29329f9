#pragma once
// What the broker knows of one client, apart from its socket and its queues.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/shared_bytes.h"
#include "broker/shared_registry.h"
#include "protocol/protocol_version.h"

namespace respublica {

struct Command;
class ExecCommit;
class StreamWatch;

/// CLIENT REPLY: skip_next silences the command after CLIENT REPLY SKIP.
enum class ReplyMode : std::uint8_t { on, off, skip_next, skip_this };

/// A command that MULTI queued: its own copy of the arguments.
struct QueuedCommand {
  const Command* command;
  std::vector<std::string> arguments;
};

/// State of MULTI, from MULTI to EXEC, DISCARD or RESET.
struct Transaction {
  std::vector<QueuedCommand> queue;
  /// What the queue takes, in bytes; client-query-buffer-limit counts it.
  std::size_t bytes = 0;
  /// A command was refused while queueing: EXEC answers EXECABORT.
  bool aborted = false;
};

/// Messages that wait for the end of an EXEC: frames, or the head of one frame and its payload.
struct HeldMessages {
  SharedBytes head;
  SharedBytes payload;

  std::size_t size() const { return head.size() + (payload ? payload.size() : 0); }
};

/// An EXEC that is running: its commands, and which is next. Nothing is sent between the elements of its reply: what
/// has been answered waits in `replies` while a command is suspended, and messages wait for the end (or go before the
/// whole reply, when it has one that says that none will follow).
struct ExecProgress {
  const Command* command = nullptr;
  std::vector<QueuedCommand> queue;
  /// What it has changed in streams; null when that is nothing.
  std::shared_ptr<ExecCommit> commit;
  std::size_t next = 0;
  std::string replies;
  std::vector<HeldMessages> held;
  std::size_t held_bytes = 0;

  void hold(HeldMessages messages) {
    held_bytes += messages.size();
    held.push_back(std::move(messages));
  }
  std::vector<HeldMessages> take_held() {
    held_bytes = 0;
    return std::exchange(held, {});
  }
  /// Logical bytes that go out when it ends.
  std::size_t waiting_bytes() const { return replies.size() + held_bytes; }
};

/// The options of CLIENT TRACKING ON. They are kept and shown; no key ever changes, so nothing is invalidated.
struct TrackingOptions {
  bool broadcast = false;
  bool opt_in = false;
  bool opt_out = false;
  bool no_loop = false;
  /// CLIENT CACHING YES (with opt_in) or NO (with opt_out), for the next command.
  bool caching = false;
  /// The client that would get the invalidations, 0 = this one.
  std::uint64_t redirect = 0;
  std::vector<std::string> prefixes;
};

/// What few clients have: allocated when first set.
struct ClientDetails {
  std::string name;
  std::string lib_name;
  std::string lib_ver;
  std::unique_ptr<Transaction> transaction;
  std::unique_ptr<ExecProgress> exec;
  /// WATCH, from the first one to EXEC, DISCARD, UNWATCH or RESET: each name once.
  std::vector<std::shared_ptr<const StreamWatch>> watches;
  /// Set while ClientState::tracking.
  std::unique_ptr<TrackingOptions> tracking;
};

/// One client's state. Handlers read and change it; Session owns it.
/// Thread: the session's io thread.
struct ClientState {
  std::uint64_t id = 0;
  ProtocolVersion protocol = ProtocolVersion::resp2;
  ReplyMode reply_mode = ReplyMode::on;
  bool authenticated = false;
  bool monitor = false;
  bool no_evict = false;
  bool no_touch = false;
  bool tracking = false;
  /// Answer what is queued, then close (QUIT, a protocol error, CLIENT KILL of oneself).
  bool close_after_reply = false;
  std::uint16_t database = 0;
  SteadyTime created;
  SteadyTime last_interaction;
  /// The last command it called, for CLIENT LIST; null before the first.
  const Command* last_command = nullptr;
  std::uint64_t network_in_bytes = 0;
  std::uint64_t network_out_bytes = 0;
  std::uint64_t commands = 0;
  std::unique_ptr<ClientDetails> details;
  std::unique_ptr<Subscriptions> subscriptions;

  /// Channels and patterns together, shard channels apart.
  std::size_t channel_and_pattern_count() const {
    return subscriptions ? subscriptions->channels() + subscriptions->patterns() : 0;
  }
  std::size_t shard_channel_count() const { return subscriptions ? subscriptions->shard_channels() : 0; }
  bool subscribed() const { return subscriptions && !subscriptions->empty(); }
  /// RESP2 with subscriptions: only a few commands are allowed.
  bool in_subscribed_mode() const { return protocol == ProtocolVersion::resp2 && subscribed(); }
  bool in_transaction() const { return details && details->transaction; }
  bool in_exec() const { return details && details->exec; }
  ClientDetails& ensure_details() {
    if (!details) details = std::make_unique<ClientDetails>();
    return *details;
  }
  Subscriptions& ensure_subscriptions() {
    if (!subscriptions) subscriptions = std::make_unique<Subscriptions>();
    return *subscriptions;
  }
};

}  // namespace respublica
