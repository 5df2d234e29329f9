#pragma once
// Consecutive calls of one command that change streams, submitted together.

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/durable_command.h"
#include "server/command_table.h"

namespace respublica {

class IoThread;
struct CommandContext;

/// Gathers the calls of one such command (XADD, XDEL, PUBLISH on a durable channel...) that stand one behind the other
/// in what was read from one client, and hands them to the sequencer as one. The session is suspended until the log has
/// them; then all are answered. Whatever else the client asks waits, so that replies keep their order and a client
/// reads what it wrote.
///
///     XADD a * .. | XADD b * .. | XADD a * .. | XLEN a      ->  seal before XLEN, which is offered again afterwards
///
/// Thread: its io thread.
class DurableRun {
 public:
  /// Writes the reply to one call from the outcomes of its commands.
  using Answer = void (*)(CommandContext& context, std::span<const DurableOutcome> outcomes);
  /// The same with something of the request that it remembers.
  using RememberingAnswer = std::function<void(CommandContext& context, std::span<const DurableOutcome> outcomes)>;

  explicit DurableRun(IoThread& io) : io_(io) {}

  bool open() const { return run_ != nullptr; }
  /// A request that may be handled while the run is open: it will join, or fail() will be called.
  bool takes(std::span<const std::string_view> request) const;
  /// Adds the call that `context` is of; it is answered when the log has its commands. There may be none: then it is
  /// answered in its turn, at once when no run is open.
  void add(CommandContext& context, std::vector<DurableCommand> commands, Answer write_reply);
  void add(CommandContext& context, std::vector<DurableCommand> commands, RememberingAnswer write_reply);
  /// The same for a call that has one command.
  void add(CommandContext& context, DurableCommand&& command, Answer write_reply);
  /// Answers the call with an error if none of the commands, which change nothing, is refused: Redis would have found
  /// the error behind what they look for. Else `write_reply` answers.
  void fail_behind(CommandContext& context, std::vector<DurableCommand> commands, Answer write_reply,
                   std::string_view sentence);
  /// Answers the call with an error: in its turn, if the run is open.
  void fail(CommandContext& context, std::string_view sentence);
  /// Submits what was gathered, if anything was, and suspends the session being served.
  void seal();

  /// One call, and how it is answered.
  struct Call {
    std::size_t commands = 0;
    Answer write_reply = nullptr;
    /// The reply where there is no write_reply, or where no command was refused.
    std::string error;
    /// Takes the place of write_reply.
    std::unique_ptr<const RememberingAnswer> remembering;

    /// False for a command of an EXEC that is no change.
    bool answers() const { return write_reply != nullptr || remembering != nullptr || !error.empty(); }
    void reply(CommandContext& context, std::span<const DurableOutcome> outcomes) const;
  };
  /// Between these two, what commands of an EXEC add and fail is gathered for it, whatever command it is of, and
  /// nothing is submitted or answered. What such a call asks of streams it asks of those that the commands before it
  /// leave.
  void begin_gathering(const Command& exec);
  std::pair<std::vector<Call>, std::vector<DurableCommand>> end_gathering();
  bool gathering() const { return gathering_; }
  /// What has been gathered.
  const std::vector<DurableCommand>& commands() const { return commands_; }

 private:
  struct Run {
    const Command* command = nullptr;
    std::vector<Call> calls;
  };

  void begin(const CommandContext& context);
  /// Takes a call with its commands.
  void take(const CommandContext& context, std::vector<DurableCommand> commands, Call call);
  /// Takes the call whose commands stand at the end of commands_.
  void finish(const CommandContext& context, Call call);

  IoThread& io_;
  /// Null when no run is open.
  std::shared_ptr<Run> run_;
  /// The names of the command and of the subcommand, if it is one, as the client wrote them.
  std::string name_;
  std::string subcommand_;
  std::vector<DurableCommand> commands_;
  std::size_t bytes_ = 0;
  bool gathering_ = false;
};

}  // namespace respublica
