#pragma once
// What a command's handler works with.

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/reply_encoder.h"
#include "protocol/request_parser.h"
#include "server/client_state.h"
#include "server/command_table.h"

namespace respublica {

class IoThread;
class ServerState;
class Session;

/// One call of one command. Handlers write their reply to `reply` before they return, or call one of the functions
/// below that answer later.
/// Thread: the session's io thread.
struct CommandContext {
  const Command& command;
  /// Argument 0 is the command's name (and argument 1 the subcommand's).
  std::span<const std::string_view> arguments;
  ReplyEncoder& reply;
  ClientState& client;
  Session& session;
  IoThread& io;
  ServerState& server;

  std::size_t size() const { return arguments.size(); }
  std::string_view operator[](std::size_t index) const { return arguments[index]; }
  /// Argument `index` equals `word` (given in lower case) in any case.
  bool is(std::size_t index, std::string_view word) const;

  /// Asks every io thread for something and answers when all have replied: `ask` runs on each io thread, `answer` on
  /// this session's, with the answers in the order of the io threads. Commands that follow wait. `answer` is dropped
  /// when the client has gone meanwhile.
  void ask_io_threads(std::function<std::string(IoThread&)> ask,
                      std::function<void(CommandContext&, std::vector<std::string>)> answer);

  /// What a blocked client waits for beside the time: `ready` is asked whenever Session::look_again() is called, and
  /// `registration` is kept until the client is blocked no more.
  struct Awaited {
    std::function<bool()> ready;
    std::shared_ptr<void> registration;
  };

  /// Blocks the client (commands that follow wait) until `timeout` has passed (0 = for ever), what is awaited is there,
  /// or CLIENT UNBLOCK; then `answer` runs. Inside EXEC it does not block: `answer` runs at once.
  void block(std::chrono::milliseconds timeout, std::function<void(CommandContext&)> answer, Awaited awaited = {});
};

}  // namespace respublica
