#include "server/listener.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "protocol/error_replies.h"
#include "protocol/reply_encoder.h"
#include "server/io_thread.h"
#include "server/log.h"
#include "server/socket_address.h"
#include "server/socket_options.h"

namespace respublica {
namespace {

/// Sockets accepted in a row before other handlers get their turn.
constexpr int kMaxAcceptsPerWait = 256;
constexpr std::chrono::milliseconds kPauseWithoutDescriptors{100};

void answer_and_close(int descriptor, std::string_view sentence) {
  std::string line;
  ReplyEncoder(line, ProtocolVersion::resp2).error(sentence);
  // A client that does not take the sentence at once does not get it.
  [[maybe_unused]] const ssize_t sent = ::send(descriptor, line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  ::close(descriptor);
}

}  // namespace

Listener::Listener(IoThread& io, int descriptor, Spread spread)
    : io_(io), socket_(io.context().get_executor(), descriptor), pause_(io.context()), spread_(spread) {
  socket_.non_blocking(true);
}

void Listener::start() { accept_next(); }

void Listener::close() {
  io_.post([this] {
    boost::system::error_code ignored;
    socket_.close(ignored);
    pause_.cancel();
  });
}

void Listener::accept_next() {
  socket_.async_wait(boost::asio::posix::descriptor_base::wait_read, [this](const boost::system::error_code& error) {
    io_.role().assert_held();
    if (!error) on_readable();
  });
}

void Listener::on_readable() {
  for (int accepted = 0; accepted < kMaxAcceptsPerWait && socket_.is_open(); ++accepted) {
    const int descriptor = ::accept4(socket_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor >= 0) {
      out_of_descriptors_ = false;
      take(descriptor);
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      pause_accepting();
      return;
    } else if (errno != EINTR && errno != ECONNABORTED) {
      break;
    }
  }
  if (socket_.is_open()) accept_next();
}

void Listener::pause_accepting() {
  if (!out_of_descriptors_) {
    log_event(LogLevel::warning, "cannot accept clients", {{"reason", std::strerror(errno)}});
  }
  out_of_descriptors_ = true;
  pause_.expires_after(kPauseWithoutDescriptors);
  pause_.async_wait([this](const boost::system::error_code& error) {
    io_.role().assert_held();
    if (!error && socket_.is_open()) accept_next();
  });
}

void Listener::take(int descriptor) {
  ServerState& server = io_.server();
  const Settings& settings = io_.settings();
  if (settings.protected_mode && settings.requirepass.empty() && !is_local_peer(descriptor)) {
    io_.counters().rejected_connections.add();
    answer_and_close(descriptor, errors::kProtectedMode);
    return;
  }
  if (!server.admit_client()) {
    io_.counters().rejected_connections.add();
    answer_and_close(descriptor, errors::kMaxClients);
    return;
  }
  set_client_options(descriptor, settings.tcp_keepalive);
  if (spread_ == Spread::own_thread) {
    adopt_on(io_, descriptor);
    return;
  }
  IoThread& chosen = *server.io_threads()[next_thread_++ % server.io_threads().size()];
  if (&chosen == &io_) {
    adopt_on(io_, descriptor);
  } else {
    chosen.post([this, &chosen, descriptor] { adopt_on(chosen, descriptor); });
  }
}

void Listener::adopt_on(IoThread& io, int descriptor) {
  sockaddr_storage local{};
  socklen_t length = sizeof(local);
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&local), &length);
  ClientSocket socket(io.context().get_executor());
  boost::system::error_code error;
  socket.assign(boost::asio::generic::stream_protocol(local.ss_family, 0), descriptor, error);
  if (error) {
    // The system watches no more sockets for us (fs.epoll.max_user_watches), or has no memory for it.
    io.server().release_client();
    io.counters().rejected_connections.add();
    ::close(descriptor);
    if (!unwatched_.exchange(true)) {
      log_event(LogLevel::warning, "cannot accept clients", {{"reason", error.message()}});
    }
    return;
  }
  if (unwatched_) unwatched_ = false;
  io.adopt(std::move(socket));
}

}  // namespace respublica
