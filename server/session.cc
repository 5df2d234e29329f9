#include "server/session.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "protocol/error_replies.h"
#include "server/command_context.h"
#include "server/io_thread.h"
#include "server/log.h"
#include "server/socket_address.h"

namespace respublica {
namespace {

/// Replies to pipelined requests gather up to this many bytes before they are queued.
constexpr std::size_t kReplyChunk = 64 * 1024;
constexpr std::size_t kMaxVectors = 64;
/// Who sends less at once is taken to wait for the answer.
constexpr std::size_t kMuchRead = 1024;

/// A single piece, which is what most subscribers get per turn, is sent without the cost of a message header.
ssize_t send_some(int descriptor, std::span<iovec> vectors) {
  constexpr int kFlags = MSG_NOSIGNAL | MSG_DONTWAIT;
  if (vectors.size() == 1) return ::send(descriptor, vectors[0].iov_base, vectors[0].iov_len, kFlags);
  msghdr message{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = vectors.size();
  return ::sendmsg(descriptor, &message, kFlags);
}

}  // namespace

Session::Session(IoThread& io, ClientSocket socket, std::uint64_t number)
    : io_(io), role_(io.role()), socket_(std::move(socket)) {
  client_.id = number;
  client_.created = io.now();
  client_.last_interaction = io.now();
  client_.authenticated = io.settings().requirepass.empty();
}

Session::~Session() = default;

void Session::start() {
  role_.assert_held();
  wait_readable();
}

Subscriber Session::subscriber() const {
  const std::uint8_t lane = client_.protocol == ProtocolVersion::resp3 ? kLaneResp3 : kLaneResp2;
  return Subscriber(io_.index(), lane, client_.id);
}

std::string Session::peer_address() const { return socket_address(descriptor(), AddressOf::peer); }
std::string Session::local_address() const { return socket_address(descriptor(), AddressOf::local); }

int Session::descriptor() const { return const_cast<ClientSocket&>(socket_).native_handle(); }

// Reading ------------------------------------------------------------------------------------------------------------

void Session::wait_readable() {
  if (waiting_readable_ || closing() || !reads()) return;
  // The client has the reply before the loop hears of its socket: flush() comes back here.
  if (flush_due == FlushDue::awaited_reply) return;
  waiting_readable_ = true;
  socket_.async_wait(ClientSocket::wait_read, [&io = io_, number = client_.id](const boost::system::error_code& error) {
    io.role().assert_held();
    Session* session = io.find(number);
    if (session == nullptr) return;
    session->role_.assert_held();
    session->on_readable(error);
  });
}

void Session::on_readable(const boost::system::error_code& error) {
  waiting_readable_ = false;
  if (error || closing()) return;
  io_.touch_clock();
  if (reads()) read_once();
  wait_readable();
}

void Session::read_once() {
  std::vector<char>& buffer = io_.read_buffer();
  std::array<iovec, 2> vectors;
  msghdr message{};
  message.msg_iovlen = input_.room(vectors, buffer);
  message.msg_iov = vectors.data();
  const ssize_t received = ::recvmsg(descriptor(), &message, MSG_DONTWAIT);
  if (received < 0) {
    if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) close_soon(CloseReason::read_error);
    return;
  }
  if (received == 0) {
    // The peer may have closed its sending side only: what it asked before is answered.
    close_after_flush(CloseReason::peer_closed);
    return;
  }
  const auto bytes = static_cast<std::size_t>(received);
  reads_much_ = bytes >= kMuchRead;
  client_.network_in_bytes += bytes;
  client_.last_interaction = io_.now();
  io_.count_read(bytes);
  if (suspended()) {
    input_.hold({buffer.data(), bytes});
    check_query_limit();
  } else if (const auto input = input_.received(bytes, buffer)) {
    serve(*input);
  } else {
    check_query_limit();
  }
}

void Session::serve(std::string_view input) {
  RequestParser& parser = input_.parser(io_.parser());
  io_.begin_serving(*this);
  io_.publish_run().set_stable_input(input);
  const std::string_view rest = process(parser, input);
  io_.end_serving();
  if (closing()) {
    parser.reset();
    return;
  }
  input_.keep(rest, io_.parser());
  if (!suspended()) input_.begin_block();
  if (!input_.empty() || client_.in_transaction()) check_query_limit();
}

std::string_view Session::process(RequestParser& parser, std::string_view input) {
  ParseLimits limits{static_cast<std::size_t>(io_.settings().proto_max_bulk_len), Authenticated::yes};
  while (!input.empty()) {
    limits.authenticated = must_authenticate() ? Authenticated::no : Authenticated::yes;
    switch (parser.parse(input, limits)) {
      case RequestParser::Status::need_more:
        return input;
      case RequestParser::Status::error:
        if (io_.durable_run().open()) {
          // The error comes after the answers to what was asked before it.
          io_.durable_run().seal();
          parser.put_back();
          return input;
        }
        fail_protocol(parser.error());
        return {};
      case RequestParser::Status::close:
        close_soon(CloseReason::protocol_error);
        return {};
      case RequestParser::Status::request:
        break;
    }
    if (parser.arguments().size() == 0) {
      input.remove_prefix(parser.consumed());
      continue;
    }
    const Dispatcher::Outcome outcome = io_.dispatcher().execute(*this, parser.arguments());
    if (outcome != Dispatcher::Outcome::done) {
      parser.put_back();
      if (outcome == Dispatcher::Outcome::postponed) {
        suspension_ = Suspension::waiting;
        io_.add_paused(client_.id);
      }
      return input;
    }
    input.remove_prefix(parser.consumed());
    if (suspended() || closing()) return input;
    if (client_.close_after_reply) {
      close_after_flush(CloseReason::quit);
      return {};
    }
    if (io_.replies().size() > kReplyChunk) io_.commit_replies();
    if (client_.in_transaction()) check_query_limit();
    if (closing()) return {};
  }
  return {};
}

void Session::fail_protocol(std::string_view sentence) {
  io_.publish_run().seal();
  const std::string error = errors::with_code(sentence);
  ReplyEncoder(io_.replies(), client_.protocol).error(error);
  io_.counters().count_error(error);
  log_event(LogLevel::verbose, "protocol error", {{"id", client_.id}, {"addr", peer_address()}, {"error", sentence}});
  close_after_flush(CloseReason::protocol_error);
}

// Waiting ------------------------------------------------------------------------------------------------------------

void Session::resume(const Command& command, const std::function<void(CommandContext&)>& answer) {
  resume(command, 1, [&answer](CommandContext& context, std::size_t) { answer(context); });
}

void Session::resume(const Command& command, std::size_t count,
                     const std::function<void(CommandContext&, std::size_t)>& answer) {
  role_.assert_held();
  if (closing()) return;
  // Before the session ends, what it has been waiting for is still answered, and nothing more is served.
  const bool ending = suspension_ == Suspension::ending;
  if (!ending) suspension_ = Suspension::none;
  io_.begin_serving(*this);
  if (client_.in_exec()) io_.replies().swap(client_.details->exec->replies);
  for (std::size_t i = 0; i < count; ++i) {
    io_.dispatcher().answer(*this, command, [&](CommandContext& context) { answer(context, i); });
  }
  io_.dispatcher().continue_exec(*this);
  io_.end_serving();
  if (suspended()) return;
  if (client_.close_after_reply) {
    close_after_flush(CloseReason::quit);
  } else {
    resume();
  }
}

void Session::resume() {
  role_.assert_held();
  if (closing() || suspension_ == Suspension::ending) return;
  suspension_ = Suspension::none;
  if (!input_.empty()) serve(input_.kept());
  wait_readable();
}

void Session::block(Blocked blocked) {
  role_.assert_held();
  suspension_ = Suspension::waiting;
  if (blocked.deadline) io_.watch_deadlines();
  blocked_ = std::make_unique<Blocked>(std::move(blocked));
}

std::unique_ptr<Session::Blocked> Session::take_blocked() {
  if (blocked_->deadline) io_.unwatch_deadlines();
  return std::move(blocked_);
}

void Session::unblock(std::optional<std::string_view> error) {
  role_.assert_held();
  if (!blocked_) return;
  if (blocked_->give_up) {
    if (error) blocked_->error = *error;
    blocked_->give_up();
    return;
  }
  const std::unique_ptr<Blocked> blocked = take_blocked();
  if (error) {
    resume(*blocked->command, [&](CommandContext& context) { context.reply.error(*error); });
  } else {
    resume(*blocked->command, blocked->answer);
  }
}

void Session::end_wait(Found found, const std::function<void(CommandContext&)>& answer) {
  role_.assert_held();
  if (!blocked_) return;
  const std::unique_ptr<Blocked> blocked = take_blocked();
  if (blocked->error && found == Found::nothing) {
    resume(*blocked->command, [&](CommandContext& context) { context.reply.error(*blocked->error); });
  } else {
    resume(*blocked->command, answer);
  }
}

void Session::look_again() {
  role_.assert_held();
  if (blocked_ && blocked_->ready && blocked_->ready()) unblock(std::nullopt);
}

void Session::check_deadline(SteadyTime now) {
  role_.assert_held();
  if (blocked_ && blocked_->deadline && now >= *blocked_->deadline) unblock(std::nullopt);
}

// Sending ------------------------------------------------------------------------------------------------------------

void Session::send_copy(std::string_view bytes) {
  role_.assert_held();
  if (bytes.empty() || closing()) return;
  output_.append_copy(bytes);
  reply_queued();
}

void Session::send_shared(const SharedBytes& block) {
  role_.assert_held();
  if (closing()) return;
  output_.append_shared(block);
  reply_queued();
}

void Session::reply_queued() {
  check_output_limits(0);
  io_.flush_later(*this, reads_much_ ? FlushDue::reply : FlushDue::awaited_reply);
}

void Session::deliver(const SharedBytes& head, const SharedBytes& payload, std::uint32_t messages) {
  role_.assert_held();
  if (closing() || close_after_flush_) return;
  if (client_.in_exec()) {
    client_.details->exec->hold({head, payload});
  } else {
    append(head, payload);
  }
  check_output_limits(messages == 1 ? head.size() + (payload ? payload.size() : 0) : 0);
}

void Session::append(const SharedBytes& head, const SharedBytes& payload) {
  if (!payload && head.size() <= OutputQueue::kCopyLimit) {
    output_.append_copy(head.view());
  } else {
    output_.append_shared(head);
    if (payload) output_.append_shared(payload);
  }
  io_.flush_later(*this, FlushDue::messages);
}

void Session::send_held() {
  role_.assert_held();
  if (!client_.in_exec() || closing()) return;
  for (const HeldMessages& held : client_.details->exec->take_held()) append(held.head, held.payload);
}

void Session::flush() {
  role_.assert_held();
  send_queued();
  wait_readable();
}

void Session::send_queued() {
  if (waiting_writable_ || closing()) return;
  std::array<iovec, kMaxVectors> vectors;
  while (!output_.empty()) {
    const ssize_t sent = send_some(descriptor(), std::span(vectors.data(), output_.gather(vectors)));
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) {
        wait_writable();
      } else {
        close_soon(CloseReason::write_error);
      }
      return;
    }
    const auto bytes = static_cast<std::size_t>(sent);
    output_.consume(bytes);
    if (followers_) followers_->sent(bytes);
    client_.network_out_bytes += bytes;
    io_.counters().net_output_bytes.add(bytes);
    io_.counters().writes_processed.add();
  }
  over_soft_limit_since_.reset();
  if (close_after_flush_) {
    close_soon(*close_after_flush_);
  } else {
    follow_on();
  }
}

void Session::wait_writable() {
  waiting_writable_ = true;
  socket_.async_wait(ClientSocket::wait_write,
                     [&io = io_, number = client_.id](const boost::system::error_code& error) {
                       io.role().assert_held();
                       Session* session = io.find(number);
                       if (session == nullptr) return;
                       session->role_.assert_held();
                       session->waiting_writable_ = false;
                       if (!error) session->flush();
                     });
}

void Session::close_soon(CloseReason reason) {
  role_.assert_held();
  if (closing()) return;
  close_reason_ = reason;
  output_.clear();
  io_.mark_closing(*this);
}

void Session::release() {
  role_.assert_held();
  if (blocked_) take_blocked();
  if (client_.monitor) io_.server().monitors().fetch_sub(1, std::memory_order_relaxed);
  if (client_.subscriptions) io_.server().registry().forget(subscriber(), *client_.subscriptions);
  log_event(LogLevel::verbose, "client disconnected",
            {{"id", client_.id}, {"addr", peer_address()}, {"reason", to_string(*close_reason_)}});
}

void Session::close_after_flush(CloseReason reason) {
  role_.assert_held();
  if (close_after_flush_) return;
  close_after_flush_ = reason;
  suspension_ = Suspension::ending;
  io_.flush_later(*this, FlushDue::reply);
}

}  // namespace respublica
