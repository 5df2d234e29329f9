#include "server/io_thread.h"
#include "server/log.h"
#include "server/output_limits.h"
#include "server/session.h"

// How much may wait for one session, on its way in and on its way out, and for how long.

namespace respublica {
namespace {

/// Before AUTH, as in Redis: what may wait to be parsed, and what may wait to be sent.
constexpr std::size_t kMaxPendingUnauthenticated = 1024 * 1024;
constexpr std::size_t kMaxOutputUnauthenticated = 1024;

}  // namespace

bool Session::must_authenticate() const {
  role_.assert_held();
  return !client_.authenticated && !io_.settings().requirepass.empty();
}

std::size_t Session::query_buffer_bytes() const {
  role_.assert_held();
  return input_.memory();
}

std::size_t Session::memory_bytes() const {
  role_.assert_held();
  return sizeof(Session) + input_.memory() + output_.own_bytes() + (client_.details ? sizeof(ClientDetails) : 0);
}

std::size_t Session::waiting_output() const {
  const std::size_t replayed = followers_ ? followers_->unsent() : 0;
  return output_.size() - replayed + (client_.in_exec() ? client_.details->exec->waiting_bytes() : 0);
}

void Session::check_query_limit() {
  const std::size_t held = input_.memory() + (client_.in_transaction() ? client_.details->transaction->bytes : 0);
  const auto limit = static_cast<std::size_t>(io_.settings().client_query_buffer_limit);
  if (held > limit || (must_authenticate() && held > kMaxPendingUnauthenticated)) {
    io_.counters().query_limit_disconnections.add();
    log_event(LogLevel::warning, "client exceeded its query buffer limit, closing",
              {{"id", client_.id}, {"addr", peer_address()}, {"bytes", held}});
    close_soon(CloseReason::query_buffer_limit);
  }
}

void Session::check_output_limits(std::size_t indivisible) {
  const bool must_authenticate = this->must_authenticate();
  if (waiting_output() <= io_.smallest_output_limit() && !must_authenticate) return;
  if (must_authenticate && output_.size() > kMaxOutputUnauthenticated) {
    flush();
    if (output_.size() > kMaxOutputUnauthenticated) close_for_output(CloseReason::output_hard_limit);
    return;
  }
  const OutputLimit limit = output_limit_of(client_, io_.settings());
  if (limit.exceeds_hard(waiting_output())) {
    // What piled up in this turn may still go out; a single message above the limit is too much by itself.
    if (!limit.exceeds_hard(indivisible)) flush();
    if (!closing() && limit.exceeds_hard(waiting_output())) close_for_output(CloseReason::output_hard_limit);
    return;
  }
  if (limit.exceeds_soft(waiting_output())) {
    if (!over_soft_limit_since_) over_soft_limit_since_ = io_.now();
  }
}

void Session::close_for_output(CloseReason reason) {
  io_.counters().output_limit_disconnections.add();
  log_event(LogLevel::warning, "client exceeded its output buffer limit, closing",
            {{"id", client_.id},
             {"addr", peer_address()},
             {"class", client_.subscribed() ? "pubsub" : "normal"},
             {"reason", to_string(reason)},
             {"queued_bytes", waiting_output()}});
  close_soon(reason);
}

void Session::check_limits(SteadyTime now) {
  role_.assert_held();
  if (closing()) return;
  const OutputLimit limit = output_limit_of(client_, io_.settings());
  if (!limit.exceeds_soft(waiting_output())) {
    over_soft_limit_since_.reset();
  } else if (!over_soft_limit_since_) {
    over_soft_limit_since_ = now;
  } else if (now - *over_soft_limit_since_ >= limit.soft_time) {
    close_for_output(CloseReason::output_soft_limit);
    return;
  }
  const auto timeout = std::chrono::seconds(io_.settings().timeout);
  if (timeout.count() > 0 && !client_.subscribed() && !client_.monitor &&
      (suspension_ == Suspension::none || suspension_ == Suspension::ending) &&
      now - client_.last_interaction > timeout) {
    close_soon(CloseReason::idle_timeout);
  }
}

}  // namespace respublica
