#pragma once
// From a request to its command's handler.

#include <functional>
#include <span>
#include <string_view>

#include "base/clock.h"
#include "protocol/request_parser.h"
#include "server/command_table.h"

namespace respublica {

class IoThread;
class Session;
struct CommandContext;

/// Runs requests: finds the command, passes the gates that all commands share, calls the handler and counts.
///
/// The gates, in Redis's order (server.c, processCommand):
///   1. the command exists; the subcommand exists; the number of arguments fits
///   2. the client has authenticated, or the command needs no authentication
///   3. inside MULTI the command is one that may stand there
///   4. a RESP2 client with subscriptions uses only the commands for that state
///   5. CLIENT PAUSE does not hold the command back
///   6. inside MULTI the command is queued
///
/// Thread: its io thread.
class Dispatcher {
 public:
  enum class Outcome : std::uint8_t {
    done,
    /// Held back by CLIENT PAUSE: offer the same request again when the session is resumed.
    postponed,
    /// Earlier commands of the client wait for the log, and it is suspended: offer the same request again afterwards.
    waits,
  };

  explicit Dispatcher(IoThread& io) : io_(io) {}

  Outcome execute(Session& session, const Arguments& arguments);

  /// The command's own handler, or one that refuses to change a key that belongs to the broker.
  static CommandHandler handler_of(const Command& command, std::span<const std::string_view> arguments);
  /// Calls the handler of a command that has passed the gates (or was queued by MULTI), and counts it.
  void call(Session& session, const Command& command, std::span<const std::string_view> arguments) {
    call(session, command, arguments, handler_of(command, arguments));
  }
  /// The same with another handler.
  void call(Session& session, const Command& command, std::span<const std::string_view> arguments,
            CommandHandler handler);

  /// Writes what a command that was suspended answers at last.
  void answer(Session& session, const Command& command, const std::function<void(CommandContext&)>& answer);

  /// Runs the commands of an EXEC from where it stands, until its end or until one of them suspends the session.
  void continue_exec(Session& session);

  /// The block that argument `index` of the request being executed was read into, if any.
  SharedBytes argument_block(std::size_t index) const;

  /// For a PUBLISH that is not gathered with those before it: they are published and answered first.
  void leave_publish_run();

  /// What had been replied before the command that runs now is on its way to the client.
  void forget_earlier_replies() { reply_start_ = 0; }

  /// The time from which the next command's duration counts.
  void restart_clock(SteadyTime now) { clock_ = now; }
  /// Counts `count` calls since restart_clock() or the last call; each took an equal part of the time.
  void count_calls(const Command& command, std::uint64_t count, std::span<const std::string_view> arguments);

 private:
  const Command* resolve(Session& session, const Arguments& arguments);
  void refuse(Session& session, const Command* command, std::string_view sentence);
  bool held_back(const Session& session, const Command& command) const;
  void queue(Session& session, const Command& command, const Arguments& arguments);
  /// Counts the command if it answered an error, and takes back what a client that wants no replies shall not get.
  void finish_reply(Session& session, const Command& command, bool silent);
  void note_slow(std::span<const std::string_view> arguments, std::chrono::nanoseconds duration);

  IoThread& io_;
  SteadyTime clock_;
  /// Where in IoThread::replies() the reply of the command that runs now begins.
  std::size_t reply_start_ = 0;
  const Arguments* request_ = nullptr;
  /// The name resolved last and its command: requests tend to repeat.
  std::string last_name_;
  const Command* last_command_ = nullptr;
};

}  // namespace respublica
