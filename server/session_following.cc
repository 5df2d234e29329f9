#include "server/close_reason.h"
#include "server/durable_channels.h"
#include "server/io_thread.h"
#include "server/log.h"
#include "server/session.h"

// The session's `$since:` subscriptions: read from the log as fast as the client takes them.

namespace respublica {

void Session::follow(std::string_view name, const SinceName& since) {
  role_.assert_held();
  if (!followers_) followers_ = std::make_unique<ChannelFollowers>();
  Followers& all = io_.server().durable().followers();
  followers_->add({name, since, all.follow(since.channel, io_.index(), number())});
}

void Session::unfollow(std::string_view name) {
  role_.assert_held();
  if (followers_) followers_->remove(name);
}

void Session::unfollow_all() {
  role_.assert_held();
  followers_.reset();
}

void Session::read_followed() {
  role_.assert_held();
  if (!followers_ || closing() || close_after_flush_ || client_.in_exec() || !output_.empty()) return;
  std::string messages;
  const auto find = [this](std::string_view channel) { return io_.streams().find(channel); };
  const Result<std::uint64_t> read = followers_->read(find, io_.streams().reader(), client_.protocol, messages);
  if (!read) {
    log_event(LogLevel::warning, "entries cannot be replayed to a subscriber, closing",
              {{"id", client_.id}, {"addr", peer_address()}, {"reason", read.error().message}});
    close_soon(CloseReason::log_unreadable);
    return;
  }
  if (messages.empty()) {
    follow_on();
    return;
  }
  io_.counters().messages_delivered.add(read.value());
  output_.append_shared(SharedBytes::copy_of(messages));
  followers_->queued(messages.size());
  io_.flush_later(*this, FlushDue::messages);
}

void Session::follow_on() {
  role_.assert_held();
  if (!followers_ || !followers_->due() || !output_.empty()) return;
  // Others have their turn first.
  io_.post_behind_others([&io = io_, number = client_.id] {
    if (Session* session = io.find(number)) session->read_followed();
  });
}

}  // namespace respublica
