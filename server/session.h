#pragma once
// One client's connection.

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/shared_bytes.h"
#include "base/thread_role.h"
#include "broker/subscriber.h"
#include "server/channel_follower.h"
#include "server/client_state.h"
#include "server/close_reason.h"
#include "server/flush_stage.h"
#include "server/output_queue.h"
#include "server/request_input.h"

namespace respublica {

class IoThread;
struct CommandContext;

/// The stream socket of a session, TCP or unix, without Asio's type-erased executor: an idle session should be small.
using ClientSocket =
    boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol, boost::asio::io_context::executor_type>;

/// A connection: it reads when the socket is ready, hands complete requests to the dispatcher, and queues what the
/// client is to receive; its io thread has the queue flushed (FlushStage). Created by Listener, owned by its io
/// thread's table, and looked up there by number: nobody keeps a Session* across turns. It never decides what a
/// command means.
///
/// While a command waits for something, what the client sends waits in input_; see Suspension.
///
/// Thread: its io thread.
class Session {
 public:
  Session(IoThread& io, ClientSocket socket, std::uint64_t number);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Begins to read.
  void start();

  std::uint64_t number() const { return client_.id; }
  ClientState& client() { return client_; }
  const ClientState& client() const { return client_; }
  IoThread& io() { return io_; }
  /// As a subscriber of the registry: its lane is its protocol version.
  Subscriber subscriber() const;
  const OutputQueue& output() const {
    role_.assert_held();
    return output_;
  }

  /// "127.0.0.1:1234", "[::1]:1234" or "/path/to/socket:0", as CLIENT LIST has it.
  std::string peer_address() const;
  std::string local_address() const;
  int descriptor() const;
  /// Bytes of requests that are not complete yet, and the memory that this session uses, for CLIENT LIST.
  std::size_t query_buffer_bytes() const;
  std::size_t memory_bytes() const;

  /// A password is set and this client has not given it.
  bool must_authenticate() const;

  /// Queues bytes for the client. All three check the output limits, and do nothing when the session is closing.
  void send_copy(std::string_view bytes);
  /// The block must not change any more.
  void send_shared(const SharedBytes& block);
  /// Queues messages: frames, or the head of one frame and its payload. During an EXEC they are held until its end.
  void deliver(const SharedBytes& head, const SharedBytes& payload, std::uint32_t messages);

  /// Queues the messages that an EXEC has held back so far.
  void send_held();

  /// Ends the session at the end of this turn, without flushing. Further calls are ignored.
  void close_soon(CloseReason reason);
  /// Serves no further request; what is queued is still sent.
  void stop_serving() {
    role_.assert_held();
    suspension_ = Suspension::ending;
  }
  /// Ends it once what is queued has been sent.
  void close_after_flush(CloseReason reason);
  bool closing() const {
    role_.assert_held();
    return close_reason_.has_value();
  }
  std::optional<CloseReason> close_reason() const {
    role_.assert_held();
    return close_reason_;
  }

  /// Holds back the commands that follow until resume(), which comes soon.
  void suspend() {
    role_.assert_held();
    suspension_ = Suspension::asking;
  }
  bool suspended() const {
    role_.assert_held();
    return suspension_ != Suspension::none;
  }
  /// Goes on with what is pending; first `answer` writes the reply of the command that suspended.
  void resume(const Command& command, const std::function<void(CommandContext&)>& answer);
  /// The same for `count` calls of the command, which were suspended together; answer(context, i) is of call i.
  void resume(const Command& command, std::size_t count,
              const std::function<void(CommandContext&, std::size_t)>& answer);
  /// Goes on with what is pending after CLIENT PAUSE: the request that was held back is offered again.
  void resume();

  /// Blocked until a deadline or CLIENT UNBLOCK; see CommandContext::block().
  struct Blocked {
    std::optional<SteadyTime> deadline;
    const Command* command;
    std::function<void(CommandContext&)> answer;
    /// Says whether it need not wait any more; asked by look_again(). Empty: it waits for the other two.
    std::function<bool()> ready;
    /// Kept for as long as the client is blocked.
    std::shared_ptr<void> registration;
    /// Not empty: somebody else says when the wait is over, with end_wait(), and is asked to do it now.
    std::function<void()> give_up = {};
    /// What CLIENT UNBLOCK has it answer, if nothing has come by then.
    std::optional<std::string> error = std::nullopt;
  };
  void block(Blocked blocked);
  bool blocked() const {
    role_.assert_held();
    return blocked_ != nullptr;
  }
  /// Answers as if the time had passed; with `error` answers that error instead (CLIENT UNBLOCK ... ERROR).
  void unblock(std::optional<std::string_view> error);
  enum class Found : std::uint8_t { nothing, something };
  /// Answers a client that is blocked until this is called.
  void end_wait(Found found, const std::function<void(CommandContext&)>& answer);
  /// Answers if what it waits for is there.
  void look_again();
  void check_deadline(SteadyTime now);

  /// Begins a `$since:` subscription: its messages come after what is queued when the session is no longer served.
  void follow(std::string_view name, const SinceName& since);
  /// Ends it. No message of it is queued any more.
  void unfollow(std::string_view name);
  void unfollow_all();
  /// Queues messages of such subscriptions, if the queue is empty.
  void read_followed();
  /// Has that done soon, if it is due.
  void follow_on();

  /// Called by the io thread before it destroys the session: gives back what others count or know of it.
  void release();
  /// Called by the io thread: sends what the socket takes.
  void flush();
  /// Called by the io thread once a second: idle timeout and soft output limit.
  void check_limits(SteadyTime now);
  /// Kept by FlushStage.
  FlushDue flush_due = FlushDue::nothing;

 private:
  /// Why no commands are served now.
  enum class Suspension : std::uint8_t {
    none,
    /// An answer is on its way. Nothing is read: a client that ended its sending side gets it all the same.
    asking,
    /// CLIENT PAUSE, or a blocking command: that can take long. What comes is read and kept, so that the end of the
    /// connection is noticed.
    waiting,
    /// The session is about to end: what is queued is sent, nothing is read.
    ending,
  };

  bool reads() const REQUIRES(role_) { return suspension_ == Suspension::none || suspension_ == Suspension::waiting; }
  void wait_readable() REQUIRES(role_);
  void send_queued() REQUIRES(role_);
  void wait_writable() REQUIRES(role_);
  void on_readable(const boost::system::error_code& error) REQUIRES(role_);
  void read_once() REQUIRES(role_);
  /// Serves all complete requests of `input`, and keeps the rest.
  void serve(std::string_view input) REQUIRES(role_);
  /// Returns what is left of `input`.
  std::string_view process(RequestParser& parser, std::string_view input) REQUIRES(role_);
  void check_query_limit() REQUIRES(role_);
  /// Logical bytes that wait for the client: queued, or held until the end of an EXEC. What is read from the log for it
  /// is not counted.
  std::size_t waiting_output() const REQUIRES(role_);
  void fail_protocol(std::string_view sentence) REQUIRES(role_);
  std::unique_ptr<Blocked> take_blocked() REQUIRES(role_);
  void reply_queued() REQUIRES(role_);
  void append(const SharedBytes& head, const SharedBytes& payload) REQUIRES(role_);
  /// `indivisible` bytes of what was appended last are one message.
  void check_output_limits(std::size_t indivisible) REQUIRES(role_);
  void close_for_output(CloseReason reason) REQUIRES(role_);

  IoThread& io_;
  /// io_'s role, for the compiler.
  ThreadRole& role_;
  ClientSocket socket_;
  OutputQueue output_ GUARDED_BY(role_);
  ClientState client_;
  RequestInput input_ GUARDED_BY(role_);
  std::unique_ptr<Blocked> blocked_ GUARDED_BY(role_);
  /// Null while there is none.
  std::unique_ptr<ChannelFollowers> followers_ GUARDED_BY(role_);
  /// When the soft output limit was first exceeded, if it still is.
  std::optional<SteadyTime> over_soft_limit_since_ GUARDED_BY(role_);
  std::optional<CloseReason> close_reason_ GUARDED_BY(role_);
  std::optional<CloseReason> close_after_flush_ GUARDED_BY(role_);
  Suspension suspension_ GUARDED_BY(role_) = Suspension::none;
  bool waiting_writable_ GUARDED_BY(role_) = false;
  bool waiting_readable_ GUARDED_BY(role_) = false;
  /// The last read brought so much that more is taken to be there before what it asked for is answered.
  bool reads_much_ GUARDED_BY(role_) = false;
};

}  // namespace respublica
