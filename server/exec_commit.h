#pragma once
// The durable part of an EXEC.

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "broker/durable_command.h"
#include "broker/stream_watches.h"
#include "server/durable_run.h"

namespace respublica {

struct CommandContext;
struct QueuedCommand;
class Session;

/// All that an EXEC changes in streams, handed to the sequencer as one: it is written with one frame, or not at all.
/// Between the changes stand looks at what the commands that read are to see. When the log has it, the commands are
/// called in their order: those that change, or ask the sequencer, are answered from their outcomes, those that read
/// see what they asked for, all others run as ever.
///
///     XADD a * .. | XLEN a | PUBLISH live x    ->  append, show a  ->  answer from outcome | XLEN on what was shown |
///     PUBLISH
///
/// Thread: the client's io thread; the outcomes come from the sequencer.
class ExecCommit : public std::enable_shared_from_this<ExecCommit> {
 public:
  /// Has the handlers of the commands say what they change; null when that is nothing.
  static std::shared_ptr<ExecCommit> gather(CommandContext& context, const std::vector<QueuedCommand>& queue);

  /// Submits it, and suspends the session until the log has it; then the EXEC goes on, or is answered with null (a
  /// watched stream has changed) or an error.
  void submit(CommandContext& context, std::vector<std::shared_ptr<const StreamWatch>> watches);

  /// Calls the next command of the EXEC.
  void call_next(Session& session, const QueuedCommand& queued, std::span<const std::string_view> arguments);

 private:
  /// A handler: writes the reply of a command that was part of the commit.
  static void answer(CommandContext& context);
  void go_on(Session& session);

  /// One for each command.
  std::vector<DurableRun::Call> calls_;
  std::vector<DurableCommand> commands_;
  std::vector<DurableOutcome> outcomes_;
  /// The next of calls_ and of outcomes_.
  std::size_t next_call_ = 0;
  std::size_t next_outcome_ = 0;
};

}  // namespace respublica
